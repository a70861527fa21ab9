/*
about: "what an account used in each of the last 16 weeks, those in which nobody came included, from the first whole week since its first use; weeks is how many there are. work_days only of the last four. market is the country where at least 20 accounts of it are in use, '' (all) otherwise"
columns: {account_id: VARCHAR, market: VARCHAR, weeks: BIGINT, week: BIGINT, users: BIGINT, user_days: BIGINT, work_days: BIGINT}
entities: [usage_day, account]
*/
WITH week AS (
    SELECT listed.week
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15)) AS listed(week)
),
used AS (
    SELECT
        user_days.account_id,
        min(user_days.first_day) AS day,
        count(CASE WHEN user_days.week_0 > 0 THEN 1 END) AS users_0,
        count(CASE WHEN user_days.week_1 > 0 THEN 1 END) AS users_1,
        count(CASE WHEN user_days.week_2 > 0 THEN 1 END) AS users_2,
        count(CASE WHEN user_days.week_3 > 0 THEN 1 END) AS users_3,
        count(CASE WHEN user_days.week_4 > 0 THEN 1 END) AS users_4,
        count(CASE WHEN user_days.week_5 > 0 THEN 1 END) AS users_5,
        count(CASE WHEN user_days.week_6 > 0 THEN 1 END) AS users_6,
        count(CASE WHEN user_days.week_7 > 0 THEN 1 END) AS users_7,
        count(CASE WHEN user_days.week_8 > 0 THEN 1 END) AS users_8,
        count(CASE WHEN user_days.week_9 > 0 THEN 1 END) AS users_9,
        count(CASE WHEN user_days.week_10 > 0 THEN 1 END) AS users_10,
        count(CASE WHEN user_days.week_11 > 0 THEN 1 END) AS users_11,
        count(CASE WHEN user_days.week_12 > 0 THEN 1 END) AS users_12,
        count(CASE WHEN user_days.week_13 > 0 THEN 1 END) AS users_13,
        count(CASE WHEN user_days.week_14 > 0 THEN 1 END) AS users_14,
        count(CASE WHEN user_days.week_15 > 0 THEN 1 END) AS users_15,
        sum(user_days.week_0) AS days_0,
        sum(user_days.week_1) AS days_1,
        sum(user_days.week_2) AS days_2,
        sum(user_days.week_3) AS days_3,
        sum(user_days.week_4) AS days_4,
        sum(user_days.week_5) AS days_5,
        sum(user_days.week_6) AS days_6,
        sum(user_days.week_7) AS days_7,
        sum(user_days.week_8) AS days_8,
        sum(user_days.week_9) AS days_9,
        sum(user_days.week_10) AS days_10,
        sum(user_days.week_11) AS days_11,
        sum(user_days.week_12) AS days_12,
        sum(user_days.week_13) AS days_13,
        sum(user_days.week_14) AS days_14,
        sum(user_days.week_15) AS days_15,
        sum(user_days.work_0) AS work_0,
        sum(user_days.work_1) AS work_1,
        sum(user_days.work_2) AS work_2,
        sum(user_days.work_3) AS work_3
    FROM user_days
    GROUP BY user_days.account_id
),
placed AS (
    SELECT
        used.account_id,
        CASE WHEN account.country IS NOT NULL AND count(*) OVER (PARTITION BY account.country) >= 20 THEN account.country ELSE '' END AS market,
        least(16, CAST(floor((date_diff('day', used.day, :as_of) + 1) / 7) AS BIGINT)) AS weeks
    FROM used
    INNER JOIN account ON account.id = used.account_id
)
SELECT
    placed.account_id,
    placed.market,
    placed.weeks,
    CAST(week.week AS BIGINT) AS week,
    CAST(CASE week.week WHEN 0 THEN used.users_0 WHEN 1 THEN used.users_1 WHEN 2 THEN used.users_2 WHEN 3 THEN used.users_3 WHEN 4 THEN used.users_4 WHEN 5 THEN used.users_5 WHEN 6 THEN used.users_6 WHEN 7 THEN used.users_7 WHEN 8 THEN used.users_8 WHEN 9 THEN used.users_9 WHEN 10 THEN used.users_10 WHEN 11 THEN used.users_11 WHEN 12 THEN used.users_12 WHEN 13 THEN used.users_13 WHEN 14 THEN used.users_14 WHEN 15 THEN used.users_15 END AS BIGINT) AS users,
    CAST(CASE week.week WHEN 0 THEN used.days_0 WHEN 1 THEN used.days_1 WHEN 2 THEN used.days_2 WHEN 3 THEN used.days_3 WHEN 4 THEN used.days_4 WHEN 5 THEN used.days_5 WHEN 6 THEN used.days_6 WHEN 7 THEN used.days_7 WHEN 8 THEN used.days_8 WHEN 9 THEN used.days_9 WHEN 10 THEN used.days_10 WHEN 11 THEN used.days_11 WHEN 12 THEN used.days_12 WHEN 13 THEN used.days_13 WHEN 14 THEN used.days_14 WHEN 15 THEN used.days_15 END AS BIGINT) AS user_days,
    CAST(CASE week.week WHEN 0 THEN used.work_0 WHEN 1 THEN used.work_1 WHEN 2 THEN used.work_2 WHEN 3 THEN used.work_3 END AS BIGINT) AS work_days
FROM placed
INNER JOIN used ON used.account_id = placed.account_id
INNER JOIN week ON week.week < placed.weeks
