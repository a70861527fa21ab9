/*
about: "when each user was active, as far back as usage is kept: first and last day, on how many of the last 28 days, and of each week back from the day (week_0: the day itself and the six before it); work_0 to work_3 are the days from Monday to Friday among them. A day is active when the user logged in, did anything, or used a module"
columns: {account_id: VARCHAR, user: VARCHAR, first_day: DATE, last_day: DATE, days: BIGINT, week_0: BIGINT, week_1: BIGINT, week_2: BIGINT, week_3: BIGINT, week_4: BIGINT, week_5: BIGINT, week_6: BIGINT, week_7: BIGINT, week_8: BIGINT, week_9: BIGINT, week_10: BIGINT, week_11: BIGINT, week_12: BIGINT, week_13: BIGINT, week_14: BIGINT, week_15: BIGINT, work_0: BIGINT, work_1: BIGINT, work_2: BIGINT, work_3: BIGINT}
window: 28
entities: [usage_day]
*/
WITH active AS (
    SELECT
        usage_day.account_id,
        usage_day."user",
        usage_day.day,
        date_diff('day', usage_day.day, :as_of) AS age,
        -- 1 January 1900 was a Monday
        date_diff('day', DATE '1900-01-01', usage_day.day) % 7 AS weekday
    FROM usage_day
    WHERE (usage_day.logins > 0 OR usage_day.events > 0 OR array_length(usage_day.modules) > 0)
        AND usage_day.day <= :as_of
)
SELECT
    active.account_id,
    active."user",
    min(active.day) AS first_day,
    max(active.day) AS last_day,
    count(CASE WHEN active.age < :window THEN 1 END) AS days,
    count(CASE WHEN active.age BETWEEN 0 AND 6 THEN 1 END) AS week_0,
    count(CASE WHEN active.age BETWEEN 7 AND 13 THEN 1 END) AS week_1,
    count(CASE WHEN active.age BETWEEN 14 AND 20 THEN 1 END) AS week_2,
    count(CASE WHEN active.age BETWEEN 21 AND 27 THEN 1 END) AS week_3,
    count(CASE WHEN active.age BETWEEN 28 AND 34 THEN 1 END) AS week_4,
    count(CASE WHEN active.age BETWEEN 35 AND 41 THEN 1 END) AS week_5,
    count(CASE WHEN active.age BETWEEN 42 AND 48 THEN 1 END) AS week_6,
    count(CASE WHEN active.age BETWEEN 49 AND 55 THEN 1 END) AS week_7,
    count(CASE WHEN active.age BETWEEN 56 AND 62 THEN 1 END) AS week_8,
    count(CASE WHEN active.age BETWEEN 63 AND 69 THEN 1 END) AS week_9,
    count(CASE WHEN active.age BETWEEN 70 AND 76 THEN 1 END) AS week_10,
    count(CASE WHEN active.age BETWEEN 77 AND 83 THEN 1 END) AS week_11,
    count(CASE WHEN active.age BETWEEN 84 AND 90 THEN 1 END) AS week_12,
    count(CASE WHEN active.age BETWEEN 91 AND 97 THEN 1 END) AS week_13,
    count(CASE WHEN active.age BETWEEN 98 AND 104 THEN 1 END) AS week_14,
    count(CASE WHEN active.age BETWEEN 105 AND 111 THEN 1 END) AS week_15,
    count(CASE WHEN active.age BETWEEN 0 AND 6 AND active.weekday < 5 THEN 1 END) AS work_0,
    count(CASE WHEN active.age BETWEEN 7 AND 13 AND active.weekday < 5 THEN 1 END) AS work_1,
    count(CASE WHEN active.age BETWEEN 14 AND 20 AND active.weekday < 5 THEN 1 END) AS work_2,
    count(CASE WHEN active.age BETWEEN 21 AND 27 AND active.weekday < 5 THEN 1 END) AS work_3
FROM active
GROUP BY active.account_id, active."user"
