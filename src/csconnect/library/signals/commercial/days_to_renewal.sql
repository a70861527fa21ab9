/*
title: {en: Days to renewal, zh: 距续约天数}
unit: days
window: 1
freshness: 35
polarity: none
entities: [account, term]
source: "90-day reminder (004:83-87; book 7.3.1): the nearest end of a term that no later one renews yet"
decimals: 0
words:
  en:
    some: "{value} days until the next term ends"
    one: "one day until the next term ends"
    none: "a term ends today"
    first: "Book the renewal meeting with the decision maker"
  zh:
    some: "距合同到期还有 {value} 天"
    none: "合同今日到期"
    first: "与决策人约定续约会议"
*/
SELECT chained_term.account_id, CAST(min(chained_term.days_to_end) AS DOUBLE) AS value
FROM chained_term
WHERE chained_term.days_to_end > 0 AND NOT chained_term.renewed
GROUP BY chained_term.account_id
