/*
title: {en: Competitor looked at, zh: 竞品评估}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [concern]
source: "renewal-risk card (004:1100-1130): no competitor evaluation 5; rule R17 (book 7.2.2, 7.3.1); open, and heard in the past half year (ours)"
decimals: 0
words:
  en:
    some: "the customer is looking at a competitor"
    none: "no competitor in sight"
    first: "Ask openly what the other product promises that ours lacks, and bring in the salesperson"
  zh:
    some: "客户正在评估竞品"
    none: "没有发现客户评估竞品"
    first: "坦诚询问竞品吸引客户的地方，并请销售一起应对"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'competitor' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
)
SELECT delivery.account_id, CASE WHEN raised.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN raised ON raised.account_id = delivery.account_id
WHERE delivery.entity = 'concern'
