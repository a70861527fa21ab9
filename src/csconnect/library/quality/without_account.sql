/*
title: {en: A record that names no account, zh: 记录未关联客户}
level: note
says: {en: "names no account", zh: "未关联客户"}
remedy: {en: "Name the account in its system; until then it counts for nobody", zh: "在来源系统中关联客户；在此之前不计入任何客户"}
*/
WITH orphan AS (
    SELECT 'contact' AS entity, contact.id FROM contact WHERE contact.account_id IS NULL
    UNION ALL
    SELECT 'contract' AS entity, contract.id FROM contract WHERE contract.account_id IS NULL
    UNION ALL
    SELECT 'term' AS entity, term.id FROM term WHERE term.account_id IS NULL
    UNION ALL
    SELECT 'ticket' AS entity, ticket.id FROM ticket WHERE ticket.account_id IS NULL
    UNION ALL
    SELECT 'touchpoint' AS entity, touchpoint.id FROM touchpoint WHERE touchpoint.account_id IS NULL
    UNION ALL
    SELECT 'survey' AS entity, survey.id FROM survey WHERE survey.account_id IS NULL
    UNION ALL
    SELECT 'goal' AS entity, goal.id FROM goal WHERE goal.account_id IS NULL
    UNION ALL
    SELECT 'quota' AS entity, quota.id FROM quota WHERE quota.account_id IS NULL
    UNION ALL
    SELECT 'concern' AS entity, concern.id FROM concern WHERE concern.account_id IS NULL
    UNION ALL
    SELECT 'advocacy' AS entity, advocacy.id FROM advocacy WHERE advocacy.account_id IS NULL
    UNION ALL
    SELECT 'need' AS entity, need.id FROM need WHERE need.account_id IS NULL
    UNION ALL
    SELECT 'consumption' AS entity, consumption.id FROM consumption WHERE consumption.account_id IS NULL
)
SELECT orphan.entity, orphan.id, CAST(NULL AS VARCHAR) AS account_id, 'account_id' AS field,
    CAST(NULL AS DOUBLE) AS number, CAST(NULL AS DOUBLE) AS bound
FROM orphan
