/*
title: {en: NPS, zh: NPS}
unit: points of 10
window: 365
polarity: up
entities: [survey]
source: "weekly scorecard (004:201-225): NPS 10, answers 9 and 10; scale 0 to 10"
decimals: 1
*/
WITH newest AS (
    SELECT
        survey.account_id,
        survey.score,
        row_number() OVER (PARTITION BY survey.account_id ORDER BY survey.answered_on DESC, survey.id DESC) AS place
    FROM survey
    WHERE survey.kind = 'nps' AND date_diff('day', survey.answered_on, :as_of) BETWEEN 0 AND :window - 1
)
SELECT newest.account_id, newest.score AS value
FROM newest
WHERE newest.place = 1 AND newest.account_id IS NOT NULL
