/*
title: {en: Depth of use, zh: 使用深度}
unit: level 0 to 4
window: 28
freshness: 8
polarity: up
entities: [usage_day, module]
source: "four levels of health (book §5.2.2): 1 recording, 2 process, 3 integration, 4 customised, the deepest kind of module in steady use (8 of 28 days, by 2 users on its best day, as stickiness; ours); API calls make it 3 where anything is in steady use; 0 nothing. Ours: analytics, and a module whose kind nobody says, are 1"
decimals: 0
words:
  en:
    some: "use is at level {value} of 4"
    one: "used for recording only, easy to replace"
    none: "no module in steady use"
    first: "Take one process of the customer into the product: approval, review or hand-over"
  zh:
    some: "使用深度为第 {value} 级（共 4 级）"
    one: "仅用于记录，容易被替代"
    none: "没有稳定使用的模块"
    first: "选择一个业务流程落地到系统中：审批、复盘或交接"
*/
WITH called AS (
    SELECT reading.account_id, sum(reading.value) AS calls
    FROM reading
    WHERE reading.metric = 'api_calls' AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY reading.account_id
),
size AS (
    SELECT module_use.account_id, max(module_use.users) AS people
    FROM module_use
    GROUP BY module_use.account_id
),
deepest AS (
    SELECT
        module_use.account_id,
        max(CASE module.kind WHEN 'customisation' THEN 4 WHEN 'integration' THEN 3 WHEN 'process' THEN 2 ELSE 1 END) AS level
    FROM module_use
    INNER JOIN size ON size.account_id = module_use.account_id
    LEFT JOIN module ON module.id = module_use.module
    WHERE module_use.days >= 8 AND module_use.users >= least(2, size.people)
    GROUP BY module_use.account_id
)
SELECT
    delivery.account_id,
    CAST(
        CASE
            WHEN deepest.level IS NULL THEN 0
            WHEN called.calls > 0 THEN greatest(3, deepest.level)
            ELSE deepest.level
        END AS DOUBLE
    ) AS value
FROM delivery
LEFT JOIN deepest ON deepest.account_id = delivery.account_id
LEFT JOIN called ON called.account_id = delivery.account_id
WHERE delivery.entity = 'usage_module_day' AND EXISTS (SELECT 1 AS one FROM module WHERE module.kind IS NOT NULL)
