/*
title: {en: Meetings refused, zh: 拒绝会面}
unit: meetings
window: 90
freshness: 35
polarity: down
entities: [touchpoint]
source: "the fourth sign of danger: always travelling or busy, refuses visits (book 7.2.1, R7); 90 days are ours"
decimals: 0
words:
  en:
    some: "{value} meetings declined or missed in three months"
    one: "one meeting declined or missed in three months"
    none: "no meeting declined or missed in three months"
    first: "Ask openly why meetings fall through, and offer a short call instead"
  zh:
    some: "近三个月被拒绝或爽约 {value} 次"
    one: "近三个月被拒绝或爽约一次"
    none: "近三个月没有被拒绝或爽约"
    first: "坦诚询问约不上的原因，先约一次简短的电话沟通"
*/
WITH refused AS (
    SELECT touchpoint.account_id, CAST(count(*) AS DOUBLE) AS value
    FROM touchpoint
    WHERE touchpoint.outcome IN ('declined', 'no_show')
        AND date_diff('day', CAST(touchpoint.happened_at AS DATE), :as_of) BETWEEN 0 AND :window - 1
    GROUP BY touchpoint.account_id
)
SELECT delivery.account_id, coalesce(refused.value, 0.0) AS value
FROM delivery
LEFT JOIN refused ON refused.account_id = delivery.account_id
WHERE delivery.entity = 'touchpoint'
    -- touchpoints of which nobody ever says how they went do not say that none was refused
    AND (
        EXISTS (SELECT 1 AS one FROM touchpoint WHERE touchpoint.outcome IS NOT NULL)
        OR NOT EXISTS (SELECT 1 AS one FROM touchpoint)
    )
