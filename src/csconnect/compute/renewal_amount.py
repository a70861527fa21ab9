"""What the renewal of a term is worth: all that its cycle is due, over as many months as the term ran.

An expansion that was sold during the term is renewed with it, a contraction is not, and what was paid once is not paid again. Where that
is what the order said anyway, the order's own amount stands, to its cent.

Then it rises by what was agreed: the uplift of a line beats that of its contract, and that of a contract the one of
`csconnect.compute.terms.RenewalRules`. It never rises above the contract's cap (book §5.2.1), and what is left of a cent is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def with_amounts(facts: duckdb.DuckDBPyConnection, terms: pa.Table, rules: RenewalRules | None = None) -> pa.Table:
    """``terms`` (of `csconnect.compute.terms.term_states`) with ``renewal_amount`` (DECIMAL(38,4)) in the term's currency, after
    `csconnect.compute.due.make_due` for the same day. Where several terms share a cycle, or what it is due cannot be told in the term's
    currency, it is the term's own amount; an uplift of single lines is known only where it is not."""
    facts.register("stated", terms)
    found = facts.sql(_AMOUNTS.format(uplift=(rules or RenewalRules()).uplift_percent)).to_arrow_table()
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
),
worth AS (
    SELECT * EXCLUDE (sharing, whole, months),
        CAST(CASE
            -- ARR is rounded to the cent: an order's own amount is nearer to the truth than a hundredth too much or too little
            WHEN whole IS NULL OR abs(whole - amount) <= 0.01 * greatest(1, months / 12) THEN amount
            ELSE whole END AS DECIMAL(38, 4)) AS flat,
        sharing = 1 AND whole IS NOT NULL AS by_line
    FROM owed
),
agreed AS (
    SELECT worth.*, contract.price_increase_cap AS cap, coalesce(contract.renewal_uplift, {uplift}) AS uplift
    FROM worth LEFT JOIN contract ON contract.id = worth.contract_id
),
lifted AS (
    SELECT agreed.term_id,
        sum(CAST(due_line.arr AS DOUBLE) * coalesce(line.renewal_uplift, agreed.uplift)) / nullif(sum(CAST(due_line.arr AS DOUBLE)), 0.0)
            AS uplift
    FROM agreed INNER JOIN due_line ON due_line.account_id = agreed.account_id AND due_line.family = agreed.family
        AND due_line.due_on = agreed."end"
    INNER JOIN contract_line AS line ON line.id = due_line.line_id
    WHERE agreed.by_line GROUP BY agreed.term_id HAVING count(line.renewal_uplift) > 0
),
raised AS (
    SELECT agreed.*, CAST(round(least(coalesce(lifted.uplift, agreed.uplift), agreed.cap), 6) AS DECIMAL(12, 6)) AS percent
    FROM agreed LEFT JOIN lifted ON lifted.term_id = agreed.term_id
)
SELECT * EXCLUDE (family, flat, by_line, cap, uplift, percent),
    CAST(CASE WHEN percent = 0 THEN flat
        ELSE CAST(floor(flat * (1 + percent / 100) * 100) AS DECIMAL(38, 4)) / 100 END AS DECIMAL(38, 4)) AS renewal_amount
FROM raised ORDER BY account_id, start, term_id
"""
