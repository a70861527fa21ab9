/*
title: {en: Return on investment, zh: 投资回报率}
unit: percent
window: 365
freshness: 35
polarity: up
entities: [goal]
source: "benefit over cost (book 1.3.3: 10:1); the renewal-risk card asks for more than 200 % (004:1100-1130)"
decimals: 0
words:
  en:
    some: "a return of {value}% of what it costs"
    none: "no return on the cost so far"
    first: "Put benefit and cost into one sum the buyer can show upwards, and have it confirmed"
  zh:
    some: "投入产出比 {value}%"
    none: "目前还看不到投资回报"
    first: "把收益和投入算成一笔账，请客户确认，方便对接人向上汇报"
*/
WITH newest AS (
    SELECT
        goal.account_id,
        goal.actual,
        row_number() OVER (
            PARTITION BY goal.account_id
            ORDER BY CASE WHEN goal.measured_on IS NULL THEN 1 ELSE 0 END, goal.measured_on DESC, goal.id DESC
        ) AS place
    FROM goal
    WHERE goal.kind = 'roi' AND goal.actual IS NOT NULL
        AND (goal.measured_on IS NULL OR date_diff('day', goal.measured_on, :as_of) BETWEEN 0 AND :window - 1)
)
SELECT newest.account_id, newest.actual AS value
FROM newest
WHERE newest.place = 1 AND newest.account_id IS NOT NULL
