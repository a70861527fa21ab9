/*
about: how many contacts have each part and have not left
columns: {account_id: VARCHAR, role: VARCHAR, contacts: BIGINT}
entities: [contact]
*/
SELECT contact_role.account_id, contact_role.role, count(*) AS contacts
FROM contact_role
WHERE contact_role.left_on IS NULL OR date_diff('day', contact_role.left_on, :as_of) < 0
GROUP BY contact_role.account_id, contact_role.role
