/*
title: {en: An approved adjustment that fits no line, zh: 已批准的应续调整没有对应明细}
level: warning
says: {en: "{number} a year is approved and changes nothing", zh: "已批准每年 {number}，但未调整任何明细"}
remedy: {en: "Name the term or the recurring line, its account and its currency, by how much a year, and the day of the decision", zh: "填写对应的合同期或经常性订单行、其客户与币种、每年调整金额及批准日期"}
*/
WITH approved AS (
    SELECT adjustment.id, adjustment.account_id, adjustment.term_id, adjustment.line_id, adjustment.side, adjustment.arr_delta,
        adjustment.currency, adjustment.decided_on, coalesce(adjustment.waived, false) AS waived
    FROM adjustment
    WHERE adjustment.status = 'approved'
),
meant AS (
    SELECT approved.id, coalesce(contract_line.account_id, term.account_id) AS account_id,
        coalesce(contract_line.currency, term.currency) AS currency, coalesce(contract_line.start, term.start) AS start
    FROM approved
    INNER JOIN contract_line ON contract_line.id = approved.line_id AND contract_line.billing = 'recurring'
    LEFT JOIN term ON term.id = contract_line.term_id
    UNION ALL
    SELECT approved.id, coalesce(contract_line.account_id, term.account_id) AS account_id,
        coalesce(contract_line.currency, term.currency) AS currency, coalesce(contract_line.start, term.start) AS start
    FROM approved
    INNER JOIN term ON term.id = approved.term_id
    LEFT JOIN contract_line ON contract_line.term_id = term.id AND contract_line.billing = 'recurring'
    WHERE approved.line_id IS NULL
),
began AS (
    SELECT term.account_id, min(term.start) AS start
    FROM term
    WHERE term.nature IN ('new', 'renewal')
    GROUP BY term.account_id
),
seen AS (
    SELECT approved.id, min(meant.account_id) AS account_id,
        max(CASE WHEN meant.account_id <> approved.account_id THEN 1 ELSE 0 END) AS others,
        max(CASE WHEN approved.currency IS NULL OR meant.currency <> approved.currency THEN 1 ELSE 0 END) AS foreign_ones,
        -- what an account began with renews nothing
        max(CASE WHEN meant.start > began.start THEN 1 ELSE 0 END) AS later_ones
    FROM approved
    INNER JOIN meant ON meant.id = approved.id
    LEFT JOIN began ON began.account_id = meant.account_id
    GROUP BY approved.id
),
judged AS (
    SELECT approved.id, coalesce(approved.account_id, seen.account_id) AS account_id, approved.arr_delta,
        CASE
            WHEN approved.decided_on IS NULL THEN 'decided_on'
            WHEN seen.id IS NULL AND approved.line_id IS NOT NULL THEN 'line_id'
            WHEN seen.id IS NULL THEN 'term_id'
            WHEN seen.others = 1 THEN 'account_id'
            WHEN approved.side = 'renewed' AND seen.later_ones = 0 THEN 'side'
            WHEN NOT approved.waived AND approved.arr_delta IS NULL THEN 'arr_delta'
            WHEN NOT approved.waived AND seen.foreign_ones = 1 THEN 'currency'
        END AS field
    FROM approved
    LEFT JOIN seen ON seen.id = approved.id
)
SELECT 'adjustment' AS entity, judged.id, judged.account_id, judged.field, judged.arr_delta AS number, CAST(NULL AS DOUBLE) AS bound
FROM judged
WHERE judged.field IS NOT NULL
