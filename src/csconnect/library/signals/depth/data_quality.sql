/*
title: {en: Data quality, zh: 数据质量}
unit: percent
window: 1
freshness: 35
polarity: up
entities: [account]
source: "weekly scorecard (004:201-225): data quality 10, complete and accurate"
decimals: 0
words:
  en:
    some: "{value}% of records complete"
    none: "no record complete"
    first: "Agree with the administrator which fields must be filled"
  zh:
    some: "数据完整率 {value}%"
    none: "数据完整率为零"
    first: "与系统管理员商定哪些字段必须填写"
*/
SELECT account.id AS account_id, account.data_quality AS value
FROM account
WHERE account.data_quality IS NOT NULL
