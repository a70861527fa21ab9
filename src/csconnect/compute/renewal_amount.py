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
    SELECT stated.*, coalesce(stated.product_line, '') AS family, count(*) OVER cycle AS sharing,
        -- terms of one contract that end together in one line, an expansion beside its order, are one renewal: the first has its amount
        count(stated.contract_id) OVER cycle = count(*) OVER cycle
            AND min(stated.contract_id) OVER cycle = max(stated.contract_id) OVER cycle AS one_contract,
        row_number() OVER (
            PARTITION BY stated.account_id, coalesce(stated.product_line, ''), stated."end" ORDER BY stated.start, stated.term_id
        ) AS place
    FROM stated WINDOW cycle AS (PARTITION BY stated.account_id, coalesce(stated.product_line, ''), stated."end")
),
worth AS (
    SELECT together.*, (together.sharing = 1 OR together.one_contract) AND cycle.worth IS NOT NULL AS by_line,
        CASE WHEN cycle.worth IS NULL OR NOT (together.sharing = 1 OR together.one_contract) THEN together.amount
            WHEN together.place = 1 THEN cycle.worth ELSE 0 END AS flat
    FROM together LEFT JOIN cycle ON cycle.account_id = together.account_id AND cycle.family = together.family
        AND cycle.due_on = together."end" AND cycle.currency = together.currency
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
    SELECT agreed.*, coalesce(lifted.uplift, agreed.uplift) AS percent
    FROM agreed LEFT JOIN lifted ON lifted.term_id = agreed.term_id
),
rounded AS (
    SELECT *, CAST(CASE WHEN percent = 0 THEN flat
            ELSE round(CAST(CAST(flat AS DOUBLE) * (1.0 + percent / 100.0) AS DECIMAL(38, 6)), 2) END AS DECIMAL(38, 4)) AS risen,
        CASE WHEN cap IS NOT NULL
            THEN CAST(floor(flat * (1 + CAST(cap AS DECIMAL(12, 6)) / 100) * 100) AS DECIMAL(38, 4)) / 100 END AS most
    FROM raised
)
SELECT * EXCLUDE (family, sharing, one_contract, place, by_line, flat, cap, uplift, percent, risen, most),
    -- below zero is nothing that anybody could renew
    CAST(CASE WHEN flat < 0 THEN NULL WHEN risen > flat AND risen > most THEN CASE WHEN most > flat THEN most ELSE flat END
        ELSE risen END AS DECIMAL(38, 4)) AS renewal_amount
FROM rounded ORDER BY account_id, start, term_id
"""
