/*
title: {en: Share of payments overdue, zh: 逾期款项占比}
unit: percent
window: 365
freshness: 35
polarity: down
entities: [payment]
source: "overdue list of the payment plan (001:2880-2903), by count, of the instalments that fell due in the past year"
decimals: 0
words:
  en:
    some: "{value}% of the past year's instalments are unpaid"
    none: "all instalments of the past year are paid"
    first: "Go through the open bills with the salesperson and agree who calls whom"
  zh:
    some: "近一年到期款项中有 {value}% 尚未支付"
    none: "近一年到期款项均已付清"
    first: "与销售一起核对未付款项，商定由谁联系客户"
*/
SELECT
    payment.account_id,
    100.0 * avg(
        CASE WHEN payment.paid_on IS NULL OR date_diff('day', payment.paid_on, :as_of) < 0 THEN 1.0 ELSE 0.0 END
    ) AS value
FROM payment
WHERE payment.account_id IS NOT NULL AND date_diff('day', payment.due_on, :as_of) BETWEEN 1 AND :window
    AND (payment.amount IS NULL OR payment.amount > 0)
GROUP BY payment.account_id
