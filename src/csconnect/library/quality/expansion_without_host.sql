/*
title: {en: A change of a term that is not there, zh: 增购或减购没有对应的合同期}
level: note
says: {en: "{number}, and no term of the account and product line runs on the day it begins", zh: "{number}，其开始日没有同一客户、同一产品线的在约合同期"}
remedy: {en: "Mend its dates or its product line, or call it new: it falls due by itself", zh: "更正日期或产品线，或将性质改为新购；它将单独到期"}
*/
WITH host AS (
    SELECT term.account_id, term.product_line, term.start, term."end"
    FROM term
    WHERE term.nature IN ('new', 'renewal')
),
added AS (
    SELECT 'term' AS entity, term.id, term.account_id, term.product_line, term.amount, term.start
    FROM term
    WHERE term.nature IN ('expansion', 'contraction') AND date_diff('day', term.start, term."end") > 0
    UNION ALL
    -- a line whose term is there changes that one
    SELECT 'contract_line' AS entity, contract_line.id, contract_line.account_id, contract_line.product_line,
        contract_line.amount, contract_line.start
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    LEFT JOIN opportunity ON opportunity.id = contract_line.term_id AND opportunity.status <> 'won'
    WHERE contract_line.nature IN ('expansion', 'contraction') AND contract_line.billing = 'recurring'
        AND term.id IS NULL AND opportunity.id IS NULL
        AND date_diff('day', contract_line.start, contract_line."end") > 0
),
hosted AS (
    SELECT DISTINCT added.entity, added.id
    FROM added
    INNER JOIN host ON host.account_id = added.account_id
        AND (host.product_line = added.product_line OR host.product_line IS NULL OR added.product_line IS NULL)
        AND host.start <= added.start AND added.start < host."end"
)
SELECT added.entity, added.id, added.account_id, 'start' AS field, added.amount AS number, CAST(NULL AS DOUBLE) AS bound
FROM added
LEFT JOIN hosted ON hosted.entity = added.entity AND hosted.id = added.id
WHERE hosted.id IS NULL AND added.account_id IS NOT NULL
