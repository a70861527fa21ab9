/*
title: {en: Value unclear, zh: 价值不清晰}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [concern]
source: "cause H2 (book 7.2.1, 7.2.2); open, and heard in the past half year (ours)"
decimals: 0
words:
  en:
    some: "the customer does not see what the product brings"
    none: "no doubt about what the product brings"
    first: "Bring the results so far, in numbers, to the decision maker in person"
  zh:
    some: "客户看不到产品带来的价值"
    none: "客户对产品价值没有疑问"
    first: "带着量化成果当面向决策人汇报"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'value_unclear' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
)
SELECT delivery.account_id, CASE WHEN raised.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN raised ON raised.account_id = delivery.account_id
WHERE delivery.entity = 'concern'
