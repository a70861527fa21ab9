/*
title: {en: Broken promises, zh: 逾期的承诺}
unit: promises
window: 1
freshness: 35
polarity: down
entities: [commitment]
source: "track promises (book 6.1.1, 7.3.1), rule R18: ours that are past their day; the day itself still counts as kept in time"
decimals: 0
words:
  en:
    some: "{value} of our promises are past their date"
    one: "one of our promises is past its date"
    none: "none of our promises is late"
    first: "Call the customer before it calls, say what happened and give a new date"
  zh:
    some: "我方有 {value} 项承诺已逾期"
    none: "我方没有逾期的承诺"
    first: "赶在客户来问之前主动说明原因，并给出新的日期"
*/
WITH owed AS (
    SELECT commitment.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM commitment
    WHERE commitment.side = 'ours'
        AND (commitment.made_on IS NULL OR date_diff('day', commitment.made_on, :as_of) >= 0)
        AND (commitment.fulfilled_on IS NULL OR date_diff('day', commitment.fulfilled_on, :as_of) < 0)
        AND date_diff('day', commitment.due_on, :as_of) > 0
    GROUP BY commitment.account_id
)
SELECT delivery.account_id, coalesce(owed.value, 0.0) AS value
FROM delivery
LEFT JOIN owed ON owed.account_id = delivery.account_id
WHERE delivery.entity = 'commitment'
