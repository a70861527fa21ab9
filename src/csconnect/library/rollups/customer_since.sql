/*
about: the day on which an account became a customer, the first day of its first term or contract; the day its record was made where it has none
columns: {account_id: VARCHAR, day: DATE}
entities: [account, term, contract]
*/
WITH began AS (
    SELECT term.account_id, term.start AS day
    FROM term
    UNION ALL
    SELECT contract.account_id, coalesce(contract.start, contract.signed_on) AS day
    FROM contract
),
first_day AS (
    SELECT began.account_id, min(began.day) AS day
    FROM began
    GROUP BY began.account_id
)
SELECT account.id AS account_id, coalesce(first_day.day, CAST(account.created_at AS DATE)) AS day
FROM account
LEFT JOIN first_day ON first_day.account_id = account.id
WHERE coalesce(first_day.day, CAST(account.created_at AS DATE)) IS NOT NULL
