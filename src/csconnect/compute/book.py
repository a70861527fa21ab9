"""The finance book (财务): due and renewed lines as approved requests have adjusted them (应续调整申请; decks 001:2830).

The business book has the lines as orders make them. Finance due is business due and the sum of the approved changes that were
decided by the day, or 0 where it is waived. Amounts change, counts never: who was due is due in both books. How several requests go
together the sources do not say; the rules below are ours.

- A request names a line, or a term and with it the lines of its order and what contracts them. It is split over its lines by their
  ARR, to the cent, by largest remainder.
- Nothing falls below 0, neither a line nor its cycle. Of the reductions of one line those that were decided last are left out until
  nothing does, each as a whole.
- What fits no line, names another account or currency than its lines, or changes an amount that nobody knows is left out too.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FATES = ("counts", "below_zero", "unmatched")
"""What becomes of an approved adjustment."""


def make_finance(facts: duckdb.DuckDBPyConnection, as_of: date) -> bool:
    """Make the temporary tables of the finance book, after `csconnect.compute.due.make_due` for the same day: ``finance_cycle``,
    ``finance_due_line`` and ``finance_renewed_line`` with the columns of the business book, and ``adjustment_fate`` (id, side, fate: one
    of `FATES`), a row an adjustment that is approved and not decided after ``as_of``.

    False where nobody delivers adjustments: then there is no finance book and none of these tables. It is unknown, no copy of the
    business book; where they are delivered and there are none, the two are equal.
    """
    for table in ("finance_cycle", "finance_due_line", "finance_renewed_line", "adjustment_fate"):
        facts.execute(f"DROP TABLE IF EXISTS {table}")
    ((delivered,),) = facts.sql("SELECT count(*) FROM delivery WHERE entity = 'adjustment'").fetchall()
    if not delivered:
        return False
    today = f"DATE '{as_of.isoformat()}'"
    facts.execute(_ADJUSTMENT_LINE.format(today=today, lines=_LINES))
    facts.execute(_ADJUSTMENT_PIECE.format(lines=_LINES))
    facts.execute(_FATE.format(today=today))
    facts.execute(_DUE.format(change=_CHANGE.format(side="due")))
    facts.execute(_RENEWED.format(change=_CHANGE.format(side="renewed")))
    facts.execute(_CYCLE)
    facts.execute("DROP TABLE adjustment_line; DROP TABLE adjustment_piece")
    return True


def adjustment_fates(facts: duckdb.DuckDBPyConnection) -> pa.Table:
    """After `make_finance`: id, side and fate of every adjustment that is approved, ordered by id."""
    return facts.sql("SELECT id, side, fate FROM adjustment_fate ORDER BY id").to_arrow_table()


_LINES = """
    SELECT 'due' AS side, told_by, line_id, term_id, nature, account_id, family, due_on, arr, currency FROM due_line
    UNION ALL
    SELECT 'renewed', told_by, line_id, term_id, 'renewal', account_id, family, due_on, arr, currency FROM renewed_line"""

# A row a line that an approved adjustment means. One misfit among them is enough for all of it to be left out.
_ADJUSTMENT_LINE = """
CREATE OR REPLACE TEMP TABLE adjustment_line AS
WITH line AS ({lines}),
approved AS (
    SELECT id, side, account_id, line_id, term_id, currency, decided_on, coalesce(waived, FALSE) AS waived,
        CAST(round(CAST(arr_delta AS DECIMAL(38, 6)), 2) AS DECIMAL(38, 2)) AS delta
    FROM adjustment WHERE status = 'approved' AND decided_on <= {today}
),
meant AS (
    SELECT approved.id, line.*
    FROM approved INNER JOIN line ON line.side = approved.side AND line.line_id = approved.line_id AND line.told_by = 'contract_line'
    UNION
    SELECT approved.id, line.*
    FROM approved INNER JOIN line ON line.side = approved.side AND line.line_id = approved.term_id AND line.told_by = 'term'
    WHERE approved.line_id IS NULL
    UNION
    SELECT approved.id, line.*
    FROM approved INNER JOIN contract_line AS own ON own.term_id = approved.term_id
    INNER JOIN line ON line.side = approved.side AND line.line_id = own.id AND line.told_by = 'contract_line'
    WHERE approved.line_id IS NULL
    UNION
    SELECT approved.id, line.*
    FROM approved INNER JOIN line ON line.side = approved.side AND line.term_id = approved.term_id AND line.nature = 'contraction'
    WHERE approved.line_id IS NULL
),
judged AS (
    SELECT meant.*, approved.decided_on, approved.waived, approved.delta,
        max(CASE
            WHEN approved.account_id <> meant.account_id THEN 1
            WHEN approved.waived THEN 0
            WHEN approved.delta IS NULL OR meant.arr IS NULL OR approved.currency IS NULL THEN 1
            WHEN approved.currency <> meant.currency THEN 1
            ELSE 0
        END) OVER (PARTITION BY meant.id) AS misfits
    FROM meant INNER JOIN approved ON approved.id = meant.id
)
SELECT * FROM judged WHERE misfits = 0
"""

# What is left of a cycle without its waived lines is where its reductions begin; if that alone is below 0, they are not waived.
_ADJUSTMENT_PIECE = """
CREATE OR REPLACE TEMP TABLE adjustment_piece AS
WITH line AS ({lines}),
waiver AS (
    SELECT DISTINCT side, told_by, line_id, account_id, family, due_on, currency FROM adjustment_line WHERE waived
),
touched AS (
    SELECT DISTINCT side, account_id, family, due_on FROM adjustment_line
),
unwaived AS (
    SELECT line.side, line.account_id, line.family, line.due_on, line.currency, coalesce(sum(line.arr), 0) AS whole,
        coalesce(sum(CASE WHEN waiver.line_id IS NULL THEN line.arr END), 0) AS rest
    FROM line INNER JOIN touched ON touched.side = line.side AND touched.account_id = line.account_id
        AND touched.family = line.family AND touched.due_on = line.due_on
    LEFT JOIN waiver ON waiver.side = line.side AND waiver.told_by = line.told_by AND waiver.line_id = line.line_id
        AND waiver.account_id = line.account_id AND waiver.family = line.family AND waiver.due_on = line.due_on
    GROUP BY line.side, line.account_id, line.family, line.due_on, line.currency
),
room AS (
    SELECT *, rest >= 0 AS waives, CASE WHEN rest >= 0 THEN rest ELSE whole END AS base FROM unwaived WHERE currency IS NOT NULL
),
gone AS (
    SELECT waiver.* FROM waiver INNER JOIN room ON room.side = waiver.side AND room.account_id = waiver.account_id
        AND room.family = waiver.family AND room.due_on = waiver.due_on AND room.currency = waiver.currency
    WHERE room.waives
),
weighed AS (
    SELECT *, CAST(abs(delta) * 100 AS HUGEINT) AS cents,
        CASE
            WHEN max(arr) OVER (PARTITION BY id) <= 0 THEN CAST(1 AS HUGEINT)
            WHEN arr > 0 THEN CAST(arr * 100 AS HUGEINT)
            ELSE CAST(0 AS HUGEINT)
        END AS weight
    FROM adjustment_line WHERE NOT waived
),
whole AS (
    SELECT *, sum(weight) OVER (PARTITION BY id) AS weights FROM weighed
),
cut AS (
    SELECT *, cents * weight // nullif(weights, 0) AS least_cents, cents * weight % nullif(weights, 0) AS rest FROM whole
),
shared AS (
    SELECT *, cents - sum(least_cents) OVER (PARTITION BY id) AS left_over,
        row_number() OVER (PARTITION BY id ORDER BY rest DESC, due_on, family, told_by, line_id) AS place
    FROM cut
),
split AS (
    SELECT *, CAST(CAST(CASE WHEN delta < 0 THEN -1 ELSE 1 END * (least_cents + CASE WHEN place <= left_over THEN 1 ELSE 0 END)
        AS DECIMAL(36, 0)) * 0.01 AS DECIMAL(38, 2)) AS piece
    FROM shared
),
alive AS (
    SELECT split.*, CASE WHEN split.piece > 0 THEN split.piece ELSE 0 END AS more,
        CASE WHEN split.piece < 0 THEN split.piece ELSE 0 END AS less, room.base
    FROM split INNER JOIN room ON room.side = split.side AND room.account_id = split.account_id AND room.family = split.family
        AND room.due_on = split.due_on AND room.currency = split.currency
    LEFT JOIN gone ON gone.side = split.side AND gone.told_by = split.told_by AND gone.line_id = split.line_id
        AND gone.account_id = split.account_id AND gone.family = split.family AND gone.due_on = split.due_on
    WHERE gone.line_id IS NULL
),
measured AS (
    SELECT *, arr + sum(more) OVER (PARTITION BY side, told_by, line_id, account_id, family, due_on)
            + sum(less) OVER (PARTITION BY side, told_by, line_id, account_id, family, due_on ORDER BY decided_on, id) AS of_line,
        base + sum(more) OVER (PARTITION BY side, account_id, family, due_on, currency)
            + sum(less) OVER (PARTITION BY side, account_id, family, due_on, currency ORDER BY decided_on, id) AS of_cycle
    FROM alive
)
SELECT id, side, told_by, line_id, account_id, family, due_on, FALSE AS waived, piece AS delta,
    max(CASE WHEN piece < 0 AND ((arr >= 0 AND of_line < 0) OR of_cycle < 0) THEN 1 ELSE 0 END) OVER (PARTITION BY id) = 0 AS kept
