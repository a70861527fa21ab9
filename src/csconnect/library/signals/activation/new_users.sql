/*
title: {en: New users, zh: 新增用户}
unit: users
window: 28
freshness: 8
polarity: up
entities: [usage_day]
source: "weekly scorecard (004:201-225): user growth 5, new users"
decimals: 0
words:
  en:
    some: "{value} new users in four weeks"
    one: "one new user in four weeks"
    none: "no new users in four weeks"
    first: "Ask which team should start next and offer it a training"
  zh:
    some: "近四周新增用户 {value} 人"
    none: "近四周没有新增用户"
    first: "询问下一个准备上线的部门，并主动安排培训"
*/
WITH arrived AS (
    SELECT user_days.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM user_days
    WHERE date_diff('day', user_days.first_day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY user_days.account_id
)
SELECT delivery.account_id, coalesce(arrived.value, 0.0) AS value
FROM delivery
CROSS JOIN usage_span
LEFT JOIN arrived ON arrived.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
    -- who is new can only be told where usage reaches back beyond the window; before that everybody is
    AND date_diff('day', usage_span.first_day, :as_of) >= :window
