/*
title: {en: How-to questions, zh: 操作咨询占比}
unit: percent
window: 90
freshness: 35
polarity: down
entities: [ticket]
source: "how-to questions that repeat ask for a training and a manual (book 5.4.1, 6.2.2, R24); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value}% of the tickets ask how something is done"
    none: "none of the tickets asks how something is done"
    first: "Offer a training on what is asked most, and send the manual for it"
  zh:
    some: "{value}% 的工单是操作咨询"
    none: "没有操作咨询类工单"
    first: "针对问得最多的问题安排培训，并提供操作手册"
*/
SELECT
    ticket.account_id,
    100.0 * avg(CASE WHEN ticket.category = 'how_to' THEN 1.0 ELSE 0.0 END) AS value
FROM ticket
WHERE ticket.account_id IS NOT NULL
    AND ticket.category IS NOT NULL
    AND date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
GROUP BY ticket.account_id
