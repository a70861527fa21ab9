/*
about: every part that a contact has or had in the decision chain, of contacts that were known by the day
columns: {account_id: VARCHAR, role: VARCHAR, contact_id: VARCHAR, since: DATE, left_on: DATE}
entities: [contact]
*/
WITH part AS (
    SELECT listed.role
    FROM (
        VALUES
            ('decision_maker'), ('initiator'), ('selector'), ('champion'), ('opponent'), ('buyer'), ('promotion_owner'),
            ('project_manager'), ('key_user'), ('it'), ('department_head'), ('administrator'), ('user')
    ) AS listed(role)
)
SELECT
    contact.account_id,
    part.role,
    contact.id AS contact_id,
    CAST(contact.created_at AS DATE) AS since,
    contact.left_on
FROM contact
INNER JOIN part ON array_contains(contact.roles, part.role)
WHERE contact.account_id IS NOT NULL
    AND (contact.created_at IS NULL OR date_diff('day', CAST(contact.created_at AS DATE), :as_of) >= 0)
