/*
title: {en: Goals agreed, zh: 已约定的目标}
unit: goals
window: 365
freshness: 35
polarity: up
entities: [goal]
source: "success standard with a target (book 5.3); none is danger H2, rule R13 (book 7.2.1); a goal counts until a year after it was due"
decimals: 0
words:
  en:
    some: "{value} goals agreed in numbers"
    one: "one goal agreed in numbers"
    none: "no goal has been agreed in numbers"
    first: "Sit down with the decision maker and agree two or three goals in numbers, with a date"
  zh:
    some: "已约定 {value} 个量化目标"
    none: "尚未约定任何量化目标"
    first: "与决策人一起定下两三个可量化、有期限的目标"
*/
WITH agreed AS (
    SELECT goal.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM goal
    WHERE goal.target IS NOT NULL AND (goal.due_on IS NULL OR date_diff('day', goal.due_on, :as_of) < :window)
    GROUP BY goal.account_id
)
SELECT delivery.account_id, coalesce(agreed.value, 0.0) AS value
FROM delivery
LEFT JOIN agreed ON agreed.account_id = delivery.account_id
WHERE delivery.entity = 'goal'
