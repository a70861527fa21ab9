/*
title: {en: Next meeting agreed, zh: 已约定下次会面}
unit: 0 or 1
window: 365
freshness: 35
polarity: up
entities: [touchpoint]
source: "the next appointment is agreed before leaving (book 3.8, R28)"
decimals: 0
words:
  en:
    some: "the next meeting is agreed"
    none: "no next meeting is agreed"
    first: "Agree a day for the next meeting"
  zh:
    some: "已约定下次会面时间"
    none: "尚未约定下次会面"
    first: "与客户约定下次会面时间"
*/
WITH agreed AS (
    -- a refused meeting may have been put off to a later day
    SELECT DISTINCT touchpoint.account_id
    FROM touchpoint
    WHERE date_diff('day', touchpoint.next_on, :as_of) < 0
        AND date_diff('day', CAST(touchpoint.happened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
)
SELECT delivery.account_id, CASE WHEN agreed.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN agreed ON agreed.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
    -- touchpoints that never name a next day do not say that none is agreed
    AND (
        EXISTS (SELECT 1 AS one FROM touchpoint WHERE touchpoint.next_on IS NOT NULL)
        OR NOT EXISTS (SELECT 1 AS one FROM touchpoint)
    )
