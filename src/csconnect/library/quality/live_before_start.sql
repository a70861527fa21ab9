/*
title: {en: Live before the project began, zh: 上线早于项目启动}
level: warning
says: {en: "live {number} days before the start", zh: "上线日比启动日早 {number} 天"}
remedy: {en: "Mend the day of the start or of the go-live", zh: "更正启动日或上线日"}
*/
SELECT 'project' AS entity, project.id, project.account_id, 'live_on' AS field,
    date_diff('day', project.live_on, project.started_on) AS number, CAST(NULL AS DOUBLE) AS bound
FROM project
WHERE date_diff('day', project.live_on, project.started_on) > 0
