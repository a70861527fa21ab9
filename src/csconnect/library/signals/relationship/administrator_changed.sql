/*
title: {en: Administrator changed, zh: 系统管理员变动}
unit: changes
window: 90
freshness: 35
polarity: down
entities: [role_change, contact]
source: "key users whose change is a signal: the system administrator (001:1280, 1474, 1529); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} changes of administrator in three months"
    one: "the administrator changed in the last three months"
    none: "no change of administrator in three months"
    first: "Get to know the new administrator and offer the administrator training again"
  zh:
    some: "近三个月系统管理员变动 {value} 次"
    one: "近三个月更换过系统管理员"
    none: "近三个月系统管理员没有变动"
    first: "与新的系统管理员建立联系，并重新安排一次管理员培训"
*/
WITH turned AS (
    -- one who ends and one who succeeds are one change, whoever of them is told of
    SELECT
        role_turnover.account_id,
        count(DISTINCT CASE WHEN role_turnover.ended THEN role_turnover.person END) AS ended,
        count(DISTINCT CASE WHEN NOT role_turnover.ended THEN role_turnover.person END) AS succeeded
    FROM role_turnover
    WHERE role_turnover.role = 'administrator' AND date_diff('day', role_turnover.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY role_turnover.account_id
),
watched AS (
    -- nobody can say that nothing changed where no administrator is known and role changes are not told
    SELECT contact_role.account_id
    FROM contact_role
    WHERE contact_role.role = 'administrator'
    UNION
    SELECT role_event.account_id
    FROM role_event
    WHERE role_event.role = 'administrator'
    UNION
    SELECT delivery.account_id
    FROM delivery
    WHERE delivery.entity = 'role_change'
)
SELECT watched.account_id, CAST(greatest(coalesce(turned.ended, 0), coalesce(turned.succeeded, 0)) AS DOUBLE) AS value
FROM watched
LEFT JOIN turned ON turned.account_id = watched.account_id
