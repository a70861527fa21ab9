/*
title: {en: A share outside 0 to 100, zh: 百分比超出 0–100}
level: warning
says: {en: "{number}, where 0 to {bound} is possible", zh: "{number}，应在 0–{bound} 之间"}
remedy: {en: "Mend the field, or turn its scale into 0 to 100 in the mapping", zh: "更正字段，或在映射中换算为 0–100"}
*/
WITH told AS (
    SELECT account.id, 'data_quality' AS field, account.data_quality AS number FROM account
    UNION ALL
    SELECT account.id, 'business_health' AS field, account.business_health AS number FROM account
)
SELECT 'account' AS entity, told.id, told.id AS account_id, told.field, told.number, CAST(100 AS DOUBLE) AS bound
FROM told
WHERE told.number > 100 OR told.number < 0
