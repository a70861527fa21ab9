"""A month as it is frozen, account by account: what ran when it opened and closed, what fell due, what was renewed. It is what later
tells which accounts a restatement comes from, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.period import Period, parse_period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

INPUTS = frozenset({"account", "term", "contract_line", "opportunity", "fx_rate"})
"""The entities from which a statement is reckoned."""


def month_of(day: date) -> Period:
    """The month in which ``day`` lies."""
    return parse_period(f"{day.year:04}-{day.month:02}")


def month_before(month: Period) -> Period:
    """The month that closed on the day on which ``month`` opened."""
    year, number = (month.start.year, month.start.month - 1) if month.start.month > 1 else (month.start.year - 1, 12)
    return parse_period(f"{year:04}-{number:02}")


def account_month(
    facts: duckdb.DuckDBPyConnection,
    month: Period,
    currency: str | None = None,
    health: Mapping[str, tuple[str | None, int | None]] | None = None,
) -> pa.Table:
    """After `make_due` as of the closing of ``month`` (and, with ``currency``, `make_exchange` into it). A row an account, family and
    currency (null: no amount of it names any) of which anything ran at the opening or the closing, fell due in the month, or is deferred:

    account_id, family, currency, opening_arr, arr (at the closing), due_arr, renewed_arr (all in the row's own currency; null where an
    amount of it cannot be told), state (renewed | open | lost: what became of what fell due; null where nothing did), deferred
    (its renewal is, on the day), lines (due, renewed and running ones that it is made of), rate (DOUBLE, into the reporting currency
    at the opening; null without one, or in a hole), due_rate (likewise, on the first day on which something fell due), band, score (of
    ``health``, by account), owner_id, segment, industry, region. Ordered by account, family and currency.
    """
    _note_health(facts, health or {})
    days = {"opening": _day(month.opening), "closing": _day(month.closing)}
    rate = due_rate = "CAST(NULL AS DOUBLE)"
    joins = ""
    if currency is not None:
        rate, due_rate, joins = "opened.rate", "owed.rate", _RATED.format(**days)
    query = _ACCOUNT_MONTH.format(rate=rate, due_rate=due_rate, joins=joins, **days)
    found = facts.sql(query).to_arrow_table()
    facts.execute("DROP TABLE month_health")
    return found


def inputs_of(facts: duckdb.DuckDBPyConnection, month: Period) -> str:
    """What a statement of ``month`` is reckoned from, as one short text that changes when any of it does: whatever was signed, begun or
    quoted by its closing, and whose it is. Later orders and rates are not in it, so that most nights change nothing. (An engine that
    hashes otherwise changes it too: then the month is reckoned once for nothing.)"""
    ((rows, hashed),) = facts.sql(_INPUTS.format(closing=_day(month.closing))).fetchall()
    return f"{rows}-{hashed}"


def _day(day: date) -> str:
    return f"DATE '{day.isoformat()}'"


def _note_health(facts: duckdb.DuckDBPyConnection, health: Mapping[str, tuple[str | None, int | None]]) -> None:
    import pyarrow as pa

    table = pa.table(
        {
            "account_id": pa.array(list(health), pa.string()),
            "band": pa.array([band for band, _ in health.values()], pa.string()),
            "score": pa.array([score for _, score in health.values()], pa.int64()),
        }
    )
    facts.register("month_health_of", table)
    facts.execute("CREATE OR REPLACE TEMP TABLE month_health AS SELECT * FROM month_health_of")
    facts.unregister("month_health_of")


_RATED = """
LEFT JOIN exchange AS opened ON opened.source = whole.currency AND opened.from_day <= {opening} AND opened.until_day > {opening}
LEFT JOIN exchange AS owed ON owed.source = whole.currency AND owed.from_day <= whole.due_on AND owed.until_day > whole.due_on"""

# Amounts are summed only where each of them is told: what is unknown is null, and 0 where there is none.
_ACCOUNT_MONTH = """
WITH fallen AS (
    SELECT account_id, family, due_on, state FROM cycle WHERE due_on > {opening} AND due_on <= {closing}
),
piece AS (
    SELECT account_id, family, currency, told_by || ':' || id AS line, CASE WHEN excluded IS NULL THEN arr END AS arr,
        CASE WHEN counts_from <= {opening} AND counts_until > {opening} THEN 1 ELSE 0 END AS opens,
        CASE WHEN counts_from <= {closing} AND counts_until > {closing} THEN 1 ELSE 0 END AS closes, 0 AS due, 0 AS renewed,
        CAST(NULL AS DATE) AS due_on
    FROM sold_line WHERE counts AND counts_from <= {closing} AND counts_until > {opening}
    UNION ALL
    SELECT line.account_id, line.family, line.currency, line.line_id, line.arr, 0, 0, 1, 0, line.due_on
    FROM due_line AS line INNER JOIN fallen USING (account_id, family, due_on)
    UNION ALL
    SELECT line.account_id, line.family, line.currency, line.line_id, line.arr, 0, 0, 0, 1, line.due_on
    FROM renewed_line AS line INNER JOIN fallen USING (account_id, family, due_on)
    UNION ALL
    SELECT account_id, family, currency, NULL, NULL, 0, 0, 0, 0, NULL FROM cycle WHERE state = 'deferred' AND due_on <= {closing}
),
whole AS (
    SELECT account_id, family, currency,
        CASE WHEN sum(opens) = count(CASE WHEN opens = 1 THEN arr END)
            THEN coalesce(sum(CASE WHEN opens = 1 THEN arr END), 0) END AS opening_arr,
        CASE WHEN sum(closes) = count(CASE WHEN closes = 1 THEN arr END)
            THEN coalesce(sum(CASE WHEN closes = 1 THEN arr END), 0) END AS arr,
        CASE WHEN sum(due) = count(CASE WHEN due = 1 THEN arr END)
            THEN coalesce(sum(CASE WHEN due = 1 THEN arr END), 0) END AS due_arr,
        CASE WHEN sum(renewed) = count(CASE WHEN renewed = 1 THEN arr END)
            THEN coalesce(sum(CASE WHEN renewed = 1 THEN arr END), 0) END AS renewed_arr,
        count(line) AS lines, min(due_on) AS due_on, max(due) AS due
    FROM piece GROUP BY account_id, family, currency
),
fate AS (
    SELECT account_id, family,
        CASE WHEN max(CASE WHEN state = 'renewed' THEN 1 ELSE 0 END) = 1 THEN 'renewed'
            WHEN max(CASE WHEN state IN ('not_due', 'due', 'deferred') THEN 1 ELSE 0 END) = 1 THEN 'open' ELSE 'lost' END AS state
    FROM fallen GROUP BY account_id, family
),
waiting AS (
    SELECT DISTINCT account_id, family FROM cycle WHERE state = 'deferred'
)
SELECT whole.account_id, whole.family, whole.currency, CAST(whole.opening_arr AS DECIMAL(38, 2)) AS opening_arr,
    CAST(whole.arr AS DECIMAL(38, 2)) AS arr, CAST(whole.due_arr AS DECIMAL(38, 2)) AS due_arr,
    CAST(whole.renewed_arr AS DECIMAL(38, 2)) AS renewed_arr, fate.state, waiting.account_id IS NOT NULL AS deferred, whole.lines,
    {rate} AS rate, {due_rate} AS due_rate, month_health.band, month_health.score, account.owner_id, account.segment,
    account.industry, account.region
