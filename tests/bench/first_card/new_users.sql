/*
title: {en: New users, zh: 新增用户}
unit: users
window: 28
polarity: up
entities: [usage_day]
source: "weekly scorecard (004:201-225): user growth 5, new users"
decimals: 0
*/
WITH first_seen AS (
    SELECT usage_day.account_id, usage_day."user", min(usage_day.day) AS day
    FROM usage_day
    WHERE (usage_day.logins > 0 OR usage_day.events > 0 OR array_length(usage_day.modules) > 0)
        AND date_diff('day', usage_day.day, :as_of) >= 0
    GROUP BY usage_day.account_id, usage_day."user"
),
arrived AS (
    SELECT first_seen.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM first_seen
    WHERE date_diff('day', first_seen.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY first_seen.account_id
)
SELECT delivery.account_id, coalesce(arrived.value, 0.0) AS value
FROM delivery
LEFT JOIN arrived ON arrived.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
    -- who is new can only be told where usage reaches back beyond the window; before that everybody is
    AND EXISTS (SELECT 1 AS one FROM usage_day AS older WHERE date_diff('day', older.day, :as_of) >= :window)