FROM measured
UNION ALL
SELECT line.id, line.side, line.told_by, line.line_id, line.account_id, line.family, line.due_on, TRUE, CAST(0 AS DECIMAL(38, 2)),
    coalesce(room.waives, TRUE)
FROM adjustment_line AS line
LEFT JOIN room ON room.side = line.side AND room.account_id = line.account_id AND room.family = line.family
    AND room.due_on = line.due_on AND room.currency = line.currency
WHERE line.waived
"""

_FATE = """
CREATE OR REPLACE TEMP TABLE adjustment_fate AS
WITH matched AS (SELECT DISTINCT id FROM adjustment_line),
below AS (SELECT DISTINCT id FROM adjustment_piece WHERE NOT kept)
SELECT adjustment.id, adjustment.side,
    CASE WHEN matched.id IS NULL THEN 'unmatched' WHEN below.id IS NOT NULL THEN 'below_zero' ELSE 'counts' END AS fate
FROM adjustment LEFT JOIN matched ON matched.id = adjustment.id LEFT JOIN below ON below.id = adjustment.id
WHERE adjustment.status = 'approved' AND (adjustment.decided_on IS NULL OR adjustment.decided_on <= {today})
"""

_CHANGE = """
    SELECT told_by, line_id, account_id, family, due_on, max(CASE WHEN waived THEN 1 ELSE 0 END) AS waived, sum(delta) AS delta
    FROM adjustment_piece WHERE kept AND side = '{side}' GROUP BY told_by, line_id, account_id, family, due_on"""

_DUE = """
CREATE OR REPLACE TEMP TABLE finance_due_line AS
WITH change AS ({change})
SELECT line.told_by, line.line_id, line.term_id, line.account_id, line.family, line.due_on, line.nature, line.product_line,
    CASE WHEN line.arr IS NOT NULL AND change.waived = 1 THEN CAST(0 AS DECIMAL(38, 2))
        ELSE CAST(line.arr + coalesce(change.delta, 0) AS DECIMAL(38, 2)) END AS arr, line.currency, line.rated_on
