/*
title: {en: NPS outside 0 to 10, zh: NPS 超出 0–10}
level: warning
says: {en: "{number}, where {bound} is the most", zh: "{number}，上限为 {bound}"}
remedy: {en: "Map the survey as the kind it is, or turn its scale into 0 to 10 in the mapping", zh: "按实际类型映射问卷，或在映射中换算为 0–10"}
*/
SELECT 'survey' AS entity, survey.id, survey.account_id, 'score' AS field, survey.score AS number,
    CAST(10 AS DOUBLE) AS bound
FROM survey
WHERE survey.kind = 'nps' AND (survey.score > 10 OR survey.score < 0)
