/*
title: {en: Over before it begins, zh: 结束早于开始}
level: warning
says: {en: "ends {number} days before it starts", zh: "结束日比开始日早 {number} 天"}
remedy: {en: "Mend start or end; the end is the first day that is no longer covered. Until then it counts for nothing", zh: "更正开始日或结束日（结束日为不再覆盖的第一天）；在此之前不计入"}
*/
WITH period AS (
    SELECT 'contract' AS entity, contract.id, contract.account_id, contract.start, contract."end" FROM contract
    UNION ALL
    SELECT 'term' AS entity, term.id, term.account_id, term.start, term."end" FROM term
    UNION ALL
    SELECT 'contract_line' AS entity, contract_line.id, contract_line.account_id, contract_line.start, contract_line."end"
    FROM contract_line
)
SELECT period.entity, period.id, period.account_id, 'end' AS field,
    date_diff('day', period."end", period.start) AS number, CAST(NULL AS DOUBLE) AS bound
FROM period
WHERE date_diff('day', period.start, period."end") <= 0
