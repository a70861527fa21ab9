/*
title: {en: Data quality, zh: 数据质量}
unit: percent
window: 1
polarity: up
entities: [account]
source: "weekly scorecard (004:201-225): data quality 10, complete and accurate"
decimals: 0
*/
SELECT account.id AS account_id, account.data_quality AS value
FROM account
WHERE account.data_quality IS NOT NULL
