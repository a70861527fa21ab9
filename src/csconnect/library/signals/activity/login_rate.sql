/*
title: {en: Login rate, zh: 登录率}
unit: percent
window: 7
freshness: 3
polarity: up
entities: [usage_day]
source: "behaviour score (001:1223), INC-07: opened user accounts that logged in / opened ones; a user who did anything was logged in (sessions last for weeks); a week is ours; where no reading tells how many are open, those ever seen"
decimals: 0
words:
  en:
    some: "{value}% of the users came in the past week"
    none: "nobody came in the past week"
    first: "Ask the administrator whether something keeps people out"
  zh:
    some: "近一周登录率 {value}%"
    none: "近一周无人登录"
    first: "向系统管理员了解用户为何没有登录"
*/
WITH active AS (
    SELECT user_days.account_id, CAST(count(*) AS DOUBLE) AS people
    FROM user_days
    WHERE date_diff('day', user_days.last_day, :as_of) < :window
    GROUP BY user_days.account_id
)
SELECT delivery.account_id, 100.0 * coalesce(active.people, 0.0) / nullif(CAST(seats.opened AS DOUBLE), 0.0) AS value
FROM delivery
INNER JOIN seats ON seats.account_id = delivery.account_id
LEFT JOIN active ON active.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
