/*
about: who ended a part (left it or the customer), and who succeeded in it
columns: {account_id: VARCHAR, role: VARCHAR, day: DATE, person: VARCHAR, ended: BOOLEAN}
entities: [role_change, contact]
*/
WITH succeeded AS (
    -- after somebody whose part had ended
    SELECT gained.account_id, gained.role, gained.day, gained.contact_id
    FROM role_event AS gained
    INNER JOIN role_event AS ended
        ON ended.account_id = gained.account_id
        AND ended.role = gained.role
        AND ended.day <= gained.day
        AND coalesce(ended.contact_id, '') <> coalesce(gained.contact_id, 'nobody named')
    WHERE gained.change = 'gained' AND ended.change <> 'gained'
    UNION
    -- or beside somebody of whose end nobody told; an account has one of these parts, but several heads and champions
    SELECT gained.account_id, gained.role, gained.day, gained.contact_id
    FROM role_event AS gained
    INNER JOIN contact_role AS older
        ON older.account_id = gained.account_id
        AND older.role = gained.role
        AND older.contact_id <> gained.contact_id
        AND (older.since IS NULL OR older.since < gained.day)
    WHERE gained.change = 'gained' AND gained.role IN ('decision_maker', 'administrator')
)
SELECT
    role_event.account_id,
    role_event.role,
    role_event.day,
    coalesce(role_event.contact_id, CAST(role_event.day AS VARCHAR)) AS person,
    TRUE AS ended
FROM role_event
WHERE role_event.change <> 'gained'
UNION ALL
SELECT
    succeeded.account_id,
    succeeded.role,
    succeeded.day,
    coalesce(succeeded.contact_id, CAST(succeeded.day AS VARCHAR)) AS person,
    FALSE AS ended
FROM succeeded
