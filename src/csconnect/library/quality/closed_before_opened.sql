/*
title: {en: Closed before it was opened, zh: 关闭早于创建}
level: warning
says: {en: "closed {number} days before it was opened", zh: "关闭日比创建日早 {number} 天"}
remedy: {en: "Mend the ticket, or map the fields that say when it was opened and closed", zh: "更正工单，或映射正确的创建与关闭时间"}
*/
SELECT 'ticket' AS entity, ticket.id, ticket.account_id, 'closed_at' AS field,
    date_diff('day', CAST(ticket.closed_at AS DATE), CAST(ticket.opened_at AS DATE)) AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM ticket
WHERE ticket.closed_at < ticket.opened_at
