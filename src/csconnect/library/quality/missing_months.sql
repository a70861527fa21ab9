/*
title: {en: Months that are missing or do not fit the dates, zh: 月数缺失或与起止日期不符}
level: warning
says: {en: "{number} months are said, the dates are {bound} apart", zh: "所填月数 {number}，按日期应为 {bound}"}
remedy: {en: "Mend the dates or the months: ARR is the amount by its months. Without months it counts for nothing", zh: "更正起止日期或月数；ARR 按月数折算，缺少月数则不计入"}
*/
WITH told AS (
    SELECT 'term' AS entity, term.id, term.account_id, term.amount, term.months,
        CAST(date_diff('day', term.start, term."end") - coalesce(term.credited_days, 0) AS DOUBLE) / 30.4375 AS fitting
    FROM term
    UNION ALL
    SELECT 'contract_line' AS entity, contract_line.id, coalesce(contract_line.account_id, term.account_id) AS account_id,
        contract_line.amount, coalesce(contract_line.months, term.months) AS months,
        CAST(date_diff('day', contract_line.start, contract_line."end") - coalesce(contract_line.credited_days, 0) AS DOUBLE) / 30.4375 AS fitting
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    WHERE contract_line.billing = 'recurring'
)
SELECT told.entity, told.id, told.account_id, 'months' AS field, told.months AS number, told.fitting AS bound
FROM told
-- a reversed period is another rule's
WHERE told.amount <> 0 AND told.fitting > 0
    AND (told.months IS NULL OR abs(CAST(told.months AS DOUBLE) - told.fitting) > 1.0)
