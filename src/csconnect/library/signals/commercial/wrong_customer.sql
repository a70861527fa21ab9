/*
title: {en: Wrong customer, zh: 非目标客户}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [account, concern]
source: "cause H1 (book 7.2.1, 8.1), rule R14: sold to whom the product is not made for; said by a person, or of the account (book 5.1.1)"
decimals: 0
words:
  en:
    some: "the product was not made for this customer"
    none: "a customer of the kind the product is made for"
    first: "Tell the customer plainly what the product will not do, and agree what is still worth doing"
  zh:
    some: "不属于产品的目标客户"
    none: "属于产品的目标客户"
    first: "坦诚说明产品做不到的部分，商定哪些事仍值得做"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'wrong_customer' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
),
told AS (
    SELECT delivery.account_id
    FROM delivery
    WHERE delivery.entity = 'concern'
)
SELECT
    account.id AS account_id,
    CASE WHEN raised.account_id IS NOT NULL OR NOT account.is_target THEN 1.0 ELSE 0.0 END AS value
FROM account
LEFT JOIN raised ON raised.account_id = account.id
LEFT JOIN told ON told.account_id = account.id
WHERE account.is_target IS NOT NULL OR told.account_id IS NOT NULL
