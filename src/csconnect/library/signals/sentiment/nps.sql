/*
title: {en: NPS, zh: NPS}
unit: points of 10
window: 365
freshness: 35
polarity: up
entities: [survey]
source: "weekly scorecard (004:201-225): NPS 10, answers 9 and 10; scale 0 to 10"
decimals: 1
words:
  en:
    some: "latest NPS answer {value} of 10"
    none: "latest NPS answer 0 of 10"
    first: "Call the person who gave the NPS answer and ask for the reason"
  zh:
    some: "最近一次 NPS 评分 {value} 分"
    none: "最近一次 NPS 评分 0 分"
    first: "致电 NPS 评分人，了解打分原因"
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
