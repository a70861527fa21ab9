/*
title: {en: Department head changed, zh: 部门负责人变动}
unit: changes
window: 90
freshness: 35
polarity: down
entities: [role_change, contact]
source: "key users whose change is a signal: the first-level department head (001:1280, 1474, 1529); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} changes of department heads in three months"
    one: "a department head changed in the last three months"
    none: "no change of a department head in three months"
    first: "Meet the new department head and ask what the product must do for the department"
  zh:
    some: "近三个月部门负责人变动 {value} 次"
    one: "近三个月有一位部门负责人变动"
    none: "近三个月部门负责人没有变动"
    first: "拜访新任部门负责人，了解该部门对产品的期望"
*/
WITH turned AS (
    -- one who ends and one who succeeds are one change, whoever of them is told of
    SELECT
        role_turnover.account_id,
        count(DISTINCT CASE WHEN role_turnover.ended THEN role_turnover.person END) AS ended,
        count(DISTINCT CASE WHEN NOT role_turnover.ended THEN role_turnover.person END) AS succeeded
    FROM role_turnover
    WHERE role_turnover.role = 'department_head' AND date_diff('day', role_turnover.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY role_turnover.account_id
),
watched AS (
    -- nobody can say that nothing changed where no department head is known and role changes are not told
    SELECT contact_role.account_id
    FROM contact_role
    WHERE contact_role.role = 'department_head'
    UNION
    SELECT role_event.account_id
    FROM role_event
    WHERE role_event.role = 'department_head'
    UNION
    SELECT delivery.account_id
    FROM delivery
    WHERE delivery.entity = 'role_change'
)
SELECT watched.account_id, CAST(greatest(coalesce(turned.ended, 0), coalesce(turned.succeeded, 0)) AS DOUBLE) AS value
FROM watched
LEFT JOIN turned ON turned.account_id = watched.account_id
