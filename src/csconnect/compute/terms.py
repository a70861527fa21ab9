"""Where every term stands in its renewal, and its plain-Python twin.

A term is renewed by the next term of the same account and product line that starts by its end plus ``grace_days`` (decks INC-19;
the sources name the states but state no grace, so it is a setting). Only an order that renews does that (decks 001:1387): an
expansion or contraction changes the term it runs beside, however late it ends. The SQL and `term_state` say the same thing twice
on purpose: a property test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from csconnect.model.enums import TermState

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class RenewalRules:
    """``due_days`` before its end a term falls due; for ``grace_days`` after it, it is deferred and may still be renewed."""

    due_days: int = 90
    grace_days: int = 90


def term_state(end: date, next_start: date | None, as_of: date, rules: RenewalRules) -> TermState:
    """The state on ``as_of`` of a term that ends (exclusively) on ``end``; ``next_start`` is where its successor starts."""
    grace_ends = end + timedelta(days=rules.grace_days)
    if next_start is not None and next_start <= grace_ends:
        return TermState.RENEWED
    if as_of < end - timedelta(days=rules.due_days):
        return TermState.NOT_DUE
    if as_of < end:
        return TermState.DUE
    if as_of <= grace_ends:
        return TermState.DEFERRED
    if next_start is not None and next_start <= as_of:
        return TermState.WON_BACK
    return TermState.CHURNED


def term_states(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules | None = None) -> pa.Table:
    """Every well-formed term of customer accounts: term_id, account_id, contract_id, product_line, start, end, amount, currency,
    seats, state, next_start, days_to_end (negative once it has ended), renewal_opportunity_id (the term's, or its contract's, which may
    still name that of the term before).

    The successor is the first term of the same account and product line that begins later and ends later: what runs beside a
    term does not renew it, nor does what its ``nature`` calls an expansion or contraction. Terms known but not yet begun count,
    since a signed renewal is a renewal.
    """
    rules = rules or RenewalRules()
    query = f"""
    WITH served AS (
        SELECT term.* REPLACE (coalesce(term.renewal_opportunity_id, contract.renewal_opportunity_id) AS renewal_opportunity_id),
            coalesce(term.product_line, '') AS family
        FROM term INNER JOIN account ON account.id = term.account_id AND account.is_customer
        LEFT JOIN contract ON contract.id = term.contract_id
        WHERE term."end" > term.start
    ),
    successor AS (
        SELECT one.id, min(other.start) AS next_start
        FROM served AS one INNER JOIN served AS other ON other.account_id = one.account_id AND other.family = one.family
            AND other.start > one.start AND other."end" > one."end" AND other.nature NOT IN ('expansion', 'contraction')
        GROUP BY one.id
    ),
    chained AS (
        SELECT served.*, successor.next_start FROM served LEFT JOIN successor ON successor.id = served.id
    ),
    dated AS (
        SELECT *, DATE '{as_of.isoformat()}' AS today, date_diff('day', DATE '{as_of.isoformat()}', "end") AS days_to_end
        FROM chained
    )
    SELECT id AS term_id, account_id, contract_id, product_line, start, "end", amount, currency, seats,
        CASE
            WHEN date_diff('day', "end", next_start) <= {rules.grace_days} THEN 'renewed'
            WHEN days_to_end > {rules.due_days} THEN 'not_due'
            WHEN days_to_end > 0 THEN 'due'
            WHEN days_to_end >= -{rules.grace_days} THEN 'deferred'
            WHEN next_start <= today THEN 'won_back'
            ELSE 'churned'
        END AS state,
        next_start, days_to_end, renewal_opportunity_id
    FROM dated ORDER BY account_id, start, term_id
    """  # noqa: S608
    return facts.sql(query).to_arrow_table()
