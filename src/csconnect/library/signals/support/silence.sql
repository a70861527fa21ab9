/*
title: {en: Days without a ticket, zh: 无工单天数}
unit: days
window: 90
freshness: 35
polarity: down
entities: [ticket, term, contract, account]
source: "the third sign of danger: no issue at all, or none since some point; silence is not health (book 7.2.1, R6); 90 days are ours"
decimals: 0
words:
  en:
    some: "no ticket for {value} days"
    one: "the last ticket came yesterday"
    none: "a ticket came today"
    first: "Ask the key user how the work with the product goes; nobody has asked us anything"
  zh:
    some: "已有 {value} 天没有提过工单"
    one: "昨天刚提过工单"
    none: "今天刚提过工单"
    first: "主动询问关键用户使用情况：客户已很久没有提问"
*/
WITH latest AS (
    SELECT ticket.account_id, max(CAST(ticket.opened_at AS DATE)) AS day
    FROM ticket
    WHERE date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) >= 0
    GROUP BY ticket.account_id
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
WHERE delivery.entity = 'ticket'
