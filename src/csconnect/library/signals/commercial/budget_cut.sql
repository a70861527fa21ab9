/*
title: {en: Budget cut, zh: 预算削减}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [concern]
source: "renewal-risk card (004:1100-1130): no budget-cut talk 5; open, and heard in the past half year (ours)"
decimals: 0
words:
  en:
    some: "the customer talks of a budget cut"
    none: "no talk of a budget cut"
    first: "Ask what must be saved and show which part of the product pays for itself"
  zh:
    some: "客户提到要削减预算"
    none: "没有听到削减预算的消息"
    first: "问清需要压缩多少，并用数据说明哪些部分已经回本"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'budget_cut' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
)
SELECT delivery.account_id, CASE WHEN raised.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN raised ON raised.account_id = delivery.account_id
WHERE delivery.entity = 'concern'
