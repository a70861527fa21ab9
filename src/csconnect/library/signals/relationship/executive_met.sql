/*
title: {en: Executive met, zh: 高层会面}
unit: meetings
window: 120
freshness: 35
polarity: up
entities: [touchpoint]
source: "weekly scorecard (004:201-225): meeting attendance 10, an executive in the quarterly review; 120 days leave a quarter some slack"
decimals: 0
words:
  en:
    some: "{value} meetings with an executive in four months"
    one: "one meeting with an executive in four months"
    none: "no meeting with an executive in four months"
    first: "Book a business review with an executive of the customer"
  zh:
    some: "近四个月与客户高层会面 {value} 次"
    none: "近四个月没有与客户高层会面"
    first: "邀请客户高层参加业务回顾，并约定时间"
*/
WITH met AS (
    SELECT touchpoint.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM touchpoint
    WHERE touchpoint.executive
        -- an executive who declined or did not come was not met
        AND coalesce(touchpoint.outcome, 'held') = 'held'
        AND date_diff('day', CAST(touchpoint.happened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
    GROUP BY touchpoint.account_id
)
SELECT delivery.account_id, coalesce(met.value, 0.0) AS value
FROM delivery
LEFT JOIN met ON met.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
