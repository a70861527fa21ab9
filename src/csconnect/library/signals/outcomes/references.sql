/*
title: {en: Reference given, zh: 公开背书}
unit: occasions
window: 365
freshness: 35
polarity: up
entities: [advocacy]
source: "willing to be a case study or to speak for us (book 5.4.2; 004:1100-1130: case sharing 5)"
decimals: 0
words:
  en:
    some: "stood up for us in public {value} times in the past year"
    one: "stood up for us in public once in the past year"
    none: "no reference or case study in the past year"
    first: "Ask whether the customer would tell one result as a case study"
  zh:
    some: "近一年担任标杆或公开背书 {value} 次"
    none: "近一年没有参与案例或公开背书"
    first: "挑一项成果，询问客户是否愿意做成案例"
*/
WITH given AS (
    SELECT advocacy.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM advocacy
    WHERE advocacy.kind IN ('reference', 'case_study', 'speaker')
        AND date_diff('day', advocacy.happened_on, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY advocacy.account_id
)
SELECT delivery.account_id, coalesce(given.value, 0.0) AS value
FROM delivery
LEFT JOIN given ON given.account_id = delivery.account_id
WHERE delivery.entity = 'advocacy'
