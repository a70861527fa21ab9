/*
title: {en: Activity, zh: 活跃度}
unit: percent
window: 28
freshness: 8
polarity: up
entities: [usage_day]
source: "login ratio (book §3.2, §5.2.2, M15): users active on a working day / opened ones, the mean of four weeks; below 20 % the customer is at the edge of churn (book §5.2.3, G20). Ours: working days are Monday to Friday; a week that holidays took from the whole market counts only with what was left of it (roll-up market_week); only whole weeks since the first use"
decimals: 0
words:
  en:
    some: "{value}% of the users active on a working day"
    none: "nobody active on any working day of four weeks"
    first: "Rescue at once: call the decision maker and agree how the team gets back to work in the product"
  zh:
    some: "日均活跃用户占比 {value}%"
    none: "近四周的工作日均无人使用"
    first: "立即挽救：致电决策人，商定团队恢复使用的办法"
*/
WITH worked AS (
    SELECT
        active_week.account_id,
        CAST(sum(active_week.work_days) AS DOUBLE) AS user_days,
        5.0 * sum(least(1.0, coalesce(market_week.days, 1.0))) AS days
    FROM active_week
    LEFT JOIN market_week ON market_week.market = active_week.market AND market_week.week = active_week.week
    WHERE 7 * active_week.week < :window
    GROUP BY active_week.account_id
),
began AS (
    SELECT DISTINCT user_days.account_id
    FROM user_days
),
counted AS (
    -- where nobody ever came, nobody came; where the first came less than a week ago, it is too early to say
    SELECT delivery.account_id, coalesce(worked.user_days, 0.0) AS user_days, coalesce(worked.days, 20.0) AS days
    FROM delivery
    LEFT JOIN worked ON worked.account_id = delivery.account_id
    LEFT JOIN began ON began.account_id = delivery.account_id
    WHERE delivery.entity = 'usage_day' AND (worked.account_id IS NOT NULL OR began.account_id IS NULL)
)
SELECT
    counted.account_id,
    least(100.0, 100.0 * counted.user_days / nullif(counted.days * CAST(seats.opened AS DOUBLE), 0.0)) AS value
FROM counted
INNER JOIN seats ON seats.account_id = counted.account_id
WHERE counted.days > 0 AND seats.opened > 0
