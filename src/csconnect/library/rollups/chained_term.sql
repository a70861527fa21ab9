/*
about: "Every well-formed term of a customer: days to its end (negative once it has ended), and whether a term that renews it follows by its end plus grace; the same as csconnect.compute.terms says"
columns: {account_id: VARCHAR, term_id: VARCHAR, days_to_end: BIGINT, renewed: BOOLEAN}
entities: [account, term]
*/
WITH served AS (
    SELECT term.id, term.account_id, coalesce(term.product_line, '') AS line, term.nature, term.start, term."end"
    FROM term
    INNER JOIN account ON account.id = term.account_id
    WHERE account.is_customer AND term."end" > term.start
)
SELECT
    served.account_id,
    served.id AS term_id,
    date_diff('day', :as_of, served."end") AS days_to_end,
    coalesce(date_diff('day', served."end", min(other.start)) <= :grace, FALSE) AS renewed
FROM served
LEFT JOIN served AS other
    ON other.account_id = served.account_id AND other.line = served.line
    AND other.start > served.start AND other."end" > served."end" AND other.nature NOT IN ('expansion', 'contraction')
GROUP BY served.account_id, served.id, served."end"
