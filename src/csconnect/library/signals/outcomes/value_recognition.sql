/*
title: {en: Value recognised, zh: 价值认可}
unit: occasions
window: 365
freshness: 35
polarity: up
entities: [advocacy]
source: "weekly scorecard (004:201-225): value recognition 10, shares success unprompted"
decimals: 0
words:
  en:
    some: "spoke up for us {value} times in the past year"
    one: "spoke up for us once in the past year"
    none: "no success shared in the past year"
    first: "Put the results so far into numbers and ask the customer to confirm them"
  zh:
    some: "近一年主动分享成果 {value} 次"
    none: "近一年没有主动分享成果"
    first: "把已有成果量化，并请客户确认"
*/
WITH spoken AS (
    SELECT advocacy.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM advocacy
    WHERE advocacy.kind IN ('shares_success', 'case_study', 'speaker', 'reference')
        AND date_diff('day', advocacy.happened_on, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY advocacy.account_id
)
SELECT delivery.account_id, coalesce(spoken.value, 0.0) AS value
FROM delivery
LEFT JOIN spoken ON spoken.account_id = delivery.account_id
WHERE delivery.entity = 'advocacy'
