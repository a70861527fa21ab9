/*
title: {en: A goal whose target is where it began, zh: 目标值等于基线}
level: warning
says: {en: "target and baseline are both {number}", zh: "目标值与基线均为 {number}"}
remedy: {en: "Agree on a target with the customer; progress towards this one cannot be reckoned", zh: "与客户商定目标值；目前无法计算进度"}
*/
SELECT 'goal' AS entity, goal.id, goal.account_id, 'target' AS field, goal.target AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM goal
WHERE goal.target = goal.baseline