FROM due_line AS line LEFT JOIN change ON change.told_by = line.told_by AND change.line_id = line.line_id
    AND change.account_id = line.account_id AND change.family = line.family AND change.due_on = line.due_on
"""

_RENEWED = """
CREATE OR REPLACE TEMP TABLE finance_renewed_line AS
WITH change AS ({change})
SELECT line.told_by, line.line_id, line.term_id, line.account_id, line.family, line.due_on, line.signed_on, line.start, line.product_line,
    CASE WHEN line.arr IS NOT NULL AND change.waived = 1 THEN CAST(0 AS DECIMAL(38, 2))
        ELSE CAST(line.arr + coalesce(change.delta, 0) AS DECIMAL(38, 2)) END AS arr, line.currency, line.share, line.rated_on
FROM renewed_line AS line LEFT JOIN change ON change.told_by = line.told_by AND change.line_id = line.line_id
    AND change.account_id = line.account_id AND change.family = line.family AND change.due_on = line.due_on
"""

_CYCLE = """
CREATE OR REPLACE TEMP TABLE finance_cycle AS
WITH owed AS (SELECT account_id, family, due_on, sum(arr) AS arr FROM finance_due_line GROUP BY account_id, family, due_on),
paid AS (SELECT account_id, family, due_on, sum(arr) AS arr FROM finance_renewed_line GROUP BY account_id, family, due_on)
SELECT cycle.account_id, cycle.family, cycle.due_on, cycle.term_start, cycle.contract_id, cycle.months,
    CASE WHEN cycle.due_arr IS NOT NULL THEN owed.arr END AS due_arr, cycle.currency, cycle.state, cycle.next_start,
    CASE WHEN cycle.renewed_arr IS NOT NULL THEN paid.arr END AS renewed_arr, cycle.renewed_currency, cycle.renewed_on,
    cycle.open_id, cycle.untold, cycle.mixed, cycle.contracts, cycle.worth
FROM cycle
LEFT JOIN owed ON owed.account_id = cycle.account_id AND owed.family = cycle.family AND owed.due_on = cycle.due_on
LEFT JOIN paid ON paid.account_id = cycle.account_id AND paid.family = cycle.family AND paid.due_on = cycle.due_on
"""
