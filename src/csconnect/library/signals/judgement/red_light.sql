/*
title: {en: Red light, zh: 红灯}
unit: 0 or 1
window: 1
freshness: 35
polarity: down
entities: [account]
source: "traffic light pressed by anyone of ours (001:1461-1475); it burns from its day to the day it runs out, or until somebody puts it out"
decimals: 0
words:
  en:
    some: "a colleague has pressed the red light"
    none: "nobody has pressed the red light"
    first: "Ask the colleague who pressed it what happened, and call the red-light meeting"
  zh:
    some: "有同事按下了红灯"
    none: "没有人按红灯"
    first: "向按灯的同事了解情况，并召集红灯会"
*/
SELECT
    account.id AS account_id,
    CASE
        WHEN account.red_light
            AND (account.red_light_on IS NULL OR date_diff('day', account.red_light_on, :as_of) >= 0)
            AND (account.red_light_until IS NULL OR date_diff('day', account.red_light_until, :as_of) < 0)
            THEN 1.0
        ELSE 0.0
    END AS value
FROM account
WHERE account.red_light IS NOT NULL
