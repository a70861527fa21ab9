"""Where every term stands in its renewal, and its plain-Python twin.

A term is renewed by the next term of the same account and product line that starts by its end plus ``grace_days`` (decks INC-19;
the sources name the states but state no grace, so it is a setting). Only an order that renews does that (decks 001:1387): an
expansion or contraction changes the term it runs beside, however late it ends. The SQL and `term_state` say the same thing twice
on purpose: a property test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from csconnect.model.enums import Segment, TermState

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class RenewalRules:
    """``due_days`` before its end a term falls due; for ``grace_days`` after it, it is deferred and may still be renewed.

    ``start_days`` are those of a tier (segment) that begins at another time: work on a strategic customer's renewal begins three
    months before the end, on a micro customer's about one (book §5.4.2).

    ``uplift_percent`` is by how much a renewal rises where neither its lines nor its contract say it.
    """

    due_days: int = 90
    grace_days: int = 90
    start_days: Mapping[str, int] = field(default_factory=dict)
    uplift_percent: float = 0.0

    def days_before(self, segment: str | None) -> int:
        """How many days before its end a term of an account of ``segment`` falls due."""
        return self.start_days.get(segment or "", self.due_days)


def term_state(
    end: date, next_start: date | None, as_of: date, rules: RenewalRules, segment: str | None = None
) -> TermState:
    """The state on ``as_of`` of a term that ends (exclusively) on ``end``; ``next_start`` is where its successor starts."""
    grace_ends = end + timedelta(days=rules.grace_days)
    if next_start is not None and next_start <= grace_ends:
        return TermState.RENEWED
    if as_of < end - timedelta(days=rules.days_before(segment)):
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
    seats, segment (of the account), state, next_start, days_to_end (negative once it has ended), renewal_opportunity_id (the term's, or its
    contract's, which may still name that of the term before).

    The successor is the first term of the same account and product line that begins later and ends later: what runs beside a
    term does not renew it, nor does what its ``nature`` calls an expansion or contraction. Terms known but not yet begun count,
    since a signed renewal is a renewal.
    """
    rules = rules or RenewalRules()
    query = f"""
    WITH served AS (
        SELECT term.* REPLACE (coalesce(term.renewal_opportunity_id, contract.renewal_opportunity_id) AS renewal_opportunity_id),
            coalesce(term.product_line, '') AS family, account.segment
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
    SELECT id AS term_id, account_id, contract_id, product_line, start, "end", amount, currency, seats, segment,
        CASE
            WHEN date_diff('day', "end", next_start) <= {rules.grace_days} THEN 'renewed'
            WHEN days_to_end > {days_before(rules)} THEN 'not_due'
            WHEN days_to_end > 0 THEN 'due'
            WHEN days_to_end >= -{rules.grace_days} THEN 'deferred'
            WHEN next_start <= today THEN 'won_back'
            ELSE 'churned'
        END AS state,
        next_start, days_to_end, renewal_opportunity_id
    FROM dated ORDER BY account_id, start, term_id
    """  # noqa: S608
    return facts.sql(query).to_arrow_table()


def days_before(rules: RenewalRules) -> str:
    """SQL for `RenewalRules.days_before` of a row's ``segment``; the tiers are of our own enumeration, never text from elsewhere."""
    tiers = " ".join(f"WHEN '{Segment(tier)}' THEN {int(days)}" for tier, days in sorted(rules.start_days.items()))
    return f"CASE segment {tiers} ELSE {rules.due_days} END" if tiers else str(rules.due_days)
