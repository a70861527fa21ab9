/*
title: {en: Dated in the future, zh: 日期在未来}
level: warning
ahead: true
says: {en: "lies {number} days ahead", zh: "在 {number} 天之后"}
remedy: {en: "Mend the date, or map the field that says when it happened: it counts from that day on", zh: "更正日期，或映射实际发生日期的字段；到那天才会计入"}
*/
WITH told AS (
    SELECT 'survey' AS entity, survey.id, survey.account_id, 'answered_on' AS field, survey.answered_on AS day FROM survey
    UNION ALL
    SELECT 'advocacy' AS entity, advocacy.id, advocacy.account_id, 'happened_on' AS field, advocacy.happened_on AS day FROM advocacy
    UNION ALL
    SELECT 'role_change' AS entity, role_change.id, role_change.account_id, 'changed_on' AS field, role_change.changed_on AS day FROM role_change
    UNION ALL
    SELECT 'concern' AS entity, concern.id, concern.account_id, 'raised_on' AS field, concern.raised_on AS day FROM concern
    UNION ALL
    SELECT 'need' AS entity, need.id, need.account_id, 'stated_on' AS field, need.stated_on AS day FROM need
    UNION ALL
    SELECT 'consumption' AS entity, consumption.id, consumption.account_id, 'day' AS field, consumption.day AS day FROM consumption
    UNION ALL
    SELECT 'reading' AS entity, reading.id, reading.account_id, 'day' AS field, reading.day AS day FROM reading
    UNION ALL
    SELECT 'contract' AS entity, contract.id, contract.account_id, 'signed_on' AS field, contract.signed_on AS day FROM contract
    UNION ALL
    SELECT 'term' AS entity, term.id, term.account_id, 'signed_on' AS field, term.signed_on AS day FROM term
    UNION ALL
    SELECT 'ticket' AS entity, ticket.id, ticket.account_id, 'opened_at' AS field, CAST(ticket.opened_at AS DATE) AS day FROM ticket
    UNION ALL
    SELECT 'ticket' AS entity, ticket.id, ticket.account_id, 'closed_at' AS field, CAST(ticket.closed_at AS DATE) AS day FROM ticket
    UNION ALL
    SELECT 'commitment' AS entity, commitment.id, commitment.account_id, 'fulfilled_on' AS field, commitment.fulfilled_on AS day FROM commitment
    UNION ALL
    SELECT 'payment' AS entity, payment.id, payment.account_id, 'paid_on' AS field, payment.paid_on AS day FROM payment
    UNION ALL
    SELECT 'project' AS entity, project.id, project.account_id, 'live_on' AS field, project.live_on AS day FROM project
    UNION ALL
    SELECT 'project' AS entity, project.id, project.account_id, 'accepted_on' AS field, project.accepted_on AS day FROM project
    UNION ALL
    SELECT 'goal' AS entity, goal.id, goal.account_id, 'measured_on' AS field, goal.measured_on AS day FROM goal
    UNION ALL
    SELECT 'quota' AS entity, quota.id, quota.account_id, 'measured_on' AS field, quota.measured_on AS day FROM quota
)
SELECT told.entity, told.id, told.account_id, told.field, date_diff('day', :as_of, told.day) AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM told
-- tomorrow may be today where the customer lives
WHERE date_diff('day', :as_of, told.day) > 1
