/*
title: {en: Months with us, zh: 在网时长}
unit: months
window: 1
freshness: 35
polarity: up
entities: [term]
source: "months on net (000:219-226): since the first term began, gaps included; a month is 30.4375 days"
decimals: 1
words:
  en:
    some: "a customer for {value} months"
    one: "a customer for one month"
    none: "a customer since today"
    first: "Look at what the customer first bought the product for, and whether that still holds"
  zh:
    some: "已合作 {value} 个月"
    none: "今日刚开始合作"
    first: "回顾客户当初为什么购买，现在是否依然成立"
*/
SELECT term.account_id, CAST(date_diff('day', min(term.start), :as_of) AS DOUBLE) / 30.4375 AS value
FROM term
WHERE term.account_id IS NOT NULL AND term."end" > term.start AND date_diff('day', term.start, :as_of) >= 0
GROUP BY term.account_id
