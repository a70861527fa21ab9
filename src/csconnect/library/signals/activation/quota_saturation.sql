/*
title: {en: Quota used, zh: 资源使用率}
unit: percent
window: 365
freshness: 35
polarity: up
entities: [quota]
source: "capacity tightness (001:1312-1316), consumption of quota (book §7.1.1, M18, G23: 1000 messages): used / bought of the scarcest resource"
decimals: 0
words:
  en:
    some: "{value}% of a quota used"
    none: "no quota used yet"
    first: "Offer a larger package before the limit stops the customer's work"
  zh:
    some: "资源使用率已达 {value}%"
    none: "资源尚未使用"
    first: "在额度耗尽前与客户商议扩容"
*/
SELECT quota.account_id, max(100.0 * quota.used / nullif(quota.bought, 0.0)) AS value
FROM quota
WHERE quota.account_id IS NOT NULL AND quota.used IS NOT NULL AND quota.bought > 0
    AND (quota.measured_on IS NULL OR date_diff('day', quota.measured_on, :as_of) BETWEEN 0 AND :window - 1)
GROUP BY quota.account_id
