/*
title: {en: Complaints, zh: 投诉}
unit: tickets
window: 90
freshness: 35
polarity: down
entities: [ticket]
source: "a complaint presses the red light by itself (001:1538); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} complaints in three months"
    one: "one complaint in three months"
    none: "no complaint in three months"
    first: "Call whoever complained, say what was done about it and ask whether it is settled"
  zh:
    some: "近三个月收到投诉 {value} 起"
    one: "近三个月收到一起投诉"
    none: "近三个月没有投诉"
    first: "致电投诉人，说明处理结果，并确认是否满意"
*/
WITH complaint AS (
    SELECT ticket.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM ticket
    WHERE ticket.category = 'complaint' AND date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
    GROUP BY ticket.account_id
)
SELECT delivery.account_id, coalesce(complaint.value, 0.0) AS value
FROM delivery
LEFT JOIN complaint ON complaint.account_id = delivery.account_id
WHERE delivery.entity = 'ticket'
    -- tickets that nobody ever sorts do not say that none is a complaint
    AND (
        EXISTS (SELECT 1 AS one FROM ticket WHERE ticket.category IS NOT NULL)
        OR NOT EXISTS (SELECT 1 AS one FROM ticket)
    )
