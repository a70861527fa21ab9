/*
about: "seats of every account: purchased (null where none or unknown), told (open user accounts as the newest reading of a year says) and opened (told; where no reading tells, the users ever seen, the least that must be open; null where nobody delivers usage either)"
columns: {account_id: VARCHAR, purchased: BIGINT, opened: BIGINT, told: BIGINT, seen: BIGINT}
window: 365
entities: [account, term, contract, reading, usage_day]
*/
WITH newest AS (
    SELECT
        reading.account_id,
        reading.value,
        -- two readings of one day: the larger
        row_number() OVER (PARTITION BY reading.account_id ORDER BY reading.day DESC, reading.value DESC) AS place
    FROM reading
    WHERE reading.metric = 'opened_seats' AND reading.module IS NULL
        AND date_diff('day', reading.day, :as_of) BETWEEN 0 AND :window - 1
),
met AS (
    SELECT user_days.account_id, count(*) AS people
    FROM user_days
    GROUP BY user_days.account_id
),
seen AS (
    SELECT delivery.account_id, coalesce(met.people, 0) AS people
    FROM delivery
    LEFT JOIN met ON met.account_id = delivery.account_id
    WHERE delivery.entity = 'usage_day'
)
SELECT
    account.id AS account_id,
    purchase.seats AS purchased,
    CAST(coalesce(newest.value, seen.people) AS BIGINT) AS opened,
    CAST(newest.value AS BIGINT) AS told,
    CAST(seen.people AS BIGINT) AS seen
FROM account
LEFT JOIN purchase ON purchase.account_id = account.id AND purchase.ago = 0
LEFT JOIN newest ON newest.account_id = account.id AND newest.place = 1
LEFT JOIN seen ON seen.account_id = account.id
