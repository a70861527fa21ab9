/*
title: {en: Integration in use, zh: 系统集成使用}
unit: 1 or 0
window: 28
freshness: 8
polarity: up
entities: [usage_day, module]
source: "integration depth is a sign of health (book §5.2.2): 1 when a module of kind integration was used or an API called in four weeks"
decimals: 0
words:
  en:
    some: "connected with {value} other systems"
    one: "connected with the customer's other systems"
    none: "not connected with any other system"
    first: "Ask IT which system should be connected first"
  zh:
    some: "已与其他系统集成（{value}）"
    one: "已与客户的其他系统集成"
    none: "尚未与其他系统集成"
    first: "与 IT 部门确认首先打通哪个系统"
*/
WITH called AS (
    SELECT reading.account_id, sum(reading.value) AS calls
    FROM reading
    WHERE reading.metric = 'api_calls' AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY reading.account_id
),
integrated AS (
    SELECT DISTINCT module_use.account_id
    FROM module_use
    INNER JOIN module ON module.id = module_use.module AND module.kind = 'integration'
),
told AS (
    -- who could tell: use by module where the list has an integration, or the count of calls
    SELECT delivery.account_id
    FROM delivery
    WHERE delivery.entity = 'usage_module_day'
        AND EXISTS (SELECT 1 AS one FROM module WHERE module.kind = 'integration')
    UNION
    SELECT called.account_id
    FROM called
)
SELECT
    told.account_id,
    CASE WHEN integrated.account_id IS NOT NULL OR called.calls > 0 THEN 1.0 ELSE 0.0 END AS value
FROM told
LEFT JOIN integrated ON integrated.account_id = told.account_id
LEFT JOIN called ON called.account_id = told.account_id
WHERE told.account_id IS NOT NULL
