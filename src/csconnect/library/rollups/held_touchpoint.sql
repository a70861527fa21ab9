/*
about: touchpoints at which somebody of ours and somebody of theirs met, spoke or wrote; refused ones and our own notes are none
columns: {account_id: VARCHAR, touchpoint_id: VARCHAR, day: DATE, attendees: "VARCHAR[]", decision_maker: BOOLEAN}
entities: [touchpoint]
*/
SELECT
    touchpoint.account_id,
    touchpoint.id AS touchpoint_id,
    CAST(touchpoint.happened_at AS DATE) AS day,
    touchpoint.attendees,
    touchpoint.decision_maker
FROM touchpoint
WHERE touchpoint.account_id IS NOT NULL
    AND coalesce(touchpoint.outcome, 'held') = 'held'
    AND touchpoint.kind <> 'note'
    AND date_diff('day', CAST(touchpoint.happened_at AS DATE), :as_of) >= 0
