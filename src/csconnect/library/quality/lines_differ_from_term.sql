/*
title: {en: Lines whose sum is not their term, zh: 订单行合计与合同期金额不符}
level: warning
says: {en: "its lines are {number} together, the term says {bound}", zh: "订单行合计 {number}，合同期金额 {bound}"}
remedy: {en: "Mend the lines or the amount of the term: ARR follows the lines", zh: "更正订单行或合同期金额；ARR 以订单行为准"}
*/
WITH own AS (
    -- an expansion or a contraction is another order than the term it changes
    SELECT contract_line.term_id, contract_line.amount, contract_line.billing, contract_line.currency
    FROM contract_line
    INNER JOIN term ON term.id = contract_line.term_id
    WHERE coalesce(contract_line.nature, term.nature) = term.nature
        OR coalesce(contract_line.nature, term.nature) IN ('new', 'renewal')
),
itemised AS (
    SELECT own.term_id, count(*) - count(own.amount) AS unpriced, min(own.currency) AS lowest, max(own.currency) AS highest,
        sum(own.amount) AS whole, sum(CASE WHEN own.billing = 'recurring' THEN own.amount END) AS recurring
    FROM own
    GROUP BY own.term_id
)
SELECT 'term' AS entity, term.id, term.account_id, 'amount' AS field, itemised.recurring AS number, term.amount AS bound
FROM term
INNER JOIN itemised ON itemised.term_id = term.id AND itemised.unpriced = 0
WHERE abs(itemised.recurring - term.amount) > 0.01
    -- some systems know only the order's total, one-off fees included
    AND abs(itemised.whole - term.amount) > 0.01
    -- several currencies have no sum
    AND coalesce(itemised.lowest = itemised.highest AND coalesce(term.currency, itemised.lowest) = itemised.lowest, true)
