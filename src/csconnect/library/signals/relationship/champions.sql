/*
title: {en: Champions, zh: 内部支持者}
unit: people
window: 1
freshness: 35
polarity: up
entities: [contact]
source: "the relationship with each supporter of the decision chain (book 1.3.4, 7.3.1; 001:1280: the core supporter)"
decimals: 0
words:
  en:
    some: "{value} champions among the contacts"
    one: "one champion among the contacts"
    none: "no champion among the contacts"
    first: "Find the person who gains most from the product and win them as champion"
  zh:
    some: "现有内部支持者 {value} 位"
    one: "只有一位内部支持者"
    none: "没有内部支持者"
    first: "找到从产品中受益最多的人，争取其成为内部支持者"
*/
WITH present AS (
    SELECT present_role.account_id, CAST(present_role.contacts AS DOUBLE) AS value
    FROM present_role
    WHERE present_role.role = 'champion'
)
SELECT delivery.account_id, coalesce(present.value, 0.0) AS value
FROM delivery
LEFT JOIN present ON present.account_id = delivery.account_id
WHERE delivery.entity = 'contact'
    -- contacts whose parts nobody states anywhere do not say that a part is missing
    AND (EXISTS (SELECT 1 AS one FROM present_role) OR NOT EXISTS (SELECT 1 AS one FROM contact))
