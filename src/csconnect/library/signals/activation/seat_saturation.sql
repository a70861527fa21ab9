/*
title: {en: Seats in use, zh: 账号饱和度}
unit: percent
window: 28
freshness: 8
polarity: up
entities: [usage_day, term]
source: "used / purchased seats, near 100 % a sign of expansion (book §7.1.1, M18); used is active in four weeks (ours); may pass 100"
decimals: 0
words:
  en:
    some: "{value}% of the seats bought are in use"
    none: "no seat in use"
    first: "Talk about more seats before they run short, or about those that lie idle"
  zh:
    some: "已购账号使用率 {value}%"
    none: "已购账号均未使用"
    first: "接近饱和时洽谈增购；闲置较多时查明原因"
*/
WITH active AS (
    SELECT user_days.account_id, CAST(count(*) AS DOUBLE) AS people
    FROM user_days
    WHERE date_diff('day', user_days.last_day, :as_of) < :window
    GROUP BY user_days.account_id
)
SELECT delivery.account_id, 100.0 * coalesce(active.people, 0.0) / nullif(CAST(seats.purchased AS DOUBLE), 0.0) AS value
FROM delivery
INNER JOIN seats ON seats.account_id = delivery.account_id
LEFT JOIN active ON active.account_id = delivery.account_id
WHERE delivery.entity = 'usage_day'
