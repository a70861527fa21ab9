/*
title: {en: A new order that follows a term like a renewal, zh: 紧接原合同期、形同续费的新购}
level: note
window: 90
says: {en: "called new, and begins {number} days after a term of the same product line ended", zh: "性质为新购，但在同一产品线的合同期结束 {number} 天后开始"}
remedy: {en: "Call it a renewal if it is one: within grace it counts as one either way", zh: "如属续费请更正性质；宽限期内都按续费计算"}
*/
WITH whole AS (
    SELECT term.id, term.account_id, term.start, term."end", term.nature, coalesce(term.product_line, '') AS line
    FROM term
    WHERE term.nature IN ('new', 'renewal') AND date_diff('day', term.start, term."end") > 0
)
SELECT 'term' AS entity, later.id, later.account_id, 'nature' AS field,
    min(date_diff('day', earlier."end", later.start)) AS number, CAST(NULL AS DOUBLE) AS bound
FROM whole AS later
INNER JOIN whole AS earlier ON earlier.account_id = later.account_id AND earlier.line = later.line
WHERE later.nature = 'new' AND date_diff('day', earlier."end", later.start) BETWEEN 0 AND :window
GROUP BY later.id, later.account_id
