/*
title: {en: Core modules in use, zh: 核心模块使用}
unit: percent
window: 28
polarity: up
entities: [usage_day, module]
source: "weekly scorecard (004:201-225): depth of feature use 15, all core features = full marks"
decimals: 0
*/
WITH core AS (
    SELECT CAST(count(*) AS DOUBLE) AS modules
    FROM module
    WHERE module.core
),
used AS (
    SELECT usage_module_day.account_id, CAST(count(DISTINCT usage_module_day.module) AS DOUBLE) AS modules
    FROM usage_module_day
    INNER JOIN module ON module.id = usage_module_day.module AND module.core
    WHERE date_diff('day', usage_module_day.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY usage_module_day.account_id
)
SELECT delivery.account_id, 100.0 * coalesce(used.modules, 0.0) / nullif(core.modules, 0.0) AS value
FROM delivery
CROSS JOIN core
LEFT JOIN used ON used.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
