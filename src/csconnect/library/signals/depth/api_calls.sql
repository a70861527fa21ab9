/*
title: {en: API calls per user, zh: 人均接口调用}
unit: calls per user
window: 28
freshness: 35
polarity: up
entities: [reading]
source: "number of API calls of third-party integrations (book §5.2.2), per opened user account so that sizes compare; the readings of four weeks summed"
decimals: 1
words:
  en:
    some: "{value} API calls per user in four weeks"
    one: "one API call per user in four weeks"
    none: "no API call in four weeks"
    first: "Ask IT which other system the data should flow to"
  zh:
    some: "近四周人均接口调用 {value} 次"
    none: "近四周没有接口调用"
    first: "与 IT 部门确认数据还应与哪个系统打通"
*/
WITH called AS (
    SELECT reading.account_id, sum(reading.value) AS calls
    FROM reading
    WHERE reading.metric = 'api_calls' AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY reading.account_id
)
SELECT called.account_id, called.calls / nullif(CAST(seats.opened AS DOUBLE), 0.0) AS value
FROM called
INNER JOIN seats ON seats.account_id = called.account_id
WHERE seats.opened > 0
