/*
title: {en: Champion left, zh: 内部支持者流失}
unit: champions
window: 90
freshness: 35
polarity: down
entities: [role_change, contact]
source: "a champion who leaves while the decision maker stays is a light danger (book 7.2.1, R9); the core supporter's change is a signal (001:1280, 1474); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} champions lost in three months"
    one: "a champion left or gave up in the last three months"
    none: "no champion lost in three months"
    first: "Find out who could speak for us now, and ask the decision maker for time"
  zh:
    some: "近三个月流失内部支持者 {value} 位"
    one: "近三个月有一位内部支持者离开或不再支持"
    none: "近三个月没有内部支持者流失"
    first: "尽快发展新的内部支持者，并约决策人沟通"
*/
WITH lost AS (
    SELECT role_turnover.account_id, count(DISTINCT role_turnover.person) AS people
    FROM role_turnover
    WHERE role_turnover.role = 'champion'
        AND role_turnover.ended
        AND date_diff('day', role_turnover.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY role_turnover.account_id
),
watched AS (
    -- nobody can say that none was lost where no champion is known and role changes are not told
    SELECT contact_role.account_id
    FROM contact_role
    WHERE contact_role.role = 'champion'
    UNION
    SELECT role_event.account_id
    FROM role_event
    WHERE role_event.role = 'champion'
    UNION
    SELECT delivery.account_id
    FROM delivery
    WHERE delivery.entity = 'role_change'
)
SELECT watched.account_id, CAST(coalesce(lost.people, 0) AS DOUBLE) AS value
FROM watched
LEFT JOIN lost ON lost.account_id = watched.account_id
