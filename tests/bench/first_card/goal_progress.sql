/*
title: {en: Goals reached, zh: 目标达成}
unit: percent
window: 365
polarity: up
entities: [goal]
source: "weekly scorecard (004:201-225): KPI improved 15; baseline, target, actual as in the success standard (book 5.3)"
decimals: 0
*/
WITH progress AS (
    SELECT
        goal.account_id,
        (goal.actual - goal.baseline) / nullif(goal.target - goal.baseline, 0.0) AS share
    FROM goal
    WHERE goal.actual IS NOT NULL
        AND (goal.measured_on IS NULL OR date_diff('day', goal.measured_on, :as_of) BETWEEN 0 AND :window - 1)
)
SELECT progress.account_id, 100.0 * avg(greatest(0.0, least(1.0, progress.share))) AS value
FROM progress
WHERE progress.share IS NOT NULL
GROUP BY progress.account_id
