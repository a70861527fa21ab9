/*
title: {en: Seats used above seats bought, zh: 使用账号数超过购买账号数}
level: warning
window: 28
says: {en: "{number} people active in 28 days, {bound} seats bought", zh: "28 天内活跃 {number} 人，购买 {bound} 个账号"}
remedy: {en: "Mend the seats of the contract, sell what is missing, or see that usage names each person once", zh: "更正合同账号数、补购账号，或检查使用数据是否一人多名"}
*/
WITH bought AS (
    -- contracts and terms may both say it; whoever says more is believed
    SELECT contract.account_id, sum(contract.seats) AS seats
    FROM contract
    WHERE contract.seats IS NOT NULL
        AND coalesce(date_diff('day', contract.start, :as_of) >= 0, true)
        AND coalesce(date_diff('day', :as_of, contract."end") > 0, true)
    GROUP BY contract.account_id
    UNION ALL
    SELECT term.account_id, sum(term.seats) AS seats
    FROM term
    WHERE term.seats IS NOT NULL
        AND date_diff('day', term.start, :as_of) >= 0 AND date_diff('day', :as_of, term."end") > 0
    GROUP BY term.account_id
),
seats AS (
    SELECT bought.account_id, max(bought.seats) AS seats
    FROM bought
    GROUP BY bought.account_id
),
active AS (
    SELECT usage_day.account_id, count(DISTINCT usage_day."user") AS users
    FROM usage_day
    WHERE date_diff('day', usage_day.day, :as_of) BETWEEN 0 AND :window - 1
        AND (usage_day.logins > 0 OR usage_day.events > 0)
    GROUP BY usage_day.account_id
)
SELECT 'account' AS entity, seats.account_id AS id, seats.account_id, 'seats' AS field,
    active.users AS number, seats.seats AS bound
FROM seats
INNER JOIN active ON active.account_id = seats.account_id
WHERE active.users > seats.seats
