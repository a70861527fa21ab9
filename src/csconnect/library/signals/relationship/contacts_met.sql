/*
title: {en: Contacts met, zh: 接触过的联系人}
unit: people
window: 180
freshness: 35
polarity: up
entities: [touchpoint, contact]
source: "3 to 5 contacts on different levels of an account (000:736, 004:64-65); only the counterpart met is a risk (book 7.2.2); half a year as there"
decimals: 0
words:
  en:
    some: "we spoke with {value} people of theirs in six months"
    one: "we spoke with only one person of theirs in six months"
    none: "we spoke with none of their people in six months"
    first: "Invite two more people of theirs to the next meeting"
  zh:
    some: "近半年接触过 {value} 位联系人"
    one: "近半年只接触过一位联系人"
    none: "近半年没有接触过任何联系人"
    first: "下次会议多邀请两位客户方人员参加"
*/
WITH recent AS (
    SELECT
        held_touchpoint.account_id,
        sum(CASE WHEN array_length(held_touchpoint.attendees) > 0 THEN 1 ELSE 0 END) AS naming
    FROM held_touchpoint
    WHERE date_diff('day', held_touchpoint.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY held_touchpoint.account_id
),
met AS (
    SELECT touchpoint_contact.account_id, CAST(count(DISTINCT touchpoint_contact.contact_id) AS DOUBLE) AS value
    FROM touchpoint_contact
    WHERE date_diff('day', touchpoint_contact.day, :as_of) BETWEEN 0 AND :window - 1
    GROUP BY touchpoint_contact.account_id
)
SELECT delivery.account_id, coalesce(met.value, 0.0) AS value
FROM delivery
INNER JOIN delivery AS people ON people.account_id = delivery.account_id AND people.entity = 'contact'
LEFT JOIN recent ON recent.account_id = delivery.account_id
LEFT JOIN met ON met.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
    -- meetings of which none names who took part do not say that nobody did
    AND (recent.naming IS NULL OR recent.naming > 0)
