/*
title: {en: Go-live late, zh: 上线延期}
unit: days
window: 1
freshness: 35
polarity: down
entities: [project]
source: "delivery or go-live delay as a cause of the red light (001:1461-1475); planned against actual go-live of the newest project, still growing while it is not live"
decimals: 0
words:
  en:
    some: "go-live {value} days later than planned"
    one: "go-live one day later than planned"
    none: "go-live on schedule"
    first: "Get the head of delivery to name a new date, and tell the customer before it asks"
  zh:
    some: "上线比计划晚 {value} 天"
    none: "按计划上线"
    first: "请交付负责人给出新的上线日期，并主动告知客户"
*/
SELECT
    implementation.account_id,
    CAST(
        greatest(
            0,
            date_diff(
                'day',
                implementation.planned_live_on,
                CASE WHEN implementation.live THEN implementation.live_on ELSE :as_of END
            )
        ) AS DOUBLE
    ) AS value
FROM implementation
WHERE implementation.place = 1 AND implementation.planned_live_on IS NOT NULL
    AND (NOT implementation.live OR implementation.live_on IS NOT NULL)
