/*
title: {en: Days without use, zh: 未使用天数}
unit: days
window: 1100
freshness: 3
polarity: down
entities: [usage_day]
source: "no login for seven days (004:109-660, triggers): days since anybody was active. Where nobody ever was, the days since the customer's first term began (its record, where it has none), as far back as usage is known (ours)"
decimals: 0
words:
  en:
    some: "nobody active for {value} days"
    one: "nobody active since yesterday"
    none: "somebody active today"
    first: "Call the key user today and ask what happened"
  zh:
    some: "已有 {value} 天无人使用"
    one: "昨天起无人使用"
    none: "今天仍有人使用"
    first: "当天致电关键用户，了解情况"
*/
WITH last_seen AS (
    SELECT user_days.account_id, max(user_days.last_day) AS day
    FROM user_days
    GROUP BY user_days.account_id
),
began AS (
    SELECT term.account_id, min(term.start) AS day
    FROM term
    GROUP BY term.account_id
),
since AS (
    SELECT
        delivery.account_id,
        coalesce(
            last_seen.day,
            greatest(coalesce(began.day, CAST(account.created_at AS DATE)), usage_span.first_day)
        ) AS day,
        coalesce(last_seen.day, began.day, CAST(account.created_at AS DATE)) AS known
    FROM delivery
    INNER JOIN account ON account.id = delivery.account_id
    CROSS JOIN usage_span
    LEFT JOIN last_seen ON last_seen.account_id = delivery.account_id
    LEFT JOIN began ON began.account_id = delivery.account_id
    WHERE delivery.entity = 'usage_day' AND usage_span.first_day IS NOT NULL
)
SELECT since.account_id, CAST(date_diff('day', since.day, :as_of) AS DOUBLE) AS value
FROM since
WHERE since.known IS NOT NULL AND date_diff('day', since.day, :as_of) >= 0
