/*
about: "seats bought on the day and 180 days before it (ago), where more than none. Of each product line: the sum over the terms that ran (an expansion adds to what it expands); where none ran, over those that ended last, no more than grace before. Of the lines the largest: the same people use several. Contracts say it where no term does"
columns: {account_id: VARCHAR, ago: BIGINT, seats: BIGINT}
entities: [term, contract]
*/
WITH moment AS (
    SELECT listed.ago
    FROM (VALUES (0), (180)) AS listed(ago)
),
bought AS (
    SELECT
        'term' AS told_by, term.account_id, coalesce(term.product_line, '') AS line, term.seats, moment.ago,
        date_diff('day', term.start, :as_of) - moment.ago AS since,
        -- 0 while it runs, then the days since it ended, the first of them 1
        greatest(0, date_diff('day', term."end", :as_of) - moment.ago + 1) AS lapsed
    FROM term
    CROSS JOIN moment
    WHERE term.seats IS NOT NULL AND term."end" > term.start
    UNION ALL
    SELECT
        'contract' AS told_by, contract.account_id, '' AS line, contract.seats, moment.ago,
        coalesce(date_diff('day', coalesce(contract.start, contract.signed_on), :as_of) - moment.ago, 0) AS since,
        coalesce(greatest(0, date_diff('day', contract."end", :as_of) - moment.ago + 1), 0) AS lapsed
    FROM contract
    CROSS JOIN moment
    WHERE contract.seats IS NOT NULL
),
valid AS (
    SELECT
        bought.told_by, bought.account_id, bought.line, bought.ago, bought.seats, bought.lapsed,
        min(bought.lapsed) OVER (PARTITION BY bought.told_by, bought.account_id, bought.line, bought.ago) AS latest
    FROM bought
    WHERE bought.account_id IS NOT NULL AND bought.since >= 0 AND bought.lapsed <= :grace + 1
),
by_line AS (
    SELECT valid.told_by, valid.account_id, valid.ago, valid.line, sum(valid.seats) AS seats
    FROM valid
    WHERE valid.lapsed = valid.latest
    GROUP BY valid.told_by, valid.account_id, valid.ago, valid.line
),
counted AS (
    SELECT
        by_line.account_id,
        by_line.ago,
        max(CASE WHEN by_line.told_by = 'term' THEN by_line.seats END) AS of_terms,
        max(CASE WHEN by_line.told_by = 'contract' THEN by_line.seats END) AS of_contracts
    FROM by_line
    GROUP BY by_line.account_id, by_line.ago
)
SELECT
    counted.account_id,
    CAST(counted.ago AS BIGINT) AS ago,
    CAST(coalesce(counted.of_terms, counted.of_contracts) AS BIGINT) AS seats
FROM counted
WHERE coalesce(counted.of_terms, counted.of_contracts) > 0
