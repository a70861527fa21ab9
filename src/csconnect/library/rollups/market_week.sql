/*
about: "what a week was worth in a market, learnt from its accounts: 1 is a usual week, 0.4 one of which holidays took most. Each account's week is divided by its own mean; the middle one of all accounts is the week's level, the middle one of all weeks a usual level. Only weeks told by 20 accounts; the first 1000 accounts by id stand for their market, the first 1000 of all for market ''"
columns: {market: VARCHAR, week: BIGINT, days: DOUBLE, users: DOUBLE}
entities: [usage_day, account]
*/
WITH listed AS (
    SELECT
        active_week.account_id,
        active_week.market,
        row_number() OVER (PARTITION BY active_week.market ORDER BY active_week.account_id) AS place,
        row_number() OVER (ORDER BY active_week.account_id) AS place_of_all
    FROM active_week
    WHERE active_week.week = 0
),
own AS (
    SELECT
        active_week.account_id,
        active_week.week,
        CAST(active_week.user_days AS DOUBLE)
        / nullif(avg(CAST(active_week.user_days AS DOUBLE)) OVER (PARTITION BY active_week.account_id), 0.0) AS days,
        CAST(active_week.users AS DOUBLE)
        / nullif(avg(CAST(active_week.users AS DOUBLE)) OVER (PARTITION BY active_week.account_id), 0.0) AS users
    FROM active_week
    INNER JOIN listed ON listed.account_id = active_week.account_id AND least(listed.place, listed.place_of_all) <= 1000
),
panel AS (
    SELECT listed.market, own.week, own.days, own.users
    FROM own
    INNER JOIN listed ON listed.account_id = own.account_id AND listed.place <= 1000
    WHERE own.days IS NOT NULL AND listed.market <> ''
    UNION ALL
    SELECT '' AS market, own.week, own.days, own.users
    FROM own
    INNER JOIN listed ON listed.account_id = own.account_id AND listed.place_of_all <= 1000
    WHERE own.days IS NOT NULL
),
ranked AS (
    SELECT
        panel.market, panel.week, panel.days, panel.users,
        row_number() OVER (PARTITION BY panel.market, panel.week ORDER BY panel.days) AS days_place,
        row_number() OVER (PARTITION BY panel.market, panel.week ORDER BY panel.users) AS users_place,
        count(*) OVER (PARTITION BY panel.market, panel.week) AS accounts
    FROM panel
),
level AS (
    SELECT
        ranked.market,
        ranked.week,
        avg(CASE WHEN 2 * ranked.days_place BETWEEN ranked.accounts AND ranked.accounts + 2 THEN ranked.days END) AS days,
        avg(CASE WHEN 2 * ranked.users_place BETWEEN ranked.accounts AND ranked.accounts + 2 THEN ranked.users END) AS users
    FROM ranked
    WHERE ranked.accounts >= 20
    GROUP BY ranked.market, ranked.week
),
placed AS (
    SELECT
        level.market, level.days, level.users,
        row_number() OVER (PARTITION BY level.market ORDER BY level.days) AS days_place,
        row_number() OVER (PARTITION BY level.market ORDER BY level.users) AS users_place,
        count(*) OVER (PARTITION BY level.market) AS weeks
    FROM level
),
usual AS (
    SELECT
        placed.market,
        avg(CASE WHEN 2 * placed.days_place BETWEEN placed.weeks AND placed.weeks + 2 THEN placed.days END) AS days,
        avg(CASE WHEN 2 * placed.users_place BETWEEN placed.weeks AND placed.weeks + 2 THEN placed.users END) AS users
    FROM placed
    GROUP BY placed.market
)
SELECT
    level.market,
    level.week,
    level.days / nullif(usual.days, 0.0) AS days,
    level.users / nullif(usual.users, 0.0) AS users
FROM level
INNER JOIN usual ON usual.market = level.market
