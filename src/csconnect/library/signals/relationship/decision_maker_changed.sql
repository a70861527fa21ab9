/*
title: {en: Decision maker changed, zh: 决策人变更}
unit: changes
window: 90
freshness: 35
polarity: down
entities: [role_change, contact]
source: "a change of the decision maker is a high danger (book 7.2.1, 1.3.4, R8; 001:1280); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} changes of decision maker in three months"
    one: "the decision maker changed in the last three months"
    none: "no change of decision maker in three months"
    first: "Ask the champion to introduce us to the new decision maker, and bring the results so far"
  zh:
    some: "近三个月决策人变更 {value} 次"
    one: "近三个月更换了决策人"
    none: "近三个月决策人没有变更"
    first: "请内部支持者引荐新的决策人，并带上已取得的成果"
*/
WITH turned AS (
    -- one who ends and one who succeeds are one change, whoever of them is told of
    SELECT
        role_turnover.account_id,
        count(DISTINCT CASE WHEN role_turnover.ended THEN role_turnover.person END) AS ended,
        count(DISTINCT CASE WHEN NOT role_turnover.ended THEN role_turnover.person END) AS succeeded
    FROM role_turnover
    WHERE role_turnover.role = 'decision_maker' AND date_diff('day', role_turnover.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY role_turnover.account_id
),
watched AS (
    -- nobody can say that nothing changed where no decision maker is known and role changes are not told
    SELECT contact_role.account_id
    FROM contact_role
    WHERE contact_role.role = 'decision_maker'
    UNION
    SELECT role_event.account_id
    FROM role_event
    WHERE role_event.role = 'decision_maker'
    UNION
    SELECT delivery.account_id
    FROM delivery
    WHERE delivery.entity = 'role_change'
)
SELECT watched.account_id, CAST(greatest(coalesce(turned.ended, 0), coalesce(turned.succeeded, 0)) AS DOUBLE) AS value
FROM watched
LEFT JOIN turned ON turned.account_id = watched.account_id
