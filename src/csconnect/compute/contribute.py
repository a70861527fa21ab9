"""Contributions that add up to the score exactly (law 4).

The score is the rounded sum of what the signals earn. Contributions are integer hundredths: each signal's part, the rounding of the
score spread over those with part of their marks as far as they have room, then over the rest, shared by largest remainder
(architecture, decision 17). So full marks stay full, and nothing is given to those that earned nothing.
"""

from __future__ import annotations

CONTRIBUTIONS = """
WITH total AS (
    SELECT driver.account_id, scored.hundredths, scored.hundredths - round(sum(driver.raw), 4) AS spread,
        sum(CASE WHEN driver.partly THEN driver.room_up ELSE 0.0 END) AS part_up, sum(driver.room_up) AS all_up,
        sum(CASE WHEN driver.partly THEN driver.room_down ELSE 0.0 END) AS part_down, sum(driver.room_down) AS all_down
    FROM driver INNER JOIN scored ON scored.account_id = driver.account_id
    GROUP BY driver.account_id, scored.hundredths
),
roomy AS (
    SELECT driver.*, total.hundredths, total.spread,
        CASE WHEN total.spread >= 0.0 THEN driver.room_up ELSE driver.room_down END AS room,
        CASE WHEN total.spread >= 0.0 THEN total.part_up ELSE total.part_down END AS part_room,
        CASE WHEN total.spread >= 0.0 THEN total.all_up ELSE total.all_down END AS all_room
    FROM driver INNER JOIN total ON total.account_id = driver.account_id
),
quota AS (
    SELECT account_id, place, dimension, signal, value, share, weight, card_weight, hundredths, round(raw + coalesce(CASE
        WHEN part_room >= abs(spread) THEN CASE WHEN partly THEN spread * room / nullif(part_room, 0.0) ELSE 0.0 END
        ELSE spread * room / nullif(all_room, 0.0) END, 0.0), 6) AS exact
    FROM roomy
),
ranked AS (
    SELECT *, CAST(floor(exact) AS BIGINT) AS base, row_number() OVER fullest AS rank,
        hundredths - sum(CAST(floor(exact) AS BIGINT)) OVER (fullest ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS left_over
    FROM quota
    WINDOW fullest AS (PARTITION BY account_id ORDER BY exact - floor(exact) DESC NULLS LAST, place)
)
SELECT account_id, dimension, signal, value, share, weight, card_weight,
    CASE WHEN hundredths IS NULL OR exact IS NULL THEN NULL ELSE base + CASE WHEN rank <= left_over THEN 1 ELSE 0 END END AS contribution
FROM ranked
ORDER BY account_id, place
"""
"""From ``driver`` and ``scored`` (account_id, hundredths): the rows of `csconnect.compute.score.Scores.drivers`."""
