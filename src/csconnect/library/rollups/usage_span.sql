/*
about: the first day of which any usage is known, one row; before it nobody can say who was there
columns: {first_day: DATE}
entities: [usage_day]
*/
SELECT min(usage_day.day) AS first_day
FROM usage_day
