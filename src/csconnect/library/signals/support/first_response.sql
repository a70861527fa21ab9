/*
title: {en: First response, zh: 首次响应时间}
unit: hours
window: 90
freshness: 35
polarity: down
entities: [ticket]
source: "how long support takes to answer (book 4.3.2; 004:948-968); the median, so that one forgotten ticket does not stand for all"
decimals: 1
words:
  en:
    some: "support first answers after {value} hours"
    one: "support first answers after one hour"
    none: "support answers at once"
    first: "Ask support what holds up the first answer"
  zh:
    some: "工单首次响应一般需 {value} 小时"
    one: "工单首次响应一般需一小时"
    none: "工单都能即时响应"
    first: "了解首次响应慢的原因，并推动支持团队改进"
*/
WITH ranked AS (
    SELECT
        ticket.account_id,
        ticket.first_response_hours AS hours,
        row_number() OVER (PARTITION BY ticket.account_id ORDER BY ticket.first_response_hours) AS place,
        count(*) OVER (PARTITION BY ticket.account_id) AS tickets
    FROM ticket
    WHERE ticket.account_id IS NOT NULL
        AND ticket.first_response_hours IS NOT NULL
        AND date_diff('day', CAST(ticket.opened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
)
-- the median: the middle one, or the mean of the middle two
SELECT ranked.account_id, avg(ranked.hours) AS value
FROM ranked
WHERE 2 * ranked.place BETWEEN ranked.tickets AND ranked.tickets + 2
GROUP BY ranked.account_id
