/*
title: {en: Login frequency, zh: 登录频率}
unit: days a week
window: 28
polarity: up
entities: [usage_day]
source: "weekly scorecard (004:201-225): login frequency 10; logins as the median of weekly active days per active user, so that one keen user of 500 does not make an account look busy"
decimals: 2
*/
WITH per_user AS (
    SELECT usage_day.account_id, CAST(count(*) AS DOUBLE) * 7.0 / :window AS days_a_week
    FROM usage_day
    WHERE (usage_day.logins > 0 OR usage_day.events > 0 OR array_length(usage_day.modules) > 0)
        AND date_diff('day', usage_day.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY usage_day.account_id, usage_day."user"
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
