/*
title: {en: Open tickets, zh: 未关闭工单}
unit: tickets
window: 1
freshness: 35
polarity: down
entities: [ticket]
source: "issues that stay unsolved (book 7.2.1, R11)"
decimals: 0
words:
  en:
    some: "{value} tickets open"
    one: "one ticket open"
    none: "no ticket open"
    first: "Go through the open tickets with support and tell the customer a day for each"
  zh:
    some: "未关闭工单 {value} 个"
    one: "有一个未关闭工单"
    none: "没有未关闭的工单"
    first: "与支持团队逐一梳理未关闭工单，并告知客户处理时间"
*/
WITH waiting AS (
    SELECT ticket.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM ticket
    WHERE date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) >= 0
        AND (ticket.closed_at IS NULL OR date_diff('day', CAST(ticket.closed_at AS DATE), :as_of) < 0)
    GROUP BY ticket.account_id
)
SELECT delivery.account_id, coalesce(waiting.value, 0.0) AS value
FROM delivery
LEFT JOIN waiting ON waiting.account_id = delivery.account_id
WHERE delivery.entity = 'ticket'
