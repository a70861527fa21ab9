/*
title: {en: Urgent tickets open, zh: 未关闭紧急工单}
unit: tickets
window: 1
freshness: 35
polarity: down
entities: [ticket]
source: "P0 and P1 (004:948-968); bugs are a cause of the red light (001:1461-1475)"
decimals: 0
words:
  en:
    some: "{value} urgent tickets open (P0 or P1)"
    one: "one urgent ticket open (P0 or P1)"
    none: "no urgent ticket open"
    first: "Ask support today when the urgent tickets will be solved, and call the customer"
  zh:
    some: "有 {value} 个紧急工单（P0、P1）未解决"
    one: "有一个紧急工单（P0、P1）未解决"
    none: "没有未解决的紧急工单"
    first: "今天就向支持团队确认紧急工单的解决时间，并致电客户"
*/
WITH waiting AS (
    SELECT ticket.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM ticket
    WHERE date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) >= 0
        AND (ticket.closed_at IS NULL OR date_diff('day', CAST(ticket.closed_at AS DATE), :as_of) < 0)
        AND ticket.priority IN ('p0', 'p1')
    GROUP BY ticket.account_id
)
SELECT delivery.account_id, coalesce(waiting.value, 0.0) AS value
FROM delivery
LEFT JOIN waiting ON waiting.account_id = delivery.account_id
WHERE delivery.entity = 'ticket'
    -- tickets of which nobody ever says how urgent they are do not say that none is
    AND (
        EXISTS (SELECT 1 AS one FROM ticket WHERE ticket.priority IS NOT NULL)
        OR NOT EXISTS (SELECT 1 AS one FROM ticket)
    )
