/*
title: {en: Goals missed, zh: 逾期未达成的目标}
unit: goals
window: 365
freshness: 35
polarity: down
entities: [goal]
source: "staged actuals against the success standard (book 5.3); without a baseline more is taken as better; what was measured later was not known yet"
decimals: 0
words:
  en:
    some: "{value} goals are past their date and not reached"
    one: "one goal is past its date and not reached"
    none: "no agreed goal is late"
    first: "Find out with the customer what kept the goal from being reached, and agree a new date"
  zh:
    some: "{value} 个目标已过期限仍未达成"
    none: "没有逾期未达成的目标"
    first: "与客户一起找出目标未达成的原因，并重新约定期限"
*/
WITH missed AS (
    SELECT goal.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM goal
    WHERE goal.target IS NOT NULL AND date_diff('day', goal.due_on, :as_of) BETWEEN 1 AND :window
        AND NOT coalesce(
            (goal.measured_on IS NULL OR date_diff('day', goal.measured_on, :as_of) >= 0)
            AND CASE WHEN goal.target < goal.baseline THEN goal.actual <= goal.target ELSE goal.actual >= goal.target END,
            FALSE
        )
    GROUP BY goal.account_id
)
SELECT delivery.account_id, coalesce(missed.value, 0.0) AS value
FROM delivery
LEFT JOIN missed ON missed.account_id = delivery.account_id
WHERE delivery.entity = 'goal'
