/*
title: {en: Value recognised, zh: 价值认可}
unit: occasions
window: 365
polarity: up
entities: [advocacy]
source: "weekly scorecard (004:201-225): value recognition 10, shares success unprompted"
decimals: 0
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
