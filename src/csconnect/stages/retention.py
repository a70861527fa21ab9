"""The rates of a period, from what the lake holds; reads no system and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from csconnect.compute.book import adjustment_fates, make_finance
from csconnect.compute.churn import churn_reasons, make_churn_reason
from csconnect.compute.cohort import make_cohort
from csconnect.compute.due import Book, make_due
from csconnect.compute.due_rates import due_by_month, due_rates
from csconnect.compute.economics import Economics, economics
from csconnect.compute.exchange import holes, make_exchange
from csconnect.compute.opening_rates import opening_rates
from csconnect.compute.period import Period, months_of, parse_period
from csconnect.compute.sold import excluded, make_sold
from csconnect.errors import DataError
from csconnect.stages.owner import owner_names
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Retention:
    """What became of a period's customers and due lines by ``as_of``; see the module of each table for its columns.

    ``due`` and ``months`` are rates on the due base, of each of ``books`` that there is (None where there is none of them);
    ``adjustments`` says what became of those of the finance book (`csconnect.compute.book.adjustment_fates`), None where nobody
    delivers any or nobody asked. ``opening`` are rates on the opening base (None while the period has not begun), ``left`` why
    customers of the cohort churned (`csconnect.compute.churn.churn_reasons`), ``economics`` those of the whole cohort, where it is one
    of a whole year that is over, in one currency. ``excluded`` and ``holes`` are what no figure counts. ``currency`` None: each
    currency for itself. ``owners`` is what CSMs are called.
    """

    as_of: date
    period: Period
    currency: str | None
    due: pa.Table | None
    months: pa.Table | None
    opening: pa.Table | None
    left: pa.Table | None
    excluded: pa.Table
    holes: pa.Table | None
    economics: Economics | None
    books: tuple[Book, ...] = (Book.BUSINESS,)
    adjustments: pa.Table | None = None
    owners: Mapping[str, str] = field(default_factory=dict)


def period_of(workspace: Workspace, text: str | None, as_of: date) -> Period:
    """The period that ``text`` names, the fiscal year in which ``as_of`` lies without one."""
    starts = workspace.config.retention.fiscal_year_starts
    return parse_period(text or str(as_of.year - (as_of.month < starts)), starts)


def retention(
    workspace: Workspace,
    period: Period,
    as_of: date,
    by: Sequence[str] = (),
    currency: str | None = None,
    books: tuple[Book, ...] = (Book.BUSINESS,),
) -> Retention:
    """Reckon the rates of ``period`` as they stand on ``as_of``, also by the dimensions ``by``; those on the due base in ``books``."""
    config = workspace.config
    workspace.note("reading orders")
    with closing(snapshot(workspace, as_of)) as lake:
        facts = lake.connection
        rules = config.renewals.rules()
        make_sold(facts, as_of, rules)
        make_due(facts, as_of, rules)
        if currency:
            make_exchange(facts, currency, max_age_days=config.retention.rate_max_age_days)
        workspace.note("reckoning rates")
        kept = Book.FINANCE in books and make_finance(facts, as_of)
        there = [book for book in books if book is Book.BUSINESS or kept]
        due = _joined(due_rates(facts, period, by, book=book, currency=currency) for book in there)
        months = _joined(due_by_month(facts, period, book=book, currency=currency) for book in there)
        opening, left = None, None
        if as_of >= period.start:
            make_churn_reason(facts, period.opening, min(period.closing, as_of), rules)
            make_cohort(facts, period.opening, period.closing, as_of, currency)
            opening, left = opening_rates(facts, by), churn_reasons(facts)
        missing = holes(facts, currency, [period.start, min(period.end, as_of)]) if currency else None
        worth = _economics(opening, period, as_of, config.retention.acquisition_cost if currency else None)
        fates = adjustment_fates(facts) if kept else None
        out, owners = excluded(facts), owner_names(facts)
        return Retention(as_of, period, currency, due, months, opening, left, out, missing, worth, books, fates, owners)


def _joined(tables: Iterable[pa.Table]) -> pa.Table | None:
    """All rows, or None where there is no table: no book is another thing than an empty one."""
    import pyarrow as pa

    found = list(tables)
    return pa.concat_tables(found) if found else None


def _economics(opening: pa.Table | None, period: Period, as_of: date, cac: Decimal | None) -> Economics | None:
    """A churn that is not of a whole year says nothing about years."""
    rows = [row for row in opening.to_pylist() if row["dimension"] == "all"] if opening is not None else []
    if len(rows) != 1 or len(months_of(period)) != 12 or as_of < period.closing or rows[0]["opening_arr"] is None:
        return None
    whole = rows[0]
    customers = whole["opening_customers"]
    told = customers - whole["untold_customers"]
    return economics(customers, whole["churned_customers"], whole["opening_arr"], told, cac)


def arr_on(workspace: Workspace, as_of: date, currency: str | None) -> tuple[Decimal, str]:
    """ARR in force on ``as_of`` and its currency: ``currency``, or the only one. Converted at that day's rates; what cannot be told or
    converted is not in it."""
    with closing(snapshot(workspace, as_of)) as lake:
        make_sold(lake.connection, as_of, workspace.config.renewals.rules())
        target = currency or only_currency(lake.connection)
        make_exchange(lake.connection, target, max_age_days=workspace.config.retention.rate_max_age_days)
        day = f"DATE '{as_of.isoformat()}'"
        ((total,),) = lake.connection.sql(
            f"""SELECT sum(CAST(round(sold_line.arr * exchange.rate, 2) AS DECIMAL(38, 2)))
            FROM sold_line INNER JOIN exchange ON exchange.source = sold_line.currency
                AND exchange.from_day <= {day} AND exchange.until_day > {day}
            WHERE sold_line.excluded IS NULL AND sold_line.counts_from <= {day} AND sold_line.counts_until > {day}"""  # noqa: S608
        ).fetchall()
        some = lake.connection.sql(
            "SELECT count(*) FROM sold_line WHERE excluded IS NULL AND currency <> ?", params=[target]
        ).fetchall()
    if total is None and some[0][0]:
        raise DataError(
            f"no amount can be converted into {target} on {as_of}",
            where="retention",
            remedy="Deliver its exchange rates (docs/files.md), or name another currency",
        )
    return total or Decimal(0), target


def only_currency(facts: duckdb.DuckDBPyConnection) -> str:
    """The currency of all of ``sold_line``; `DataError` where there are several, or none."""
    rows = facts.sql("SELECT DISTINCT currency FROM sold_line WHERE currency IS NOT NULL ORDER BY 1").fetchall()
    if not rows:
        raise DataError("there are no orders in any currency yet", where="retention", remedy="Run csconnect pull")
    if len(rows) != 1:
        used = ", ".join(row[0] for row in rows)
        raise DataError(
            f"orders are in {used}, and this is one amount in one currency",
            where="retention",
            remedy="Name one with --currency, or as retention.currency in csconnect.yaml",
        )
    return str(rows[0][0])