FROM whole
INNER JOIN account ON account.id = whole.account_id
LEFT JOIN fate ON fate.account_id = whole.account_id AND fate.family = whole.family
LEFT JOIN waiting ON waiting.account_id = whole.account_id AND waiting.family = whole.family
LEFT JOIN month_health ON month_health.account_id = whole.account_id
{joins}
ORDER BY whole.account_id, whole.family, whole.currency NULLS LAST
"""

_INPUTS = """
WITH told_term AS (
    SELECT * FROM term WHERE signed_on IS NULL OR signed_on <= {closing}
),
told_line AS (
    SELECT line.* FROM contract_line AS line LEFT JOIN term ON term.id = line.term_id
    WHERE CASE WHEN term.id IS NULL THEN line.start IS NULL OR line.start <= {closing}
        ELSE term.signed_on IS NULL OR term.signed_on <= {closing} END
),
named AS (
    SELECT account_id FROM told_term UNION SELECT account_id FROM told_line
),
read AS (
    SELECT 1 AS part, hash(id, account_id, contract_id, product_line, nature, signed_on, start, "end", months, amount, currency) AS row_hash
    FROM told_term
    UNION ALL
    SELECT 2, hash(id, term_id, account_id, contract_id, product_line, nature, billing, start, "end", months, amount, currency)
    FROM told_line
    UNION ALL
    SELECT 3, hash(account.id, account.is_customer) FROM account INNER JOIN named ON named.account_id = account.id
    UNION ALL
    SELECT 4, hash(opportunity.id, opportunity.status) FROM opportunity
    WHERE opportunity.status <> 'won' AND opportunity.id IN (SELECT term_id FROM told_line)
    UNION ALL
    SELECT 5, hash(id, currency, base, "on", rate) FROM fx_rate WHERE "on" <= {closing}
)
SELECT count(*), sum(CAST(hash(part, row_hash) AS HUGEINT)) FROM read
"""
