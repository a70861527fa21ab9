/*
title: {en: An exchange rate that is too old, zh: 汇率过旧}
level: warning
says: {en: "holds for {bound} days, and the next came after {number}", zh: "有效期 {bound} 天，但下一个汇率在 {number} 天之后"}
remedy: {en: "Deliver the rates between, or raise retention.rate_max_age_days: what lies in the hole is left out of figures in another currency", zh: "补齐期间的汇率，或调高 retention.rate_max_age_days；缺口中的金额不会计入折算后的数字"}
window: 45
*/
-- of the currencies that orders are in, over the last year and a quarter: fiscal years and the grace after them
WITH used AS (
    SELECT currency FROM term WHERE currency IS NOT NULL
    UNION
    SELECT currency FROM contract_line WHERE currency IS NOT NULL
),
told AS (
    SELECT fx_rate.id, fx_rate."on" AS day,
        lead(fx_rate."on") OVER (PARTITION BY fx_rate.currency, fx_rate.base ORDER BY fx_rate."on", fx_rate.id) AS next_day
    FROM fx_rate
    WHERE fx_rate."on" <= :as_of AND fx_rate.currency IN (SELECT used.currency FROM used)
),
held AS (
    SELECT told.id, told.day, CASE WHEN told.next_day IS NULL THEN :as_of ELSE told.next_day END AS until FROM told
)
SELECT 'fx_rate' AS entity, held.id, CAST(NULL AS VARCHAR) AS account_id, 'on' AS field,
    date_diff('day', held.day, held.until) AS number, :window AS bound
FROM held
WHERE date_diff('day', held.day, held.until) > :window AND date_diff('day', held.until, :as_of) < 457
