/*
title: {en: A renewal above the agreed rise, zh: 续费涨幅超过合同上限}
level: warning
says: {en: "{number} is asked, the contract allows {bound}", zh: "报价 {number}，合同约定上限 {bound}"}
remedy: {en: "Lower the amount, or agree with the customer that the clause falls", zh: "调低金额，或与客户协商取消该条款"}
*/
WITH last_end AS (
    SELECT term.contract_id, max(term."end") AS over
    FROM term
    WHERE term.nature IN ('new', 'renewal') AND date_diff('day', term.start, :as_of) >= 0
    GROUP BY term.contract_id
),
last_term AS (
    -- it is taken to be renewed for as long again
    SELECT last_end.contract_id, last_end.over, max(term.months) AS months
    FROM last_end
    INNER JOIN term ON term.contract_id = last_end.contract_id AND term."end" = last_end.over
        AND term.nature IN ('new', 'renewal')
    GROUP BY last_end.contract_id, last_end.over
),
itemised AS (
    SELECT DISTINCT contract_line.term_id FROM contract_line
    WHERE contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL
),
sold AS (
    SELECT coalesce(contract_line.contract_id, term.contract_id) AS contract_id, contract_line.amount,
        coalesce(contract_line.months, term.months) AS months, coalesce(contract_line.currency, term.currency) AS currency,
        coalesce(contract_line.start, term.start) AS start, coalesce(contract_line."end", term."end") AS over
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    WHERE contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL
    UNION ALL
    SELECT term.contract_id, term.amount, term.months, term.currency, term.start, term."end" AS over
    FROM term
    LEFT JOIN itemised ON itemised.term_id = term.id
    WHERE itemised.term_id IS NULL AND term.amount IS NOT NULL
),
due AS (
    -- what runs on the last covered day falls due, expansions included; amounts without a length or a currency have no sum
    SELECT last_term.contract_id, last_term.months, min(sold.currency) AS currency, max(sold.currency) AS highest,
        count(sold.currency) AS named, count(sold.months) AS timed, count(*) AS lines,
        sum(CAST(sold.amount AS DOUBLE) / nullif(CAST(sold.months AS DOUBLE), 0.0)) AS monthly
    FROM last_term
    INNER JOIN sold ON sold.contract_id = last_term.contract_id AND sold.start < last_term.over
        AND sold.over >= last_term.over AND date_diff('day', sold.start, :as_of) >= 0
    GROUP BY last_term.contract_id, last_term.months
),
allowed AS (
    SELECT due.contract_id, due.currency,
        due.monthly * CAST(due.months AS DOUBLE) * (1.0 + contract.price_increase_cap / 100.0) AS amount
    FROM due
    INNER JOIN contract ON contract.id = due.contract_id
    WHERE due.currency = due.highest AND due.named = due.lines AND due.timed = due.lines
)
SELECT 'opportunity' AS entity, opportunity.id, opportunity.account_id, 'amount' AS field, opportunity.amount AS number,
    allowed.amount AS bound
FROM opportunity
INNER JOIN allowed ON allowed.contract_id = opportunity.contract_id AND allowed.currency = opportunity.currency
-- just the cap is allowed; half a cent is what rounding may add
WHERE opportunity.kind = 'renewal' AND opportunity.status = 'open'
    AND CAST(opportunity.amount AS DOUBLE) > allowed.amount + 0.005
