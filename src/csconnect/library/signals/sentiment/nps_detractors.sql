/*
title: {en: Detractors among key users, zh: 关键用户中的贬损者}
unit: people
window: 180
freshness: 35
polarity: down
entities: [survey, contact]
source: "NPS of key users: a detractor who is administrator or department head presses the red light (001:1525-1537); detractors answer 0 to 6; who has left speaks no more; half a year is ours"
decimals: 0
words:
  en:
    some: "{value} key users are detractors (NPS 6 or less)"
    one: "one key user is a detractor (NPS 6 or less)"
    none: "no key user is a detractor"
    first: "Call each detractor, ask for the reason, and call again once it is settled"
  zh:
    some: "关键用户中有 {value} 位贬损者（NPS 6 分及以下）"
    one: "关键用户中有一位贬损者（NPS 6 分及以下）"
    none: "关键用户中没有贬损者"
    first: "逐一致电贬损者了解原因，解决后再次回访确认"
*/
WITH answer AS (
    SELECT
        survey.account_id,
        survey.score,
        row_number() OVER (
            -- an answer without a name stands for itself: nobody can tell which later one replaces it
            PARTITION BY survey.account_id, coalesce(survey.contact_id, survey.id)
            ORDER BY survey.answered_on DESC, survey.id DESC
        ) AS place
    FROM survey
    LEFT JOIN contact ON contact.id = survey.contact_id
    WHERE survey.kind = 'nps'
        AND survey.account_id IS NOT NULL
        AND date_diff('day', survey.answered_on, :as_of) BETWEEN 0 AND :window - 1
        AND (contact.left_on IS NULL OR date_diff('day', contact.left_on, :as_of) < 0)
        AND (
            survey.respondent_role IN ('key_user', 'administrator', 'department_head')
            OR array_contains(contact.roles, 'key_user')
            OR array_contains(contact.roles, 'administrator')
            OR array_contains(contact.roles, 'department_head')
        )
)
SELECT answer.account_id, sum(CASE WHEN answer.score <= 6.0 THEN 1.0 ELSE 0.0 END) AS value
FROM answer
WHERE answer.place = 1
GROUP BY answer.account_id
