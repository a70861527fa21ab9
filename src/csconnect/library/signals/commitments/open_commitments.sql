/*
title: {en: Open promises, zh: 未兑现的承诺}
unit: promises
window: 1
freshness: 35
polarity: down
entities: [commitment]
source: "renewal self-check: any unfulfilled commitment (book 7.3.1), rule R18; our promises, not the customer's"
decimals: 0
words:
  en:
    some: "{value} of our promises are open"
    one: "one of our promises is open"
    none: "all our promises are kept"
    first: "Go through the open promises and tell the customer for each when it comes, or that it will not"
  zh:
    some: "我方有 {value} 项承诺未兑现"
    none: "我方承诺均已兑现"
    first: "逐项核对未兑现的承诺，告诉客户何时兑现或无法兑现"
*/
WITH owed AS (
    SELECT commitment.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM commitment
    WHERE commitment.side = 'ours'
        AND (commitment.made_on IS NULL OR date_diff('day', commitment.made_on, :as_of) >= 0)
        AND (commitment.fulfilled_on IS NULL OR date_diff('day', commitment.fulfilled_on, :as_of) < 0)
    GROUP BY commitment.account_id
)
SELECT delivery.account_id, coalesce(owed.value, 0.0) AS value
FROM delivery
LEFT JOIN owed ON owed.account_id = delivery.account_id
WHERE delivery.entity = 'commitment'
