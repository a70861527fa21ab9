/*
title: {en: Executive met, zh: 高层会面}
unit: meetings
window: 120
polarity: up
entities: [touchpoint]
source: "weekly scorecard (004:201-225): meeting attendance 10, an executive in the quarterly review; 120 days leave a quarter some slack"
decimals: 0
*/
WITH met AS (
    SELECT touchpoint.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM touchpoint
    WHERE touchpoint.executive AND date_diff('day', CAST(touchpoint.happened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
    GROUP BY touchpoint.account_id
)
SELECT delivery.account_id, coalesce(met.value, 0.0) AS value
FROM delivery
LEFT JOIN met ON met.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
