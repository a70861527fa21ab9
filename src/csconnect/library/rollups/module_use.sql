/*
about: "modules used in the last 28 days: on how many days, and by how many users on the best of them; modules that nobody lists are in it"
columns: {account_id: VARCHAR, module: VARCHAR, days: BIGINT, users: BIGINT}
window: 28
entities: [usage_module_day]
*/
SELECT
    usage_module_day.account_id,
    usage_module_day.module,
    count(*) AS days,
    max(usage_module_day.users) AS users
FROM usage_module_day
WHERE date_diff('day', usage_module_day.day, :as_of) BETWEEN 0 AND :window - 1
GROUP BY usage_module_day.account_id, usage_module_day.module
