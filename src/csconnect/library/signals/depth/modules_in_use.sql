/*
title: {en: Modules in use, zh: 使用模块数}
unit: modules
window: 28
freshness: 8
polarity: up
entities: [usage_day]
source: "breadth of modules (book §5.2.2): only one or two functions of many in use means that little binds the customer (R15)"
decimals: 0
words:
  en:
    some: "{value} modules in use"
    one: "only one module in use"
    none: "no module in use"
    first: "Show the function next to what the team already uses"
  zh:
    some: "正在使用 {value} 个模块"
    one: "只使用一个模块"
    none: "没有使用任何模块"
    first: "演示与现有使用最相关的下一项功能"
*/
WITH used AS (
    SELECT module_use.account_id, CAST(count(*) AS DOUBLE) AS modules
    FROM module_use
    GROUP BY module_use.account_id
)
SELECT delivery.account_id, coalesce(used.modules, 0.0) AS value
FROM delivery
LEFT JOIN used ON used.account_id = delivery.account_id
WHERE delivery.entity = 'usage_module_day'
