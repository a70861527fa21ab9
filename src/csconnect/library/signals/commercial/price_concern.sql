/*
title: {en: Price questioned, zh: 价格异议}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [concern]
source: "price as a reason to leave (book 7.3.1); open, and heard in the past half year (ours)"
decimals: 0
words:
  en:
    some: "the customer finds the price too high"
    none: "no complaint about the price"
    first: "Reckon with the customer what changing the product would really cost"
  zh:
    some: "客户认为价格偏高"
    none: "没有价格方面的异议"
    first: "和客户一起算清更换系统的实际成本"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'price' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
)
SELECT delivery.account_id, CASE WHEN raised.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN raised ON raised.account_id = delivery.account_id
WHERE delivery.entity = 'concern'
