/*
about: "The stage of every customer (book 5.2.1, 5.4; C1: the loop of five): as somebody states it, else the first that fits of renewal (a term ends within 90 days or ended within grace, and none renews it; C3), implementation (the newest project is not live), promotion (the first 30 days after its go-live; book 5.4.2), signed (the first contract or term is younger than :window days, no project has begun and nobody uses the product; after three months without go-live that is a danger and no stage, book 7.2.1), stable"
columns: {account_id: VARCHAR, stage: VARCHAR}
window: 90
entities: [account, contract, term, project, usage_day]
*/
WITH paper AS (
    SELECT contract.account_id, coalesce(contract.signed_on, contract.start) AS signed_on
    FROM contract
    UNION ALL
    SELECT term.account_id, coalesce(term.signed_on, term.start) AS signed_on
    FROM term
),
newcomer AS (
    SELECT paper.account_id
    FROM paper
    GROUP BY paper.account_id
    HAVING date_diff('day', min(paper.signed_on), :as_of) < :window
),
at_work AS (
    -- usage is long: only newcomers' is looked at
    SELECT DISTINCT usage_day.account_id
    FROM usage_day
    INNER JOIN newcomer ON newcomer.account_id = usage_day.account_id
    WHERE (usage_day.logins > 0 OR usage_day.events > 0 OR array_length(usage_day.modules) > 0)
        AND date_diff('day', usage_day.day, :as_of) >= 0
),
talking AS (
    SELECT DISTINCT chained_term.account_id
    FROM chained_term
    WHERE NOT chained_term.renewed AND chained_term.days_to_end <= 90 AND chained_term.days_to_end + :grace >= 0
)
SELECT
    account.id AS account_id,
    CASE
        WHEN account.stage IS NOT NULL THEN account.stage
        WHEN talking.account_id IS NOT NULL THEN 'renewal'
        WHEN NOT implementation.live THEN 'implementation'
        WHEN date_diff('day', implementation.live_on, :as_of) BETWEEN 0 AND 29 THEN 'promotion'
        WHEN newcomer.account_id IS NOT NULL AND implementation.account_id IS NULL AND at_work.account_id IS NULL THEN 'signed'
        ELSE 'stable'
    END AS stage
FROM account
LEFT JOIN talking ON talking.account_id = account.id
LEFT JOIN implementation ON implementation.account_id = account.id AND implementation.place = 1
LEFT JOIN newcomer ON newcomer.account_id = account.id
LEFT JOIN at_work ON at_work.account_id = account.id
WHERE account.is_customer
