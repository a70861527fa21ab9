/*
title: {en: Users of core modules, zh: 核心功能使用率}
unit: percent
window: 28
freshness: 8
polarity: up
entities: [usage_day, module]
source: "renewal-risk scorecard (004:1100-1130): core-feature use above 75 %; the share of the users active in four weeks who used a core module (ours: the source does not say of what)"
decimals: 0
words:
  en:
    some: "{value}% of the active users work in a core module"
    none: "no active user works in a core module"
    first: "Find out where the team does its core work today"
  zh:
    some: "活跃用户中使用核心功能的占 {value}%"
    none: "活跃用户均未使用核心功能"
    first: "了解团队目前在哪里处理核心业务"
*/
WITH active AS (
    SELECT user_days.account_id, CAST(count(*) AS DOUBLE) AS people
    FROM user_days
    WHERE date_diff('day', user_days.last_day, :as_of) < :window
    GROUP BY user_days.account_id
),
deep AS (
    SELECT user_depth.account_id, CAST(sum(user_depth.core) AS DOUBLE) AS people
    FROM user_depth
    GROUP BY user_depth.account_id
)
SELECT active.account_id, 100.0 * coalesce(deep.people, 0.0) / nullif(active.people, 0.0) AS value
FROM active
INNER JOIN delivery ON delivery.account_id = active.account_id AND delivery.entity = 'usage_module_day'
LEFT JOIN deep ON deep.account_id = active.account_id
WHERE EXISTS (SELECT 1 AS one FROM module WHERE module.core)
