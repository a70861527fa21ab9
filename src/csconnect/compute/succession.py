"""Which order renews what. A cycle (what an account has of one product line that ends on one day) is renewed by an order of the same
account and product line that begins after it, ends after it and begins by its end plus grace.

An order renews the cycle that it follows: of those that have ended when it begins the one that ended last, or else, where nothing
has, the one that ends next (an early renewal). A cycle that no order follows is renewed by the first that takes it up beside
another (co-terming): one that begins within grace after its end, or that begins while it is due. What only expands another cycle is
taken up by the renewal of that, however long it would still run.

An order called new renews only what has ended (CRMs mislabel renewals), and only where no order called a renewal does. What begins
early but is called new was bought beside it. The sources state none of this but that the order renews (decks 001:1387).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from csconnect.compute.terms import RenewalRules


def make_succession(facts: duckdb.DuckDBPyConnection, rules: RenewalRules) -> None:
    """Make the temporary tables ``turn`` and ``succession`` from ``line_sold`` (`csconnect.compute.sold`).

    ``turn``, a row a cycle: account_id, family, due_on, start (the first of it), added (nothing but expansions). ``succession``, a row
    a cycle and order that renews it: account_id, family, due_on, start, end, nature (of the order).
    """
    facts.execute(_TURN)
    facts.execute(_SUCCESSION.format(due=rules.due_days, grace=rules.grace_days))


_TURN = """
CREATE OR REPLACE TEMP TABLE turn AS
SELECT account_id, family, due_on, coalesce(min(CASE WHEN nature <> 'expansion' THEN start END), min(start)) AS start,
    count(CASE WHEN nature <> 'expansion' THEN 1 END) = 0 AS added
FROM line_sold
WHERE nature <> 'contraction' AND counts
GROUP BY account_id, family, due_on
"""

_SUCCESSION = """
CREATE OR REPLACE TEMP TABLE succession AS
WITH renewing AS (
    SELECT DISTINCT account_id, family, start, "end", nature FROM line_sold
    WHERE nature IN ('new', 'renewal')
        AND counts
),
candidate AS (
    SELECT renewing.*, turn.due_on, turn.added, date_diff('day', turn.due_on, renewing.start) AS late
    FROM renewing INNER JOIN turn ON turn.account_id = renewing.account_id AND turn.family = renewing.family
        AND renewing.start > turn.start AND renewing."end" > turn.due_on
    WHERE date_diff('day', turn.due_on, renewing.start) <= {grace}
        AND (renewing.nature = 'renewal' OR renewing.start >= turn.due_on)
),
-- of what has ended the last; where nothing has, of what runs the one that ends first, what only expands another after it
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY account_id, family, start, "end", nature
        ORDER BY CASE WHEN late >= 0 THEN 0 WHEN added THEN 2 ELSE 1 END, abs(late)) AS place
    FROM candidate
),
followed AS (
    SELECT *, max(CASE WHEN nature = 'renewal' THEN 1 ELSE 0 END) OVER (PARTITION BY account_id, family, due_on) AS by_renewal,
        min(start) OVER (PARTITION BY account_id, family, due_on) AS first_start
    FROM ranked WHERE place = 1
),
beside AS (
    SELECT candidate.*, min(candidate.start) OVER (PARTITION BY candidate.account_id, candidate.family, candidate.due_on) AS first_start
    FROM candidate LEFT JOIN followed ON followed.account_id = candidate.account_id AND followed.family = candidate.family
        AND followed.due_on = candidate.due_on
    WHERE followed.account_id IS NULL AND (candidate.late >= -{due} OR candidate.added)
)
SELECT account_id, family, due_on, start, "end", nature FROM followed
WHERE nature = 'renewal' OR (by_renewal = 0 AND start = first_start)
UNION ALL
SELECT account_id, family, due_on, start, "end", nature FROM beside WHERE start = first_start
"""
