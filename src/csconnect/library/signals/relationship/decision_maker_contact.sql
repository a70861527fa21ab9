/*
title: {en: Days since the decision maker was met, zh: 未接触决策人天数}
unit: days
window: 180
freshness: 35
polarity: down
entities: [touchpoint, contact, term, contract, account]
source: "only the counterpart met, the decision maker hardly for half a year: value is no longer seen (book 7.2.2, R16; 3.8, greet the decision maker)"
decimals: 0
words:
  en:
    some: "no contact with the decision maker for {value} days"
    one: "the decision maker was last met yesterday"
    none: "the decision maker was met today"
    first: "Ask for half an hour with the decision maker and bring the results in numbers"
  zh:
    some: "已有 {value} 天没有接触决策人"
    one: "昨天刚与决策人沟通过"
    none: "今天刚与决策人沟通过"
    first: "约决策人半小时，用数据汇报已取得的成果"
*/
WITH chain AS (
    SELECT DISTINCT contact_role.account_id
    FROM contact_role
),
met AS (
    SELECT held_touchpoint.account_id, held_touchpoint.day
    FROM held_touchpoint
    WHERE held_touchpoint.decision_maker
    UNION
    SELECT touchpoint_contact.account_id, touchpoint_contact.day
    FROM touchpoint_contact
    INNER JOIN contact_role
        ON contact_role.contact_id = touchpoint_contact.contact_id AND contact_role.role = 'decision_maker'
),
latest AS (
    SELECT met.account_id, max(met.day) AS day
    FROM met
    GROUP BY met.account_id
),
recent AS (
    -- a touchpoint tells who took part when it says so itself, or names people of an account whose parts are known
    SELECT
        held_touchpoint.account_id,
        sum(CASE
            WHEN held_touchpoint.decision_maker IS NOT NULL THEN 1
            WHEN array_length(held_touchpoint.attendees) > 0 AND chain.account_id IS NOT NULL THEN 1
            ELSE 0
        END) AS telling
    FROM held_touchpoint
    LEFT JOIN chain ON chain.account_id = held_touchpoint.account_id
    WHERE date_diff('day', held_touchpoint.day, :as_of) <= :window
    GROUP BY held_touchpoint.account_id
)
SELECT
    delivery.account_id,
    CAST(CASE
        WHEN date_diff('day', latest.day, :as_of) <= :window THEN date_diff('day', latest.day, :as_of)
        -- met with somebody, and nobody says with whom
        WHEN recent.telling = 0 THEN NULL
        -- none in the window: as long as it can be, which is no longer than the account has been a customer
        ELSE greatest(0, least(:window + 1, coalesce(date_diff('day', customer_since.day, :as_of), :window + 1)))
    END AS DOUBLE) AS value
FROM delivery
LEFT JOIN latest ON latest.account_id = delivery.account_id
LEFT JOIN recent ON recent.account_id = delivery.account_id
LEFT JOIN customer_since ON customer_since.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
