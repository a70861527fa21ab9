/*
title: {en: Business failing, zh: 客户经营危机}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [concern]
source: "cause U1, not to be saved (book 9.2); open, and heard in the past half year (ours)"
decimals: 0
words:
  en:
    some: "the customer's business is failing"
    none: "nothing heard of a failing business"
    first: "Secure the open payments and put no more effort in until it is clear how it goes on"
  zh:
    some: "客户自身经营出现危机"
    none: "没有客户经营恶化的消息"
    first: "先落实应收款项，情况明朗前不再追加投入"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'business_failing' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
)
SELECT delivery.account_id, CASE WHEN raised.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN raised ON raised.account_id = delivery.account_id
WHERE delivery.entity = 'concern'
