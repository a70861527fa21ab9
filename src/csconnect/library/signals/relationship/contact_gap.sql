/*
title: {en: Days without contact, zh: 未联系天数}
unit: days
window: 180
freshness: 35
polarity: down
entities: [touchpoint, term, contract, account]
source: "a customer who avoids us is in danger (book 7.2.1, sign 4); regular contact (book 1.7, 5.4.2); half a year as for the decision maker (book 7.2.2)"
decimals: 0
words:
  en:
    some: "no contact for {value} days"
    one: "the last contact was yesterday"
    none: "we were in touch today"
    first: "Call the customer today and agree the next appointment"
  zh:
    some: "已有 {value} 天没有联系客户"
    one: "昨天刚联系过客户"
    none: "今天刚联系过客户"
    first: "今天就联系客户，并约定下一次沟通"
*/
WITH latest AS (
    SELECT held_touchpoint.account_id, max(held_touchpoint.day) AS day
    FROM held_touchpoint
    GROUP BY held_touchpoint.account_id
)
SELECT
    delivery.account_id,
    CAST(CASE
        WHEN date_diff('day', latest.day, :as_of) <= :window THEN date_diff('day', latest.day, :as_of)
        -- none in the window: as long as it can be, which is no longer than the account has been a customer
        ELSE greatest(0, least(:window + 1, coalesce(date_diff('day', customer_since.day, :as_of), :window + 1)))
    END AS DOUBLE) AS value
FROM delivery
LEFT JOIN latest ON latest.account_id = delivery.account_id
LEFT JOIN customer_since ON customer_since.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
