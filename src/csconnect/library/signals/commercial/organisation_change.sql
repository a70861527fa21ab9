/*
title: {en: Reorganisation, zh: 组织调整}
unit: 0 or 1
window: 180
freshness: 35
polarity: down
entities: [concern]
source: "renewal-risk card (004:1100-1130): no organisational change 5; open, and heard in the past half year (ours)"
decimals: 0
words:
  en:
    some: "the customer is reorganising"
    none: "no reorganisation known"
    first: "Find out who decides from now on and ask for an introduction"
  zh:
    some: "客户正在进行组织调整"
    none: "没有组织调整的消息"
    first: "了解今后由谁拍板，请对接人引荐"
*/
WITH raised AS (
    SELECT DISTINCT concern.account_id
    FROM concern
    WHERE concern.cause = 'organisation_change' AND date_diff('day', concern.raised_on, :as_of) BETWEEN 0 AND :window - 1
        AND (concern.resolved_on IS NULL OR date_diff('day', concern.resolved_on, :as_of) < 0)
)
SELECT delivery.account_id, CASE WHEN raised.account_id IS NULL THEN 0.0 ELSE 1.0 END AS value
FROM delivery
LEFT JOIN raised ON raised.account_id = delivery.account_id
WHERE delivery.entity = 'concern'
