/*
title: {en: Satisfaction, zh: 客户满意度}
unit: points of the survey's own scale
window: 180
freshness: 35
polarity: up
entities: [survey]
source: "satisfaction at milestones (001:1525-1537; book 1.8, 5.4.2); the mean on the scale that the survey delivers, 1 to 5 or another: a card's curve must know which; half a year is ours"
decimals: 2
words:
  en:
    some: "satisfaction {value} on average in six months"
    none: "satisfaction zero on average in six months"
    first: "Ask those who were least satisfied what would have helped"
  zh:
    some: "近半年满意度平均 {value} 分"
    none: "近半年满意度平均 0 分"
    first: "联系评分最低的客户人员，了解哪里可以改进"
*/
SELECT survey.account_id, avg(survey.score) AS value
FROM survey
WHERE survey.kind = 'csat'
    AND survey.account_id IS NOT NULL
    AND date_diff('day', survey.answered_on, :as_of) BETWEEN 0 AND :window - 1
GROUP BY survey.account_id
