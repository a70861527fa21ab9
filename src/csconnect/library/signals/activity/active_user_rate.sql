/*
title: {en: Active users, zh: 活跃用户率}
unit: percent
window: 28
freshness: 8
polarity: up
entities: [usage_day]
source: "renewal-risk scorecard (004:1100-1130): active-user rate above 80 %; users active in four weeks / opened user accounts (ours: the source names neither)"
decimals: 0
words:
  en:
    some: "{value}% of the users active in four weeks"
    none: "no user active in four weeks"
    first: "Go through the list of idle users with the administrator"
  zh:
    some: "近四周活跃用户占比 {value}%"
    none: "近四周没有活跃用户"
    first: "与系统管理员逐一核对未活跃用户"
*/
WITH active AS (
    SELECT user_days.account_id, CAST(count(*) AS DOUBLE) AS people
    FROM user_days
    WHERE date_diff('day', user_days.last_day, :as_of) < :window
    GROUP BY user_days.account_id
)
SELECT delivery.account_id, 100.0 * coalesce(active.people, 0.0) / nullif(CAST(seats.opened AS DOUBLE), 0.0) AS value
FROM delivery
INNER JOIN seats ON seats.account_id = delivery.account_id
LEFT JOIN active ON active.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
