/*
title: {en: Renewal deferred, zh: 延期未续}
unit: 0 or 1
window: 1
freshness: 35
polarity: down
entities: [account, term]
source: "a deferred customer (001:1457, INC-19): a term ended within grace and none renews it; the same as the state deferred of csconnect.compute.terms"
decimals: 0
words:
  en:
    some: "a term has ended and is not renewed yet"
    none: "no renewal is late"
    first: "Find out what holds the signature up, and keep the customer's access open meanwhile"
  zh:
    some: "有合同已到期尚未续约"
    none: "没有延期未续的合同"
    first: "弄清签约卡在哪一步，同时确保客户服务不中断"
*/
WITH late AS (
    SELECT DISTINCT chained_term.account_id
    FROM chained_term
    WHERE chained_term.days_to_end <= 0 AND chained_term.days_to_end + :grace >= 0 AND NOT chained_term.renewed
)
SELECT delivery.account_id, CASE WHEN late.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN late ON late.account_id = delivery.account_id
WHERE delivery.entity = 'term'
