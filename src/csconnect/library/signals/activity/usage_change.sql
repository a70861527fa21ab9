/*
title: {en: Change of usage, zh: 使用量变化}
unit: percent
window: 112
freshness: 8
polarity: up
entities: [usage_day]
source: "usage down 20 % (004:596), alert on a sharp rise or fall (book §5.2.3). INC-16, ours: active user-days of the last 4 weeks against those of the up to 12 before, each week measured by what it was worth in the market (roll-up market_week), so that a public holiday raises no alarm; of four weeks the quietest is set aside on either side, so that neither does a week of the customer's own (001:1350-1355). Unknown with less than 4 whole weeks before. A holiday that only this customer has, longer than a week, still shows"
decimals: 0
words:
  en:
    some: "use changed by {value}% against the twelve weeks before"
    none: "use is as it was in the twelve weeks before"
    first: "Ask what changed: people, process, or a rival product"
  zh:
    some: "使用量较此前十二周变化 {value}%"
    none: "使用量与此前十二周持平"
    first: "了解变化的原因：人员、流程，还是竞品"
*/
WITH adjusted AS (
    SELECT
        active_week.account_id,
        active_week.week,
        CASE WHEN active_week.week < 4 THEN 1 ELSE 0 END AS recent,
        CAST(active_week.user_days AS DOUBLE) AS used,
        coalesce(market_week.days, 1.0) AS worth
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
