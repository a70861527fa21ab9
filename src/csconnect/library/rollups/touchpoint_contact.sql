/*
about: which contacts took part in a held touchpoint; attendees are names or ids as the source writes them
columns: {account_id: VARCHAR, touchpoint_id: VARCHAR, day: DATE, contact_id: VARCHAR}
entities: [touchpoint, contact]
*/
SELECT held_touchpoint.account_id, held_touchpoint.touchpoint_id, held_touchpoint.day, contact.id AS contact_id
FROM held_touchpoint
INNER JOIN contact
    ON contact.account_id = held_touchpoint.account_id
    AND (
        array_contains(held_touchpoint.attendees, contact.name)
        OR array_contains(held_touchpoint.attendees, substr(contact.id, strpos(contact.id, ':') + 1))
    )
