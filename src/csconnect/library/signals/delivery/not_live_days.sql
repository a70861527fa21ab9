/*
title: {en: Days without go-live, zh: 未上线天数}
unit: days
window: 1
freshness: 35
polarity: down
entities: [project]
source: "rule R10 (book 7.2.1): three months, or half a year, without go-live are ordinary danger; since the newest project began, or its contract was signed"
decimals: 0
words:
  en:
    some: "not live {value} days after the start"
    one: "not live one day after the start"
    none: "the product is live"
    first: "Cut the scope to what can go live within two weeks, and leave the rest to a second phase"
  zh:
    some: "项目启动 {value} 天仍未上线"
    none: "产品已上线"
    first: "先收缩范围，让两周内能上线的部分先上线，其余放到二期"
*/
SELECT
    implementation.account_id,
    CASE
        WHEN implementation.live THEN 0.0
        ELSE CAST(date_diff('day', implementation.begun_on, :as_of) AS DOUBLE)
    END AS value
FROM implementation
WHERE implementation.place = 1 AND (implementation.live OR implementation.begun_on IS NOT NULL)
