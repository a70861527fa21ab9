/*
title: {en: Payment overdue, zh: 回款逾期}
unit: days
window: 1
freshness: 35
polarity: down
entities: [payment]
source: "overdue reminder of the payment plan (001:2880-2883); the oldest unpaid instalment, however old; nothing is owed on the due day itself"
decimals: 0
words:
  en:
    some: "a payment is {value} days overdue"
    one: "a payment is one day overdue"
    none: "no payment is overdue"
    first: "Ask the customer's project lead whether the bill is held back on purpose, then tell the salesperson"
  zh:
    some: "有一笔款项已逾期 {value} 天"
    none: "没有逾期款项"
    first: "先向客户对接人了解是否有意压款，再同步给销售"
*/
WITH oldest AS (
    SELECT payment.account_id, CAST(max(date_diff('day', payment.due_on, :as_of)) AS DOUBLE) AS value
    FROM payment
    WHERE date_diff('day', payment.due_on, :as_of) > 0
        AND (payment.paid_on IS NULL OR date_diff('day', payment.paid_on, :as_of) < 0)
        AND (payment.amount IS NULL OR payment.amount > 0)
    GROUP BY payment.account_id
)
SELECT delivery.account_id, coalesce(oldest.value, 0.0) AS value
FROM delivery
LEFT JOIN oldest ON oldest.account_id = delivery.account_id
WHERE delivery.entity = 'payment'
