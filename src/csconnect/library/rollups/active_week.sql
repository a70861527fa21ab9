/*
about: "what an account used in each of the last 16 weeks, those in which nobody came included, from the first whole week since its first use. market is the country where at least 20 accounts of it are in use, '' (all) otherwise"
columns: {account_id: VARCHAR, market: VARCHAR, week: BIGINT, users: BIGINT, user_days: BIGINT, work_days: BIGINT}
entities: [usage_day, account]
*/
WITH week AS (
    SELECT listed.week
    FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15)) AS listed(week)
),
began AS (
    SELECT user_seen.account_id, min(user_seen.first_day) AS day
    FROM user_seen
    GROUP BY user_seen.account_id
),
placed AS (
    SELECT
        began.account_id,
        began.day,
        CASE WHEN account.country IS NOT NULL AND count(*) OVER (PARTITION BY account.country) >= 20 THEN account.country ELSE '' END AS market
    FROM began
    INNER JOIN account ON account.id = began.account_id
),
used AS (
    SELECT
        user_week.account_id,
        user_week.week,
        count(*) AS users,
        sum(user_week.days) AS user_days,
        sum(user_week.work_days) AS work_days
    FROM user_week
    GROUP BY user_week.account_id, user_week.week
)
SELECT
    placed.account_id,
    placed.market,
    CAST(week.week AS BIGINT) AS week,
    CAST(coalesce(used.users, 0) AS BIGINT) AS users,
    CAST(coalesce(used.user_days, 0) AS BIGINT) AS user_days,
    CAST(coalesce(used.work_days, 0) AS BIGINT) AS work_days
FROM placed
INNER JOIN week ON date_diff('day', placed.day, :as_of) >= 7 * week.week + 6
LEFT JOIN used ON used.account_id = placed.account_id AND used.week = week.week
