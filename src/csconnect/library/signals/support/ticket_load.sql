/*
title: {en: Ticket load, zh: 工单密度}
unit: tickets per 100 seats
window: 90
freshness: 35
polarity: down
entities: [ticket, term, contract]
source: "tickets in relation to size, never raw totals (book 1.6, 4.3.2); 90 days are ours"
decimals: 1
words:
  en:
    some: "{value} tickets per 100 seats in three months"
    one: "one ticket per 100 seats in three months"
    none: "no ticket in three months"
    first: "See what most tickets are about and settle its cause"
  zh:
    some: "近三个月每百个账号产生 {value} 个工单"
    one: "近三个月每百个账号产生一个工单"
    none: "近三个月没有工单"
    first: "梳理工单最集中的问题，从根源上解决"
*/
WITH by_term AS (
    -- the terms that run, an expansion beside what it expands
    SELECT term.account_id, CAST(sum(term.seats) AS DOUBLE) AS seats
    FROM term
    WHERE date_diff('day', term.start, :as_of) >= 0 AND date_diff('day', term."end", :as_of) < 0
    GROUP BY term.account_id
),
by_contract AS (
    SELECT contract.account_id, CAST(sum(contract.seats) AS DOUBLE) AS seats
    FROM contract
    WHERE date_diff('day', contract.start, :as_of) >= 0
        AND (contract."end" IS NULL OR date_diff('day', contract."end", :as_of) < 0)
    GROUP BY contract.account_id
),
opened AS (
    SELECT ticket.account_id, CAST(count(*) AS DOUBLE) AS tickets
    FROM ticket
    WHERE date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
    GROUP BY ticket.account_id
)
SELECT
    delivery.account_id,
    100.0 * coalesce(opened.tickets, 0.0) / nullif(coalesce(by_term.seats, by_contract.seats), 0.0) AS value
FROM delivery
LEFT JOIN by_term ON by_term.account_id = delivery.account_id
LEFT JOIN by_contract ON by_contract.account_id = delivery.account_id
LEFT JOIN opened ON opened.account_id = delivery.account_id
WHERE delivery.entity = 'ticket'
