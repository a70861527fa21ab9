"""Contributions that add up to the score exactly (law 4).

The score is the rounded sum of what the signals earn. Contributions are integer hundredths: each signal's part, the rounding of the
score spread over those with part of their marks as far as they have room, then over the rest, shared by largest remainder
(architecture, decision 17). So full marks stay full, and nothing is given to those that earned nothing.
"""

from __future__ import annotations

CONTRIBUTIONS = """
WITH earned AS (
    SELECT driver.*, scored.hundredths,
        scored.hundredths - round(sum(driver.raw) OVER (PARTITION BY driver.account_id), 4) AS spread
    FROM driver INNER JOIN scored ON scored.account_id = driver.account_id
),
roomy AS (
    SELECT *, CASE WHEN raw IS NULL THEN 0.0 WHEN spread >= 0.0 THEN room_up ELSE room_down END AS room FROM earned
),
summed AS (
    SELECT *, sum(CASE WHEN partly THEN room ELSE 0.0 END) OVER (PARTITION BY account_id) AS part_room,
        sum(room) OVER (PARTITION BY account_id) AS all_room
    FROM roomy
),
quota AS (
    SELECT *, round(raw + coalesce(CASE
        WHEN part_room >= abs(spread) THEN CASE WHEN partly THEN spread * room / nullif(part_room, 0.0) ELSE 0.0 END
        ELSE spread * room / nullif(all_room, 0.0) END, 0.0), 6) AS exact
    FROM summed
),
floored AS (
    SELECT *, CAST(floor(exact) AS BIGINT) AS base,
        row_number() OVER (PARTITION BY account_id ORDER BY raw IS NULL, exact - floor(exact) DESC, place, dimension, signal) AS rank,
        hundredths - sum(CASE WHEN raw IS NOT NULL THEN CAST(floor(exact) AS BIGINT) ELSE 0 END)
            OVER (PARTITION BY account_id) AS left_over
    FROM quota
)
SELECT account_id, dimension, signal, value, share, weight, card_weight,
    CASE WHEN hundredths IS NULL OR raw IS NULL THEN NULL
        ELSE base + CASE WHEN rank <= left_over THEN 1 ELSE 0 END END AS contribution
FROM floored
ORDER BY account_id, place, signal
"""
"""From ``driver`` and ``scored`` (account_id, hundredths): the rows of `csconnect.compute.score.Scores.drivers`."""
