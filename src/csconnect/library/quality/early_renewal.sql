/*
title: {en: A renewal that begins before the old term ends, zh: 提前开始的续费}
level: note
says: {en: "begins {number} days before the term it renews ends", zh: "比所续合同期的结束早 {number} 天开始"}
remedy: {en: "Nothing, if that was agreed; otherwise mend the dates", zh: "如属约定则无需处理；否则请更正日期"}
*/
WITH whole AS (
    SELECT term.id, term.account_id, term.start, term."end", term.nature, coalesce(term.product_line, '') AS line
    FROM term
    WHERE term.nature IN ('new', 'renewal')
)
SELECT 'term' AS entity, later.id, later.account_id, 'start' AS field,
    max(date_diff('day', later.start, earlier."end")) AS number, CAST(NULL AS DOUBLE) AS bound
FROM whole AS later
INNER JOIN whole AS earlier ON earlier.account_id = later.account_id AND earlier.line = later.line
WHERE later.nature = 'renewal' AND earlier.start < later.start AND earlier."end" < later."end" AND earlier."end" > later.start
GROUP BY later.id, later.account_id
