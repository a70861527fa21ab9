"""What the renewal of a term is worth: all that its cycle is due, over as many months as the term ran.

An expansion that was sold during the term is renewed with it, a contraction is not, and what was paid once is not paid again. Where that
is what the order said anyway, the order's own amount stands, to its cent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def with_amounts(facts: duckdb.DuckDBPyConnection, terms: pa.Table) -> pa.Table:
    """``terms`` (of `csconnect.compute.terms.term_states`) with ``renewal_amount`` (DECIMAL(38,4)) in the term's currency, after
    `csconnect.compute.due.make_due` for the same day. Where several terms share a cycle, or what it is due cannot be told in the term's
    currency, it is the term's own amount."""
    facts.register("stated", terms)
    found = facts.sql(_AMOUNTS).to_arrow_table()
    facts.unregister("stated")
    return found


_AMOUNTS = """
WITH together AS (
    SELECT stated.*, coalesce(stated.product_line, '') AS family,
        count(*) OVER (PARTITION BY stated.account_id, coalesce(stated.product_line, ''), stated."end") AS sharing
    FROM stated
),
owed AS (
    SELECT together.*, CAST(cycle.due_arr * cycle.months / 12 AS DECIMAL(38, 2)) AS whole, cycle.months
    FROM together LEFT JOIN cycle ON cycle.account_id = together.account_id AND cycle.family = together.family
        AND cycle.due_on = together."end" AND cycle.currency = together.currency AND together.sharing = 1
)
SELECT * EXCLUDE (family, sharing, whole, months),
    CAST(CASE
        -- ARR is rounded to the cent: an order's own amount is nearer to the truth than a hundredth too much or too little
        WHEN whole IS NULL OR abs(whole - amount) <= 0.01 * greatest(1, months / 12) THEN amount
        ELSE whole END AS DECIMAL(38, 4)) AS renewal_amount
FROM owed ORDER BY account_id, start, term_id
"""
