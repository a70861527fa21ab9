/*
title: {en: Users of analytics, zh: BI 使用率}
unit: percent
window: 28
freshness: 8
polarity: up
entities: [usage_day, module]
source: "behaviour score (001:1226): user accounts that used BI / opened ones; four weeks are ours; modules of kind analytics"
decimals: 0
words:
  en:
    some: "{value}% of the users look at analytics"
    none: "nobody looks at analytics"
    first: "Build one report with the manager that answers a question of this month"
  zh:
    some: "BI 使用率 {value}%"
    none: "没有人使用 BI"
    first: "与管理者一起做一张能回答当月问题的报表"
*/
WITH analysts AS (
    SELECT user_depth.account_id, CAST(sum(user_depth.analytics) AS DOUBLE) AS people
    FROM user_depth
    GROUP BY user_depth.account_id
)
SELECT delivery.account_id, 100.0 * coalesce(analysts.people, 0.0) / nullif(CAST(seats.opened AS DOUBLE), 0.0) AS value
FROM delivery
INNER JOIN seats ON seats.account_id = delivery.account_id
LEFT JOIN analysts ON analysts.account_id = delivery.account_id
WHERE delivery.entity = 'usage_module_day' AND seats.opened > 0
    AND EXISTS (SELECT 1 AS one FROM module WHERE module.kind = 'analytics')
