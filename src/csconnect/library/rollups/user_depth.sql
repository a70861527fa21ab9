/*
about: "who used a core module, and who one of kind analytics, in the last 28 days (1 or 0); only users who used either"
columns: {account_id: VARCHAR, user: VARCHAR, core: BIGINT, analytics: BIGINT}
window: 28
entities: [usage_day, module]
*/
SELECT
    usage_day.account_id,
    usage_day."user",
    CAST(max(CASE WHEN module.core THEN 1 ELSE 0 END) AS BIGINT) AS core,
    CAST(max(CASE WHEN module.kind = 'analytics' THEN 1 ELSE 0 END) AS BIGINT) AS analytics
FROM usage_day
INNER JOIN module ON array_contains(usage_day.modules, module.id)
WHERE (module.core OR module.kind = 'analytics')
    AND date_diff('day', usage_day.day, :as_of) BETWEEN 0 AND :window - 1
GROUP BY usage_day.account_id, usage_day."user"
