/*
title: {en: Core modules in use, zh: 核心模块使用}
unit: percent
window: 28
polarity: up
entities: [usage_day, module, term]
source: "weekly scorecard (004:201-225): depth of feature use 15, all core features = full marks; read per customer against what it bought, since not every customer should use every module (book 5.2.3)"
decimals: 0
*/
WITH bought AS (
    SELECT DISTINCT term.account_id, term.product_line
    FROM term
    WHERE term.product_line IS NOT NULL
        AND date_diff('day', term.start, :as_of) >= 0 AND date_diff('day', term."end", :as_of) <= :grace
),
expected AS (
    -- the core modules of the product lines it has; of all lines where nobody says which it has
    SELECT account.id AS account_id, module.id AS module
    FROM account
    CROSS JOIN module
    LEFT JOIN (SELECT DISTINCT bought.account_id FROM bought) AS told ON told.account_id = account.id
    LEFT JOIN bought ON bought.account_id = account.id AND bought.product_line = module.product_line
    WHERE module.core AND (bought.account_id IS NOT NULL OR told.account_id IS NULL OR module.product_line IS NULL)
),
used AS (
    SELECT DISTINCT usage_module_day.account_id, usage_module_day.module
    FROM usage_module_day
    WHERE date_diff('day', usage_module_day.day, :as_of) BETWEEN 0 AND :window - 1
),
counted AS (
    SELECT
        expected.account_id,
        CAST(count(used.module) AS DOUBLE) AS modules,
        CAST(count(*) AS DOUBLE) AS core
    FROM expected
    LEFT JOIN used ON used.account_id = expected.account_id AND used.module = expected.module
    GROUP BY expected.account_id
)
SELECT delivery.account_id, 100.0 * counted.modules / nullif(counted.core, 0.0) AS value
FROM delivery
INNER JOIN counted ON counted.account_id = delivery.account_id
WHERE delivery.entity = 'usage_module_day'
