/*
title: {en: An amount of no currency, zh: 金额缺少币种}
level: warning
says: {en: "{number}, of no currency", zh: "{number}，没有币种"}
remedy: {en: "Map or fill the currency: amounts of no currency are added to no others, and an account that has one among others has no ARR", zh: "映射或填写币种；无币种的金额不与其他金额相加，混有此类金额的客户没有 ARR"}
*/
WITH sold AS (
    SELECT 'contract_line' AS entity, contract_line.id, contract_line.account_id, contract_line.term_id,
        contract_line.amount, coalesce(contract_line.currency, term.currency) AS currency
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    LEFT JOIN opportunity ON opportunity.id = contract_line.term_id AND opportunity.status <> 'won'
    WHERE contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL AND opportunity.id IS NULL
),
itemised AS (
    SELECT DISTINCT sold.term_id FROM sold WHERE sold.term_id IS NOT NULL
),
counted AS (
    SELECT sold.entity, sold.id, sold.account_id, sold.amount, sold.currency FROM sold
    UNION ALL
    -- a term counts by itself only where no line of it does
    SELECT 'term' AS entity, term.id, term.account_id, term.amount, term.currency
    FROM term
    LEFT JOIN itemised ON itemised.term_id = term.id
    WHERE itemised.term_id IS NULL
)
SELECT counted.entity, counted.id, counted.account_id, 'currency' AS field, counted.amount AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM counted
WHERE counted.amount <> 0 AND counted.currency IS NULL
