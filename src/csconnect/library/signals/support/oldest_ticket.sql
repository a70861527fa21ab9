/*
title: {en: Oldest open ticket, zh: 最久未关闭工单}
unit: days
window: 1
freshness: 35
polarity: down
entities: [ticket]
source: "issues that stay unsolved for long (book 7.2.1, R11); requirements have a signal of their own, a wish may wait longer than a fault"
decimals: 0
words:
  en:
    some: "the oldest open ticket is {value} days old"
    one: "the oldest open ticket is one day old"
    none: "no ticket is kept waiting"
    first: "Take the oldest ticket to support and agree by when it is solved"
  zh:
    some: "最久的工单已有 {value} 天未解决"
    one: "最久的工单已有一天未解决"
    none: "没有积压的工单"
    first: "推动支持团队优先解决最久的工单，并明确完成时间"
*/
WITH waiting AS (
    SELECT ticket.account_id, CAST(max(date_diff('day', CAST(ticket.opened_at AS DATE), :as_of)) AS DOUBLE) AS value
    FROM ticket
    WHERE coalesce(ticket.category, '') <> 'requirement'
        AND date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) >= 0
        AND (ticket.closed_at IS NULL OR date_diff('day', CAST(ticket.closed_at AS DATE), :as_of) < 0)
    GROUP BY ticket.account_id
)
SELECT delivery.account_id, coalesce(waiting.value, 0.0) AS value
FROM delivery
LEFT JOIN waiting ON waiting.account_id = delivery.account_id
WHERE delivery.entity = 'ticket'
