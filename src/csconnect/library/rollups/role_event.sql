/*
about: who took a part, gave it up or left, as told by role changes and by the contacts themselves
columns: {account_id: VARCHAR, role: VARCHAR, change: VARCHAR, day: DATE, contact_id: VARCHAR}
window: 30                  # days within which both sources mean the same event
entities: [role_change, contact]
*/
WITH told AS (
    SELECT DISTINCT
        role_change.account_id, role_change.role, role_change.change, role_change.changed_on AS day, role_change.contact_id
    FROM role_change
    WHERE role_change.account_id IS NOT NULL AND date_diff('day', role_change.changed_on, :as_of) >= 0
),
seen AS (
    SELECT contact_role.account_id, contact_role.role, 'left' AS change, contact_role.left_on AS day, contact_role.contact_id
    FROM contact_role
    WHERE date_diff('day', contact_role.left_on, :as_of) >= 0
    UNION ALL
    -- a contact that is new beside or after another of the same part; those that came on one day came with an import
    SELECT DISTINCT newer.account_id, newer.role, 'gained' AS change, newer.since AS day, newer.contact_id
    FROM contact_role AS newer
    INNER JOIN contact_role AS older
        ON older.account_id = newer.account_id AND older.role = newer.role AND older.since < newer.since
)
SELECT told.account_id, told.role, told.change, told.day, told.contact_id
FROM told
UNION ALL
SELECT seen.account_id, seen.role, seen.change, seen.day, seen.contact_id
FROM seen
-- giving up a part and leaving are one end; a role change that names nobody may be about this contact
LEFT JOIN told
    ON told.account_id = seen.account_id
    AND told.role = seen.role
    AND (told.contact_id = seen.contact_id OR told.contact_id IS NULL)
    AND (told.change = 'gained') = (seen.change = 'gained')
    AND abs(date_diff('day', told.day, seen.day)) <= :window
WHERE told.account_id IS NULL
