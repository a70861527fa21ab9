/*
title: {en: A renewal above the agreed rise, zh: 续费涨幅超过合同上限}
level: warning
says: {en: "{number} is asked, the contract allows {bound}", zh: "报价 {number}，合同约定上限 {bound}"}
remedy: {en: "Lower the amount, or agree with the customer that the clause falls", zh: "调低金额，或与客户协商取消该条款"}
*/
WITH begun AS (
    SELECT term.*
    FROM term
    WHERE term.contract_id IS NOT NULL AND date_diff('day', term.start, term."end") > 0
        AND date_diff('day', term.start, :as_of) >= 0
),
base AS (
    SELECT begun.contract_id, begun.account_id, begun.product_line, begun.start, begun."end" AS over, begun.months,
        max(begun."end") OVER (PARTITION BY begun.contract_id) AS last_over
    FROM begun
    WHERE begun.nature IN ('new', 'renewal')
),
last_end AS (
    SELECT base.contract_id, base.over, max(base.months) AS months
    FROM base
    WHERE base.over = base.last_over
    GROUP BY base.contract_id, base.over
),
itemised AS (
    SELECT DISTINCT contract_line.term_id FROM contract_line
    WHERE contract_line.term_id IS NOT NULL AND contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL
),
line AS (
    SELECT coalesce(contract_line.contract_id, begun.contract_id) AS contract_id,
        coalesce(contract_line.account_id, begun.account_id) AS account_id, contract_line.product_line, contract_line.amount,
        coalesce(contract_line.months, begun.months) AS months, coalesce(contract_line.currency, begun.currency) AS currency,
        coalesce(contract_line.start, begun.start) AS start, coalesce(contract_line."end", begun."end") AS over
    FROM contract_line
    LEFT JOIN begun ON begun.id = contract_line.term_id
    LEFT JOIN opportunity ON opportunity.id = contract_line.term_id AND opportunity.status <> 'won'
    WHERE contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL
        AND (begun.id IS NOT NULL OR opportunity.id IS NULL)
),
sold AS (
    SELECT line.contract_id, line.amount, line.months, line.currency, line.start, line.over FROM line
    UNION ALL
    SELECT begun.contract_id, begun.amount, begun.months, begun.currency, begun.start, begun."end" AS over
    FROM begun
    LEFT JOIN itemised ON itemised.term_id = begun.id
    WHERE itemised.term_id IS NULL AND begun.amount IS NOT NULL
    UNION ALL
    -- where every order is a contract, an expansion is one that no term renews: it falls due with the term that it runs beside
    SELECT base.contract_id, line.amount, line.months, line.currency, line.start, line.over
    FROM line
    LEFT JOIN last_end ON last_end.contract_id = line.contract_id
    INNER JOIN base ON base.account_id = line.account_id AND base.over = base.last_over
        AND base.start <= line.start AND line.start < base.over
        AND (base.product_line = line.product_line OR base.product_line IS NULL OR line.product_line IS NULL)
    WHERE last_end.contract_id IS NULL
),
due AS (
    -- what runs on the last covered day is what falls due, expansions included
    SELECT last_end.contract_id, max(last_end.months) AS months,
        min(sold.currency) AS currency, max(sold.currency) AS highest, count(*) - count(sold.currency) AS unnamed,
        sum(CAST(sold.amount AS DOUBLE) / nullif(CAST(sold.months AS DOUBLE), 0.0)) AS monthly,
        count(*) - count(sold.months) AS endless
    FROM last_end
    INNER JOIN sold ON sold.contract_id = last_end.contract_id AND sold.start < last_end.over AND sold.over >= last_end.over
        AND date_diff('day', sold.start, :as_of) >= 0
    GROUP BY last_end.contract_id
),
allowed AS (
    SELECT contract.id AS contract_id, due.currency,
        due.monthly * CAST(due.months AS DOUBLE) * (1.0 + contract.price_increase_cap / 100.0) AS amount
    FROM contract
    INNER JOIN due ON due.contract_id = contract.id
    -- several currencies, or lines without a length, have no sum to rise from
    WHERE contract.price_increase_cap IS NOT NULL AND due.currency = due.highest AND due.unnamed = 0 AND due.endless = 0
)
SELECT 'opportunity' AS entity, opportunity.id, opportunity.account_id, 'amount' AS field, opportunity.amount AS number,
    allowed.amount AS bound
FROM opportunity
INNER JOIN allowed ON allowed.contract_id = opportunity.contract_id AND allowed.currency = opportunity.currency
-- just the cap is allowed; half a cent is what rounding may add
WHERE opportunity.kind = 'renewal' AND opportunity.status = 'open'
    AND CAST(opportunity.amount AS DOUBLE) > allowed.amount + 0.005
