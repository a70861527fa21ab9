/*
title: {en: Growth of seats, zh: 账号增长}
unit: percent
window: 180
freshness: 35
polarity: up
entities: [term]
source: "alert on a jump in scale (book §5.2.3, G19: 10 to 50 accounts) and on a fall: purchased seats against those of 180 days before (ours)"
decimals: 0
words:
  en:
    some: "seats bought changed by {value}% in six months"
    none: "as many seats as six months ago"
    first: "Find out what stands behind the change and whether the customer needs more attention"
  zh:
    some: "近半年已购账号变化 {value}%"
    none: "已购账号与半年前持平"
    first: "了解变化的原因，判断是否需要投入更多关注"
*/
SELECT
    today.account_id,
    100.0 * (CAST(today.seats AS DOUBLE) / nullif(CAST(earlier.seats AS DOUBLE), 0.0) - 1.0) AS value
FROM purchase AS today
INNER JOIN purchase AS earlier ON earlier.account_id = today.account_id AND earlier.ago = :window
WHERE today.ago = 0
