/*
title: {en: Module points, zh: 模块得分}
unit: points of 45
window: 28
freshness: 8
polarity: up
entities: [usage_day, module]
source: "behaviour score (001:1200-1227): each late-process (core) module in use 5 points, each other 1; rare by its nature 0.5 (ours, the source says low); at most 45 (INC-18)"
decimals: 1
words:
  en:
    some: "{value} of 45 points for the modules in use"
    one: "one point of 45 for the modules in use"
    none: "no module in use"
    first: "Pick the next late-process module with the customer: contract, order, payment or invoice"
  zh:
    some: "模块使用得分 {value}（满分 45）"
    none: "没有使用任何模块"
    first: "与客户选定下一个要上线的后端流程模块：合同、订单、回款或开票"
*/
WITH earned AS (
    SELECT
        module_use.account_id,
        sum(CASE WHEN module.core THEN 5.0 WHEN module.rare THEN 0.5 ELSE 1.0 END) AS points
    FROM module_use
    LEFT JOIN module ON module.id = module_use.module
    GROUP BY module_use.account_id
)
SELECT delivery.account_id, least(45.0, coalesce(earned.points, 0.0)) AS value
FROM delivery
LEFT JOIN earned ON earned.account_id = delivery.account_id
WHERE delivery.entity = 'usage_module_day' AND EXISTS (SELECT 1 AS one FROM module WHERE module.core)
