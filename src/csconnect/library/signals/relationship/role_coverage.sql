/*
title: {en: Roles covered, zh: 关键角色覆盖}
unit: roles of 5
window: 1
freshness: 35
polarity: up
entities: [contact]
source: "contacts on 3 to 5 levels of an account (000:736, 004:64-65); which five parts is ours: decision maker, champion, administrator, department head, key user (001:1280, book 1.3.4)"
decimals: 0
words:
  en:
    some: "we know people in {value} of the five key roles"
    one: "we know somebody in only one of the five key roles"
    none: "we know nobody in any of the five key roles"
    first: "Ask the person we know best to introduce us to the missing roles"
  zh:
    some: "五类关键角色中已覆盖 {value} 类"
    one: "五类关键角色中仅覆盖一类"
    none: "五类关键角色一个都没有覆盖"
    first: "请最熟悉的联系人引荐尚未接触的关键角色"
*/
WITH covered AS (
    SELECT present_role.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM present_role
    WHERE present_role.role IN ('decision_maker', 'champion', 'administrator', 'department_head', 'key_user')
    GROUP BY present_role.account_id
)
SELECT delivery.account_id, coalesce(covered.value, 0.0) AS value
FROM delivery
LEFT JOIN covered ON covered.account_id = delivery.account_id
WHERE delivery.entity = 'contact'
    -- contacts whose parts nobody states anywhere do not say that a part is missing
    AND (EXISTS (SELECT 1 AS one FROM present_role) OR NOT EXISTS (SELECT 1 AS one FROM contact))
