/*
title: {en: Two open renewals for one end, zh: 同一到期有两个未关闭的续费商机}
level: warning
window: 90
says: {en: "{number} more open for the same end", zh: "同一到期另有 {number} 个未关闭的商机"}
remedy: {en: "Close all but one, or link each to its own contract: the amount is in the forecast twice", zh: "只保留一个，或分别关联各自的合同；否则预测中金额重复"}
*/
WITH open_renewal AS (
    SELECT opportunity.id, opportunity.account_id, opportunity.contract_id, opportunity.close_on, opportunity.created_at
    FROM opportunity
    WHERE opportunity.kind = 'renewal' AND opportunity.status = 'open'
),
ends AS (
    -- what of an account runs or has run out lately; where it is one thing only, a renewal without a contract can mean no other
    SELECT term.account_id, count(DISTINCT concat(coalesce(term.contract_id, ''), '|', coalesce(term.product_line, ''))) AS things
    FROM term
    WHERE term.nature IN ('new', 'renewal') AND date_diff('day', term."end", :as_of) < :window
    GROUP BY term.account_id
),
paired AS (
    SELECT later.id, later.account_id
    FROM open_renewal AS later
    INNER JOIN open_renewal AS earlier ON earlier.account_id = later.account_id
    LEFT JOIN ends ON ends.account_id = later.account_id
    WHERE coalesce(abs(date_diff('day', earlier.close_on, later.close_on)), 0) < :window
        AND (
            earlier.contract_id = later.contract_id
            OR ((earlier.contract_id IS NULL OR later.contract_id IS NULL) AND ends.things = 1)
        )
        AND (
            earlier.created_at < later.created_at
            OR (coalesce(earlier.created_at = later.created_at, true) AND earlier.id < later.id)
        )
)
SELECT 'opportunity' AS entity, paired.id, paired.account_id, 'contract_id' AS field, count(*) AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM paired
GROUP BY paired.id, paired.account_id
