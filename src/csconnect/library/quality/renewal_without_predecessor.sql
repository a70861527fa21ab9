/*
title: {en: A renewal of nothing, zh: 没有前一期的续费}
level: warning
says: {en: "renews, and nothing of its product line began before it; the first of it begins {number} days later", zh: "性质为续费，但同一产品线没有更早的合同期；最早的一期在其 {number} 天之后开始"}
remedy: {en: "Mend the dates, pull the older orders too, or call it new", zh: "更正日期、拉取更早的订单，或将性质改为新购"}
*/
WITH sold AS (
    SELECT term.id, term.account_id, term.start, term.nature, coalesce(term.product_line, '') AS line
    FROM term
    WHERE term.nature IN ('new', 'renewal') AND date_diff('day', term.start, term."end") > 0
),
beside AS (
    SELECT renewal.id, renewal.account_id, min(date_diff('day', renewal.start, other.start)) AS days
    FROM sold AS renewal
    LEFT JOIN sold AS other ON other.account_id = renewal.account_id AND other.line = renewal.line AND other.id <> renewal.id
    WHERE renewal.nature = 'renewal' AND renewal.account_id IS NOT NULL
    GROUP BY renewal.id, renewal.account_id
)
SELECT 'term' AS entity, beside.id, beside.account_id, 'nature' AS field, beside.days AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM beside
WHERE coalesce(beside.days, 0) >= 0
