/*
title: {en: More of a quota used than bought, zh: 配额使用超过购买量}
level: note
says: {en: "{number} used, {bound} bought", zh: "已用 {number}，购买 {bound}"}
remedy: {en: "True of a customer who outgrew it: a reason to talk; otherwise mend the quota", zh: "若属实，可洽谈扩容；否则请更正配额"}
*/
SELECT 'quota' AS entity, quota.id, quota.account_id, 'used' AS field, quota.used AS number, quota.bought AS bound
FROM quota
WHERE quota.used > quota.bought
