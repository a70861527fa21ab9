/*
title: {en: Use of a module that no catalogue knows, zh: 使用了目录中没有的模块}
level: warning
window: 90
says: {en: "used by {number} accounts in 90 days, unknown to the catalogue", zh: "90 天内 {number} 家客户使用，目录中没有"}
remedy: {en: "Add the module to the catalogue, or rename it in usage: its use counts for nothing until then", zh: "将模块加入目录，或在使用数据中更名；在此之前其使用不计分"}
*/
WITH named AS (
    SELECT usage_module_day.module, usage_module_day.account_id
    FROM usage_module_day
    WHERE date_diff('day', usage_module_day.day, :as_of) BETWEEN 0 AND :window - 1
    UNION ALL
    SELECT reading.module, reading.account_id
    FROM reading
    WHERE reading.module IS NOT NULL AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
),
catalogue AS (
    SELECT count(*) AS modules FROM module
)
SELECT 'module' AS entity, named.module AS id, CAST(NULL AS VARCHAR) AS account_id, 'id' AS field,
    count(DISTINCT named.account_id) AS number, CAST(NULL AS DOUBLE) AS bound
FROM named
CROSS JOIN catalogue
LEFT JOIN module ON module.id = named.module
WHERE module.id IS NULL AND catalogue.modules > 0
GROUP BY named.module
