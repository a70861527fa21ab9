/*
title: {en: A person whom no contact knows, zh: 联系人不存在}
level: warning
says: {en: "names a contact that is not known", zh: "所指联系人未知"}
remedy: {en: "Name the contact in its system, or read contacts from there too", zh: "在来源系统中关联联系人，或同时读取该系统的联系人"}
*/
WITH named AS (
    -- who names nobody is no contradiction: an answer may be anonymous, and a new decision maker not yet known
    SELECT 'role_change' AS entity, role_change.id, role_change.account_id, role_change.contact_id
    FROM role_change
    UNION ALL
    SELECT 'survey' AS entity, survey.id, survey.account_id, survey.contact_id
    FROM survey
),
known AS (
    SELECT count(*) AS contacts FROM contact
)
SELECT named.entity, named.id, named.account_id, 'contact_id' AS field, CAST(NULL AS DOUBLE) AS number,
    CAST(NULL AS DOUBLE) AS bound
FROM named
CROSS JOIN known
LEFT JOIN contact ON contact.id = named.contact_id
WHERE named.contact_id IS NOT NULL AND contact.id IS NULL AND known.contacts > 0
