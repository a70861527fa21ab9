/*
title: {en: Seats activated, zh: 激活率}
unit: percent
window: 365
freshness: 8
polarity: up
entities: [usage_day, term]
source: "activated / all purchased accounts, not merely the created ones (book §5.2.2, M13; G7: 30 of 100); activated is who was ever active, as far back as usage is kept; who has left counts, so it may pass 100"
decimals: 0
words:
  en:
    some: "{value}% of the seats bought were ever used"
    none: "no seat was ever used"
    first: "Agree a date with the department heads by which their people start"
  zh:
    some: "账号激活率 {value}%"
    none: "没有账号被激活"
    first: "与各部门负责人约定本部门人员的启用日期"
*/
SELECT seats.account_id, 100.0 * CAST(seats.seen AS DOUBLE) / nullif(CAST(seats.purchased AS DOUBLE), 0.0) AS value
FROM seats
WHERE seats.seen IS NOT NULL AND seats.purchased > 0
