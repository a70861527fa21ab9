/*
title: {en: Left before the record was made, zh: 离职早于联系人创建}
level: note
says: {en: "left {number} days before the record was made", zh: "离职日比创建日早 {number} 天"}
remedy: {en: "Fine after a migration; otherwise mend the day on which the contact left", zh: "数据迁移后属正常；否则请更正离职日"}
*/
SELECT 'contact' AS entity, contact.id, contact.account_id, 'left_on' AS field,
    date_diff('day', contact.left_on, CAST(contact.created_at AS DATE)) AS number, CAST(NULL AS DOUBLE) AS bound
FROM contact
WHERE date_diff('day', contact.left_on, CAST(contact.created_at AS DATE)) > 0
