/*
title: {en: Records per user, zh: 实例数比例}
unit: records per user
window: 365
freshness: 35
polarity: none
entities: [reading]
source: "behaviour score (001:1214-1219): records in the modules / opened user accounts; scored by interval, more is not better. The newest reading of each module, summed; where none names a module, the account's"
decimals: 1
words:
  en:
    some: "{value} records per user"
    one: "one record per user"
    none: "no records yet"
    first: "Look together at what is recorded and what is missing"
  zh:
    some: "人均数据 {value} 条"
    none: "尚无数据"
    first: "与客户一起查看已录入和缺失的数据"
*/
WITH newest AS (
    SELECT
        reading.account_id,
        reading.module,
        reading.value,
        row_number() OVER (
            PARTITION BY reading.account_id, reading.module ORDER BY reading.day DESC, reading.value DESC
        ) AS place
    FROM reading
    WHERE reading.metric = 'records' AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
),
held AS (
    SELECT
        newest.account_id,
        sum(CASE WHEN newest.module IS NOT NULL THEN newest.value END) AS of_modules,
        sum(CASE WHEN newest.module IS NULL THEN newest.value END) AS of_account
    FROM newest
    WHERE newest.place = 1
    GROUP BY newest.account_id
)
SELECT
    held.account_id,
    coalesce(held.of_modules, held.of_account) / nullif(CAST(seats.opened AS DOUBLE), 0.0) AS value
FROM held
INNER JOIN seats ON seats.account_id = held.account_id
WHERE seats.opened > 0
