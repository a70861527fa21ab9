/*
title: {en: Opponents, zh: 反对者}
unit: people
window: 1
freshness: 35
polarity: down
entities: [contact]
source: "the relationship with each opponent of the decision chain (book 1.3.4, 7.3.1); a contact who is said not to support us is one"
decimals: 0
words:
  en:
    some: "{value} people at the customer are against us"
    one: "one person at the customer is against us"
    none: "nobody at the customer is known to be against us"
    first: "Ask the opponent what bothers them, and settle one point of it"
  zh:
    some: "客户方有 {value} 人持反对态度"
    one: "客户方有一人持反对态度"
    none: "未发现反对者"
    first: "与反对者当面沟通，先解决其最在意的一个问题"
*/
WITH person AS (
    SELECT
        contact.account_id,
        coalesce(array_contains(contact.roles, 'opponent'), FALSE) OR NOT coalesce(contact.supportive, TRUE) AS against,
        array_length(contact.roles) > 0 OR contact.supportive IS NOT NULL AS judged
    FROM contact
    WHERE contact.account_id IS NOT NULL
        AND (contact.left_on IS NULL OR date_diff('day', contact.left_on, :as_of) < 0)
        AND (contact.created_at IS NULL OR date_diff('day', CAST(contact.created_at AS DATE), :as_of) >= 0)
),
present AS (
    SELECT person.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM person
    WHERE person.against
    GROUP BY person.account_id
)
SELECT delivery.account_id, coalesce(present.value, 0.0) AS value
FROM delivery
LEFT JOIN present ON present.account_id = delivery.account_id
WHERE delivery.entity = 'contact'
    -- contacts of whom nobody says anything do not say that all are for us
    AND (EXISTS (SELECT 1 AS one FROM person WHERE person.judged) OR NOT EXISTS (SELECT 1 AS one FROM contact))
