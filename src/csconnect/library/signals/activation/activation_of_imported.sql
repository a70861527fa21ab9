/*
title: {en: Imported users activated, zh: 导入用户激活率}
unit: percent
window: 365
freshness: 8
polarity: up
entities: [usage_day]
source: "activated / imported users, as at acceptance (book §6.3.1, G8: 400 of 500); only where a reading tells how many accounts are open"
decimals: 0
words:
  en:
    some: "{value}% of the opened accounts were ever used"
    none: "none of the opened accounts was ever used"
    first: "Train those who have an account and never came"
  zh:
    some: "已开通账号激活率 {value}%"
    none: "已开通账号均未激活"
    first: "为已开通但从未使用的人员安排培训"
*/
SELECT seats.account_id, 100.0 * CAST(seats.seen AS DOUBLE) / nullif(CAST(seats.told AS DOUBLE), 0.0) AS value
FROM seats
WHERE seats.seen IS NOT NULL AND seats.told > 0
