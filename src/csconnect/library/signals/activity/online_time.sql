/*
title: {en: Online time, zh: 在线时长}
unit: minutes
window: 28
freshness: 35
polarity: up
entities: [reading]
source: "online time per user and day (book §5.2.2, M16), as the product reports it; the mean of the readings of four weeks"
decimals: 0
words:
  en:
    some: "users are online {value} minutes a day"
    none: "users are not online at all"
    first: "Ask a typical user to show how the day goes with the product"
  zh:
    some: "人均每日在线 {value} 分钟"
    none: "没有在线时长"
    first: "请一位普通用户演示其日常使用过程"
*/
SELECT reading.account_id, avg(reading.value) AS value
FROM reading
WHERE reading.metric = 'online_minutes' AND reading.module IS NULL AND reading.account_id IS NOT NULL
    AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
GROUP BY reading.account_id
