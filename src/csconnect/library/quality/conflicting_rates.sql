/*
title: {en: Two exchange rates of one day, zh: 同一天有两个汇率}
level: warning
says: {en: "{number}, and another of the same pair and day says {bound}", zh: "{number}，同一天同一币种对另有汇率 {bound}"}
remedy: {en: "Take one of them away: nobody can say which was meant", zh: "删除其中一个；无法得知以哪个为准"}
*/
WITH other AS (
    SELECT one.id, one.rate, max(another.rate) AS highest, min(another.rate) AS lowest
    FROM fx_rate AS one
    INNER JOIN fx_rate AS another ON another.currency = one.currency AND another.base = one.base
        AND another."on" = one."on" AND another.rate <> one.rate
    GROUP BY one.id, one.rate
)
SELECT 'fx_rate' AS entity, other.id, CAST(NULL AS VARCHAR) AS account_id, 'rate' AS field, other.rate AS number,
    CASE WHEN other.highest > other.rate THEN other.highest ELSE other.lowest END AS bound
FROM other
