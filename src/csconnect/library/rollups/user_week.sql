/*
about: "who was active in which week back from the day (0: the day itself and the six before it), on how many days; a day is active when the user logged in, did anything, or used a module. work_days are those from Monday to Friday"
columns: {account_id: VARCHAR, user: VARCHAR, week: BIGINT, days: BIGINT, logins: BIGINT, events: BIGINT, work_days: BIGINT}
window: 140
entities: [usage_day]
*/
SELECT
    usage_day.account_id,
    usage_day."user",
    CAST(floor(date_diff('day', usage_day.day, :as_of) / 7) AS BIGINT) AS week,
    count(*) AS days,
    CAST(sum(usage_day.logins) AS BIGINT) AS logins,
    CAST(sum(usage_day.events) AS BIGINT) AS events,
    -- 1 January 1900 was a Monday
    CAST(sum(CASE WHEN date_diff('day', DATE '1900-01-01', usage_day.day) % 7 < 5 THEN 1 ELSE 0 END) AS BIGINT) AS work_days
FROM usage_day
WHERE (usage_day.logins > 0 OR usage_day.events > 0 OR array_length(usage_day.modules) > 0)
    AND date_diff('day', usage_day.day, :as_of) BETWEEN 0 AND :window - 1
GROUP BY usage_day.account_id, usage_day."user", CAST(floor(date_diff('day', usage_day.day, :as_of) / 7) AS BIGINT)
