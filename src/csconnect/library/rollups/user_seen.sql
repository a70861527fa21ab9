/*
about: "the first and the last day on which a user was active, as far back as usage is kept; a day is active when the user logged in, did anything, or used a module"
columns: {account_id: VARCHAR, user: VARCHAR, first_day: DATE, last_day: DATE}
entities: [usage_day]
*/
SELECT usage_day.account_id, usage_day."user", min(usage_day.day) AS first_day, max(usage_day.day) AS last_day
FROM usage_day
WHERE (usage_day.logins > 0 OR usage_day.events > 0 OR array_length(usage_day.modules) > 0)
    AND date_diff('day', usage_day.day, :as_of) >= 0
GROUP BY usage_day.account_id, usage_day."user"
