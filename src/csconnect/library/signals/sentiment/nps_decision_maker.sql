/*
title: {en: NPS of the decision maker, zh: 决策人 NPS}
unit: points of 10
window: 365
freshness: 35
polarity: up
entities: [survey, contact]
source: "NPS by role (001:1525-1537); decision maker and department heads decide on the renewal (book 1.3.4); who has left speaks no more"
decimals: 1
words:
  en:
    some: "the decision maker's latest NPS answer is {value} of 10"
    none: "the decision maker's latest NPS answer is 0 of 10"
    first: "Call the decision maker and ask for the reason of the answer"
  zh:
    some: "决策人最近一次 NPS 评分 {value} 分"
    none: "决策人最近一次 NPS 评分 0 分"
    first: "致电决策人，了解打分原因"
*/
WITH newest AS (
    SELECT
        survey.account_id,
        survey.score,
        row_number() OVER (PARTITION BY survey.account_id ORDER BY survey.answered_on DESC, survey.id DESC) AS place
    FROM survey
    LEFT JOIN contact ON contact.id = survey.contact_id
    WHERE survey.kind = 'nps'
        AND survey.account_id IS NOT NULL
        AND date_diff('day', survey.answered_on, :as_of) BETWEEN 0 AND :window - 1
        AND (contact.left_on IS NULL OR date_diff('day', contact.left_on, :as_of) < 0)
        AND (
            survey.respondent_role IN ('decision_maker', 'department_head')
            OR array_contains(contact.roles, 'decision_maker')
            OR array_contains(contact.roles, 'department_head')
        )
)
SELECT newest.account_id, newest.score AS value
FROM newest
WHERE newest.place = 1
