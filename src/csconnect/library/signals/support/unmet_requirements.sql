/*
title: {en: Requirements long unmet, zh: 长期未满足的需求}
unit: tickets
window: 90
freshness: 35
polarity: down
entities: [ticket]
source: "a new requirement that is not met is a light danger (book 7.2.1, R12); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} requirements unmet for three months and more"
    one: "one requirement unmet for three months and more"
    none: "no requirement unmet for three months"
    first: "Tell the customer what becomes of each requirement, also where the answer is no"
  zh:
    some: "有 {value} 项需求超过三个月未满足"
    one: "有一项需求超过三个月未满足"
    none: "没有超过三个月未满足的需求"
    first: "逐项答复客户需求的处理结果，不做的也要说明原因"
*/
WITH unmet AS (
    SELECT ticket.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM ticket
    WHERE ticket.category = 'requirement' AND date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) >= :window
        AND (ticket.closed_at IS NULL OR date_diff('day', CAST(ticket.closed_at AS DATE), :as_of) < 0)
    GROUP BY ticket.account_id
)
SELECT delivery.account_id, coalesce(unmet.value, 0.0) AS value
FROM delivery
LEFT JOIN unmet ON unmet.account_id = delivery.account_id
WHERE delivery.entity = 'ticket'
    -- tickets that nobody ever sorts do not say that none is a requirement
    AND (
        EXISTS (SELECT 1 AS one FROM ticket WHERE ticket.category IS NOT NULL)
        OR NOT EXISTS (SELECT 1 AS one FROM ticket)
    )
