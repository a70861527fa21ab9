/*
title: {en: Change of usage, zh: 使用量变化}
unit: percent
window: 112
freshness: 8
polarity: up
entities: [usage_day]
source: "usage down 20 % (004:596), alert on a sharp rise or fall (book §5.2.3). INC-16, ours: active user-days of the last 4 weeks against those of the up to 12 before, each week measured by what it was worth in the market (roll-up market_week), so that a public holiday raises no alarm; of four weeks the quietest is set aside on either side, so that neither does a week of the customer's own (001:1350-1355). Unknown with less than 4 whole weeks before. A holiday that only this customer has, longer than a week, still shows"
decimals: 0
words:
  en:
    some: "use changed by {value}% against the twelve weeks before"
    none: "use is as it was in the twelve weeks before"
    first: "Ask what changed: people, process, or a rival product"
  zh:
    some: "使用量较此前十二周变化 {value}%"
    none: "使用量与此前十二周持平"
    first: "了解变化的原因：人员、流程，还是竞品"
*/
SELECT delivery.account_id, 100.0 * (use_change.now / nullif(use_change.before, 0.0) - 1.0) AS value
FROM delivery
INNER JOIN use_change ON use_change.account_id = delivery.account_id AND use_change.kind = 'days'
WHERE delivery.entity = 'usage_day' AND use_change.now IS NOT NULL AND use_change.before > 0.0
