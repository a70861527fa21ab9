/*
title: {en: Change of active users, zh: 活跃用户变化}
unit: percent
window: 70
freshness: 8
polarity: up
entities: [usage_day]
source: "alert on a sharp rise or fall (book §5.2.3; 004:596). INC-16, ours: weekly active users of the last 2 weeks against those of the up to 8 before, holidays of the market set aside as in usage_change; of the weeks before the quietest quarter as well. Unknown with less than 4 whole weeks before"
decimals: 0
words:
  en:
    some: "weekly active users changed by {value}% against the eight weeks before"
    none: "as many weekly active users as in the eight weeks before"
    first: "Find out which users stopped coming, or who joined, and why"
  zh:
    some: "周活跃用户较此前八周变化 {value}%"
    none: "周活跃用户与此前八周持平"
    first: "弄清哪些用户不再使用、哪些新加入，以及原因"
*/
SELECT delivery.account_id, 100.0 * (use_change.now / nullif(use_change.before, 0.0) - 1.0) AS value
FROM delivery
INNER JOIN use_change ON use_change.account_id = delivery.account_id AND use_change.kind = 'users'
WHERE delivery.entity = 'usage_day' AND use_change.now IS NOT NULL AND use_change.before > 0.0
