/*
title: {en: Customer's own business, zh: 客户经营状况}
unit: points of 100
window: 1
freshness: 35
polarity: up
entities: [account]
source: "enterprise health, the fourth dimension of health (000:244-259), an input from outside since the source defines no indicator (INC-09)"
decimals: 0
words:
  en:
    some: "the customer's own business stands at {value} of 100"
    none: "the customer's own business stands at zero"
    first: "Ask how the customer's year is going and what that means for the next budget"
  zh:
    some: "客户自身经营状况 {value} 分"
    none: "客户自身经营状况为零分"
    first: "了解客户今年的经营情况，以及对明年预算的影响"
*/
SELECT account.id AS account_id, account.business_health AS value
FROM account
WHERE account.business_health BETWEEN 0.0 AND 100.0
