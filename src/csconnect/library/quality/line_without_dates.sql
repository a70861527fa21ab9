/*
title: {en: A recurring line that says not when it runs, zh: 周期性订单行缺少起止日期}
level: warning
says: {en: "{number} a term, and neither the line nor a term of it has the date", zh: "金额 {number}，订单行与所属合同期均无该日期"}
remedy: {en: "Give the line its dates or a term that has them, or call it one-off. Until then it counts for nothing", zh: "补充订单行的起止日期或所属合同期，或标为一次性；在此之前不计入"}
*/
WITH dated AS (
    SELECT contract_line.id, coalesce(contract_line.account_id, term.account_id) AS account_id, contract_line.amount,
        coalesce(contract_line.start, term.start) AS start, coalesce(contract_line."end", term."end") AS over
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    -- where a deal is its own term, its lines count once it is won
    LEFT JOIN opportunity ON opportunity.id = contract_line.term_id AND opportunity.status <> 'won'
    WHERE contract_line.billing = 'recurring' AND contract_line.amount <> 0 AND opportunity.id IS NULL
)
SELECT 'contract_line' AS entity, dated.id, dated.account_id,
    CASE WHEN dated.start IS NULL THEN 'start' ELSE 'end' END AS field, dated.amount AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM dated
WHERE dated.start IS NULL OR dated.over IS NULL
