/*
title: {en: Terms of one product line that overlap, zh: 同一产品线的合同期重叠}
level: warning
says: {en: "overlaps an earlier term by {number} days", zh: "与较早的合同期重叠 {number} 天"}
remedy: {en: "Mend the dates, or call it an expansion: the overlap counts twice in ARR", zh: "更正日期，或标为增购；重叠部分会重复计入 ARR"}
*/
WITH whole AS (
    -- an expansion or a contraction runs beside the term it changes
    SELECT term.id, term.account_id, term.start, term."end", term.nature, coalesce(term.product_line, '') AS line
    FROM term
    WHERE term.nature IN ('new', 'renewal') AND date_diff('day', term.start, term."end") > 0
),
paired AS (
    SELECT later.id, later.account_id,
        least(date_diff('day', later.start, earlier."end"), date_diff('day', later.start, later."end")) AS days
    FROM whole AS later
    INNER JOIN whole AS earlier ON earlier.account_id = later.account_id AND earlier.line = later.line
    WHERE (earlier.start < later.start OR (earlier.start = later.start AND earlier.id < later.id))
        AND earlier."end" > later.start
        -- a renewal that begins early and ends later takes the old term's place
        AND NOT (later.nature = 'renewal' AND earlier.start < later.start AND earlier."end" < later."end")
)
SELECT 'term' AS entity, paired.id, paired.account_id, 'start' AS field, max(paired.days) AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM paired
GROUP BY paired.id, paired.account_id
