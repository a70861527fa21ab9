/*
about: "an account's last weeks against those before, a week counting for what it was worth in its market (roll-up market_week). kind days: active user-days of the last 4 weeks against the up to 12 before; kind users: weekly active users of the last 2 against the up to 8 before. Of four weeks the quietest is set aside, on either side: it is taken for the customer's own quiet time. Only where there are 4 whole weeks before"
columns: {account_id: VARCHAR, kind: VARCHAR, now: DOUBLE, before: DOUBLE}
entities: [usage_day, account]
*/
WITH kind AS (
    SELECT listed.kind, listed.recent, listed.reach
    FROM (VALUES ('days', 4, 16), ('users', 2, 10)) AS listed(kind, recent, reach)
),
weighed AS (
    SELECT
        active_week.account_id,
        active_week.week,
        kind.kind,
        active_week.week < kind.recent AS is_recent,
        CAST(CASE WHEN kind.kind = 'days' THEN active_week.user_days ELSE active_week.users END AS DOUBLE) AS used,
        coalesce(CASE WHEN kind.kind = 'days' THEN market_week.days ELSE market_week.users END, 1.0) AS worth,
        CASE WHEN active_week.week < kind.recent THEN kind.recent ELSE least(active_week.weeks, kind.reach) - kind.recent END AS weeks
    FROM active_week
    INNER JOIN kind ON active_week.week < kind.reach AND active_week.weeks >= kind.recent + 4
    LEFT JOIN market_week ON market_week.market = active_week.market AND market_week.week = active_week.week
),
ranked AS (
    SELECT
        weighed.account_id, weighed.kind, weighed.is_recent, weighed.used, weighed.worth, weighed.weeks,
        row_number() OVER (
            PARTITION BY weighed.account_id, weighed.kind, weighed.is_recent
            ORDER BY coalesce(weighed.used / nullif(weighed.worth, 0.0), 0.0), weighed.week
        ) AS place
    FROM weighed
),
summed AS (
    SELECT
        ranked.account_id,
        ranked.kind,
        sum(CASE WHEN ranked.is_recent THEN ranked.used ELSE 0.0 END) AS used,
        sum(CASE WHEN ranked.is_recent THEN ranked.worth ELSE 0.0 END) AS worth,
        sum(CASE WHEN ranked.is_recent THEN 0.0 ELSE ranked.used END) AS used_before,
        sum(CASE WHEN ranked.is_recent THEN 0.0 ELSE ranked.worth END) AS worth_before
    FROM ranked
    WHERE 4 * ranked.place > ranked.weeks
    GROUP BY ranked.account_id, ranked.kind
)
SELECT
    summed.account_id,
    summed.kind,
    summed.used / nullif(summed.worth, 0.0) AS now,
    summed.used_before / nullif(summed.worth_before, 0.0) AS before
FROM summed
