/*
title: {en: Replies within a day, zh: 24小时内回复}
unit: percent
window: 90
polarity: up
entities: [touchpoint]
source: "weekly scorecard (004:201-225): response speed 10, replies within 24 hours"
decimals: 0
*/
SELECT
    touchpoint.account_id,
    100.0 * avg(CASE WHEN touchpoint.replied_within_hours <= 24.0 THEN 1.0 ELSE 0.0 END) AS value
FROM touchpoint
WHERE touchpoint.account_id IS NOT NULL
    AND touchpoint.replied_within_hours IS NOT NULL
    AND date_diff('day', CAST(touchpoint.happened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
GROUP BY touchpoint.account_id
