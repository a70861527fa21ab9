/*
title: {en: Seats opened, zh: 开通率}
unit: percent
window: 365
freshness: 35
polarity: up
entities: [term]
source: "behaviour score (001:1221): opened / purchased accounts; where no reading tells how many are open, those ever seen"
decimals: 0
words:
  en:
    some: "{value}% of the seats bought are opened"
    none: "no seat opened yet"
    first: "Send the administrator the list of seats that are not opened"
  zh:
    some: "账号开通率 {value}%"
    none: "尚未开通任何账号"
    first: "把未开通的账号清单发给系统管理员"
*/
SELECT seats.account_id, 100.0 * CAST(seats.opened AS DOUBLE) / nullif(CAST(seats.purchased AS DOUBLE), 0.0) AS value
FROM seats
WHERE seats.opened IS NOT NULL AND seats.purchased > 0
