/*
title: {en: Time to go-live, zh: 上线用时}
unit: days
window: 1
freshness: 35
polarity: down
entities: [project]
source: "planned and actual go-live of a project (book 1.10, 6.3.1): from its start, or its contract's signature, to the go-live of the one that went live last"
decimals: 0
words:
  en:
    some: "went live {value} days after the start"
    one: "went live one day after the start"
    none: "went live on the day it started"
    first: "Look at what slowed the project down before the next one starts"
  zh:
    some: "从启动到上线用了 {value} 天"
    none: "启动当天即上线"
    first: "下一个项目开始前，先复盘上次慢在哪里"
*/
WITH gone_live AS (
    SELECT
        implementation.account_id,
        CAST(date_diff('day', implementation.begun_on, implementation.live_on) AS DOUBLE) AS days,
        row_number() OVER (
            PARTITION BY implementation.account_id
            ORDER BY implementation.live_on DESC, implementation.project_id DESC
        ) AS place
    FROM implementation
    WHERE implementation.live AND date_diff('day', implementation.begun_on, implementation.live_on) >= 0
)
SELECT gone_live.account_id, gone_live.days AS value
FROM gone_live
WHERE gone_live.place = 1
