"""Rates on the due base: of what fell due in a period, how much was renewed, by amount (续费率; decks 001:1184) and by count (续约率;
001:1186)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.due import Book
from csconnect.compute.exchange import into
from csconnect.compute.period import Period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def due_rates(
    facts: duckdb.DuckDBPyConnection,
    period: Period,
    by: Sequence[str] = (),
    *,
    book: Book = Book.BUSINESS,
    currency: str | None = None,
) -> pa.Table:
    """After `make_due` (and, with ``currency``, `make_exchange` into it). A row a dimension, value and currency: book, dimension,
    value, currency, due_customers, renewed_customers, open_customers, lost_customers, untold_customers, due_arr, renewed_arr,
    open_arr, lost_arr, renewal_rate_amount_due, renewal_rate_count_due (DOUBLE, null where the base is 0), settled.

    The first rows are dimension ``all``, value ``all``. What falls due has its last covered day in ``period``. Without ``currency``
    nothing is converted and there is a row a currency (null: no amount names any); a cycle with several has no amount then.
    With it each cycle is converted, both halves, at the rate of the day it is due, or of the day that is judged while that lies ahead.

    A customer is renewed if any of its cycles in the cell is, or else open if any is not yet decided on the day (not due, due or
    deferred), or else lost: renewed + open + lost = due, of customers. What is open is in the base; ``settled`` is false while there is
    any. ``untold`` customers count, but an amount of theirs cannot be told: those cycles are in no amount.

    In ``product_line`` the unit is what an account has of a line: renewed only if the renewal has lines of it; what a renewal adds of
    another line stands in the cell of that, so that amounts add up to all. The finance book reads ``finance_due_line``,
    ``finance_renewed_line`` and ``finance_cycle``, which have the columns of the business book.
    """
    return _rates(facts, period, by, book, currency, month="''").drop_columns(["month"])


def due_by_month(
    facts: duckdb.DuckDBPyConnection,
    period: Period,
    by: Sequence[str] = (),
    *,
    book: Book = Book.BUSINESS,
    currency: str | None = None,
) -> pa.Table:
    """The same by the month of the last covered day, as people name it: ``month`` (YYYY-MM) is the first column and the first order;
    months in which nothing falls due have no row."""
    month = "substr(CAST(CAST(due_on - INTERVAL 1 DAY AS DATE) AS VARCHAR), 1, 7)"
    return _rates(facts, period, by, book, currency, month=month)


def _rates(
    facts: duckdb.DuckDBPyConnection, period: Period, by: Sequence[str], book: Book, currency: str | None, month: str
) -> pa.Table:
    names = known_dimensions(by)
    make_dimension(facts, names)
    prefix = "" if book is Book.BUSINESS else "finance_"
    order = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(["all", *names]))
    halves = [_PART.format(lines=f"{prefix}{side}_line", side=side, **_into(currency)) for side in ("due", "renewed")]
    within = f"cycle.due_on > DATE '{period.start.isoformat()}' AND cycle.due_on <= DATE '{period.end.isoformat()}'"
    query = _RATES.format(
        parts=" UNION ALL ".join(halves),
        cycle=f"{prefix}cycle",
        within=within,
        mixed="cycle.mixed" if currency is None else "FALSE",
        month=month,
        sums=_SUMS.format(fate="fate"),
        per_line=_PER_LINE.format(sums=_SUMS.format(fate="end_of_it")) if "product_line" in names else "",
        book=book.value,
        order=order,
    )
    return facts.sql(query).to_arrow_table()


def _into(currency: str | None) -> dict[str, str]:
    join, arr, name = into(currency, "line.rated_on", "line")
    return {"join": join, "arr": arr, "currency": name}


_PART = """
    SELECT '{side}' AS side, line.account_id, line.family, line.due_on, coalesce(line.product_line, 'unknown') AS product_line,
        {currency} AS currency, {arr} AS arr
    FROM {lines} AS line {join}"""

# What an account has of a line is told apart only where that is asked for: everything else is grouped by account first.
_PER_LINE = """
    UNION ALL
    SELECT month, 'product_line', product_line, currency, account_id, {sums}
    FROM (SELECT told.*, CASE WHEN fate = 'renewed' AND here = 0 THEN 'lost' ELSE fate END AS end_of_it FROM told) AS by_line
    GROUP BY month, product_line, currency, account_id"""

_SUMS = """max(CASE WHEN side = 'due' THEN 1 ELSE 0 END) AS due,
        max(CASE WHEN side = 'due' AND {fate} = 'renewed' THEN 1 ELSE 0 END) AS renewed,
        max(CASE WHEN side = 'due' AND {fate} = 'open' THEN 1 ELSE 0 END) AS open,
        max(CASE WHEN side = 'due' THEN untold ELSE 0 END) AS untold,
        sum(CASE WHEN side = 'due' THEN arr END) AS due_arr, sum(CASE WHEN side = 'renewed' THEN arr END) AS renewed_arr,
        sum(CASE WHEN side = 'due' AND {fate} = 'open' THEN arr END) AS open_arr,
        sum(CASE WHEN side = 'due' AND {fate} = 'lost' THEN arr END) AS lost_arr"""

_RATES = """
WITH part AS ({parts}
),
piece AS (
    SELECT part.*, cycle.state,
        max(CASE WHEN cycle.untold OR part.arr IS NULL OR {mixed} THEN 1 ELSE 0 END)
            OVER (PARTITION BY part.account_id, part.family, part.due_on) AS untold,
        max(CASE WHEN part.side = 'renewed' THEN 1 ELSE 0 END)
            OVER (PARTITION BY part.account_id, part.family, part.due_on, part.product_line) AS here
    FROM part INNER JOIN {cycle} AS cycle ON cycle.account_id = part.account_id AND cycle.family = part.family
        AND cycle.due_on = part.due_on
    WHERE {within}
),
told AS (
    SELECT {month} AS month, product_line, currency, account_id, side, untold, here, CASE WHEN untold = 0 THEN arr END AS arr,
        CASE WHEN state = 'renewed' THEN 'renewed' WHEN state IN ('not_due', 'due', 'deferred') THEN 'open' ELSE 'lost' END AS fate
    FROM piece
),
account_wide AS (
    SELECT month, currency, account_id, {sums}
    FROM told GROUP BY month, currency, account_id
),
customer AS (
    SELECT wide.month, dimension.name, dimension.value, wide.currency, wide.account_id, wide.due, wide.renewed, wide.open, wide.untold,
        wide.due_arr, wide.renewed_arr, wide.open_arr, wide.lost_arr
    FROM account_wide AS wide INNER JOIN dimension ON dimension.account_id = wide.account_id{per_line}
),
cell AS (
    SELECT month, name, value, currency, sum(due) AS due_customers, sum(renewed) AS renewed_customers,
        sum(CASE WHEN renewed = 0 THEN open ELSE 0 END) AS open_customers, sum(untold) AS untold_customers,
        max(open) = 0 AS settled, coalesce(sum(due_arr), 0) AS due_arr, coalesce(sum(renewed_arr), 0) AS renewed_arr,
        coalesce(sum(open_arr), 0) AS open_arr, coalesce(sum(lost_arr), 0) AS lost_arr
    FROM customer GROUP BY month, name, value, currency
)
SELECT month, '{book}' AS book, name AS dimension, value, currency,
    CAST(due_customers AS BIGINT) AS due_customers, CAST(renewed_customers AS BIGINT) AS renewed_customers,
    CAST(open_customers AS BIGINT) AS open_customers, CAST(due_customers - renewed_customers - open_customers AS BIGINT) AS lost_customers,
    CAST(untold_customers AS BIGINT) AS untold_customers, due_arr, renewed_arr, open_arr, lost_arr,
    CAST(renewed_arr AS DOUBLE) / nullif(CAST(due_arr AS DOUBLE), 0.0) AS renewal_rate_amount_due,
    CAST(renewed_customers AS DOUBLE) / nullif(CAST(due_customers AS DOUBLE), 0.0) AS renewal_rate_count_due, settled
FROM cell WHERE due_customers > 0 OR renewed_arr <> 0
ORDER BY month, CASE name {order} END, value, currency NULLS LAST
"""
