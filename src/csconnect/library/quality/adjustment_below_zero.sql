/*
title: {en: An adjustment below zero, zh: 应续调整后低于零}
level: warning
says: {en: "{number} a year, and with what was decided before it nothing of {bound} would be left", zh: "每年 {number}，连同此前已批准的调整，{bound} 将低于零"}
remedy: {en: "Mend the amount, or waive the line: the adjustment is left out of the finance book", zh: "更正金额，或将该明细标记为豁免；该调整不计入财务口径"}
*/
WITH itemised AS (
    SELECT DISTINCT contract_line.term_id FROM contract_line
    WHERE contract_line.billing = 'recurring' AND contract_line.amount IS NOT NULL
),
sold AS (
    SELECT contract_line.id AS line_id, contract_line.term_id, coalesce(contract_line.currency, term.currency) AS currency,
        CAST(contract_line.amount AS DOUBLE) * 12.0 / nullif(CAST(coalesce(contract_line.months, term.months) AS DOUBLE), 0.0) AS arr
    FROM contract_line
    LEFT JOIN term ON term.id = contract_line.term_id
    WHERE contract_line.billing = 'recurring'
    UNION ALL
    SELECT CAST(NULL AS VARCHAR) AS line_id, term.id AS term_id, term.currency,
        CAST(term.amount AS DOUBLE) * 12.0 / nullif(CAST(term.months AS DOUBLE), 0.0) AS arr
    FROM term
    LEFT JOIN itemised ON itemised.term_id = term.id
    WHERE itemised.term_id IS NULL
),
approved AS (
    SELECT adjustment.id, adjustment.account_id, adjustment.term_id, adjustment.line_id, adjustment.side, adjustment.decided_on,
        adjustment.currency, coalesce(adjustment.waived, false) AS waived, CAST(adjustment.arr_delta AS DOUBLE) AS delta
    FROM adjustment
    WHERE adjustment.status = 'approved' AND date_diff('day', adjustment.decided_on, :as_of) >= 0
),
meant AS (
    SELECT approved.id, coalesce(sold.line_id, sold.term_id) AS sold_id, sold.currency, sold.arr
    FROM approved
    INNER JOIN sold ON sold.line_id = approved.line_id
    WHERE sold.arr > 0
    UNION ALL
    SELECT approved.id, coalesce(sold.line_id, sold.term_id) AS sold_id, sold.currency, sold.arr
    FROM approved
    INNER JOIN sold ON sold.term_id = approved.term_id
    WHERE approved.line_id IS NULL AND sold.arr > 0
),
gone AS (
    SELECT DISTINCT approved.side, meant.sold_id
    FROM approved
    INNER JOIN meant ON meant.id = approved.id
    WHERE approved.waived
),
piece AS (
    SELECT approved.id, approved.account_id, approved.side, approved.decided_on, approved.delta, meant.sold_id, meant.arr,
        sum(meant.arr) OVER (PARTITION BY approved.id) AS whole,
        approved.delta * meant.arr / nullif(sum(meant.arr) OVER (PARTITION BY approved.id), 0.0) AS part
    FROM approved
    INNER JOIN meant ON meant.id = approved.id AND meant.currency = approved.currency
    WHERE NOT approved.waived AND approved.delta IS NOT NULL
),
reckoned AS (
    -- what is added makes room for all; of the reductions the last decided are those that find none
    SELECT piece.id, piece.account_id, piece.delta, piece.whole,
        piece.arr + sum(CASE WHEN piece.part > 0 THEN piece.part ELSE 0.0 END) OVER (PARTITION BY piece.side, piece.sold_id)
        + sum(CASE WHEN piece.part < 0 THEN piece.part ELSE 0.0 END)
            OVER (PARTITION BY piece.side, piece.sold_id ORDER BY piece.decided_on, piece.id) AS room
    FROM piece
    LEFT JOIN gone ON gone.side = piece.side AND gone.sold_id = piece.sold_id
    WHERE gone.sold_id IS NULL
)
SELECT 'adjustment' AS entity, reckoned.id, reckoned.account_id, 'arr_delta' AS field, max(reckoned.delta) AS number,
    max(reckoned.whole) AS bound
FROM reckoned
-- half a cent is what splitting may lose
WHERE reckoned.delta < 0 AND reckoned.room < -0.005
GROUP BY reckoned.id, reckoned.account_id
