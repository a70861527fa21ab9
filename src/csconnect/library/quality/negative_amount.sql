/*
title: {en: A negative amount that is no contraction, zh: 非减购的负金额}
level: warning
says: {en: "{number}, and its nature is not a contraction", zh: "{number}，且性质不是减购"}
remedy: {en: "Mend the amount, or the nature of the order", zh: "更正金额，或更正订单性质"}
*/
WITH priced AS (
    SELECT 'contract_line' AS entity, contract_line.id, contract_line.account_id, contract_line.amount,
        coalesce(contract_line.nature, term.nature, 'new') AS nature
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    UNION ALL
    SELECT 'term' AS entity, term.id, term.account_id, term.amount, term.nature FROM term
)
SELECT priced.entity, priced.id, priced.account_id, 'amount' AS field, priced.amount AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM priced
WHERE priced.amount < 0 AND priced.nature <> 'contraction'
