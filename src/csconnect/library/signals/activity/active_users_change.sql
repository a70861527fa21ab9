/*
title: {en: Change of active users, zh: 活跃用户变化}
unit: percent
window: 70
freshness: 8
polarity: up
entities: [usage_day]
source: "alert on a sharp rise or fall (book §5.2.3; 004:596). INC-16, ours: weekly active users of the last 2 weeks against those of the up to 8 before, holidays of the market set aside as in usage_change; of the weeks before the quietest quarter as well. Unknown with less than 4 whole weeks before"
decimals: 0
words:
  en:
    some: "weekly active users changed by {value}% against the eight weeks before"
    none: "as many weekly active users as in the eight weeks before"
    first: "Find out which users stopped coming, or who joined, and why"
  zh:
    some: "周活跃用户较此前八周变化 {value}%"
    none: "周活跃用户与此前八周持平"
    first: "弄清哪些用户不再使用、哪些新加入，以及原因"
*/
WITH adjusted AS (
    SELECT
        active_week.account_id,
        active_week.week,
        CASE WHEN active_week.week < 2 THEN 1 ELSE 0 END AS recent,
        CAST(active_week.users AS DOUBLE) AS used,
        coalesce(market_week.users, 1.0) AS worth
    FROM active_week
    LEFT JOIN market_week ON market_week.market = active_week.market AND market_week.week = active_week.week
    WHERE 7 * active_week.week < :window
),
ranked AS (
    SELECT
        adjusted.account_id, adjusted.recent, adjusted.used, adjusted.worth,
        row_number() OVER (
            PARTITION BY adjusted.account_id, adjusted.recent
            ORDER BY coalesce(adjusted.used / nullif(adjusted.worth, 0.0), 0.0), adjusted.week
        ) AS place,
        count(*) OVER (PARTITION BY adjusted.account_id, adjusted.recent) AS weeks
    FROM adjusted
),
summed AS (
    -- the quietest of four weeks, on either side, is taken for the customer's own quiet time
    SELECT
        ranked.account_id,
        sum(CASE WHEN ranked.recent = 1 THEN ranked.used ELSE 0.0 END) AS used,
        sum(CASE WHEN ranked.recent = 1 THEN ranked.worth ELSE 0.0 END) AS worth,
        sum(CASE WHEN ranked.recent = 0 THEN ranked.used ELSE 0.0 END) AS used_before,
        sum(CASE WHEN ranked.recent = 0 THEN ranked.worth ELSE 0.0 END) AS worth_before,
        max(CASE WHEN ranked.recent = 0 THEN ranked.weeks END) AS weeks_before
    FROM ranked
    WHERE 4 * ranked.place > ranked.weeks
    GROUP BY ranked.account_id
),
compared AS (
    SELECT
        summed.account_id,
        summed.used / nullif(summed.worth, 0.0) AS now,
        summed.used_before / nullif(summed.worth_before, 0.0) AS before
    FROM summed
    WHERE summed.weeks_before >= 4
)
SELECT delivery.account_id, 100.0 * (compared.now / nullif(compared.before, 0.0) - 1.0) AS value
FROM delivery
INNER JOIN compared ON compared.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day' AND compared.now IS NOT NULL AND compared.before > 0.0
