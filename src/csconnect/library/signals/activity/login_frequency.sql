/*
title: {en: Login frequency, zh: 登录频率}
unit: days a week
window: 28
freshness: 8
polarity: up
entities: [usage_day]
source: "weekly scorecard (004:201-225): login frequency 10; logins as the median of weekly active days per active user, so that one keen user of 500 does not make an account look busy"
decimals: 2
words:
  en:
    some: "a typical user is active {value} days a week"
    one: "a typical user is active one day a week"
    none: "nobody has been active for four weeks"
    first: "Call the key user and ask what stands in the way of daily use"
  zh:
    some: "一般用户每周使用 {value} 天"
    none: "近四周无人使用"
    first: "致电关键用户，了解日常使用中的障碍"
*/
WITH per_user AS (
    SELECT user_days.account_id, CAST(user_days.days AS DOUBLE) * 7.0 / :window AS days_a_week
    FROM user_days
    WHERE user_days.days > 0
),
ranked AS (
    SELECT
        per_user.account_id,
        per_user.days_a_week,
        row_number() OVER (PARTITION BY per_user.account_id ORDER BY per_user.days_a_week) AS place,
        count(*) OVER (PARTITION BY per_user.account_id) AS people
    FROM per_user
),
typical AS (
    -- the median: the middle one, or the mean of the middle two
    SELECT ranked.account_id, avg(ranked.days_a_week) AS value
    FROM ranked
    WHERE 2 * ranked.place BETWEEN ranked.people AND ranked.people + 2
    GROUP BY ranked.account_id
)
SELECT delivery.account_id, coalesce(typical.value, 0.0) AS value
FROM delivery
LEFT JOIN typical ON typical.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
