"""The rates of a period, from what the lake holds; reads no system and writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.cohort import make_cohort
from csconnect.compute.due import make_due
from csconnect.compute.due_rates import due_by_month, due_rates
from csconnect.compute.exchange import holes, make_exchange
from csconnect.compute.opening_rates import opening_rates
from csconnect.compute.period import Period, parse_period
from csconnect.compute.sold import excluded, make_sold
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Retention:
    """What became of a period's customers and due lines by ``as_of``; see the module of each table for its columns.

    ``due`` and ``months`` are rates on the due base, ``opening`` those on the opening base (None while the period has not begun).
    ``excluded`` and ``holes`` are what no figure counts. ``currency`` None: each currency for itself.
    """

    as_of: date
    period: Period
    currency: str | None
    due: pa.Table
    months: pa.Table
    opening: pa.Table | None
    excluded: pa.Table
    holes: pa.Table | None


def period_of(workspace: Workspace, text: str | None, as_of: date) -> Period:
    """The period that ``text`` names, the fiscal year in which ``as_of`` lies without one."""
    starts = workspace.config.retention.fiscal_year_starts
    return parse_period(text or str(as_of.year - (as_of.month < starts)), starts)


def retention(
    workspace: Workspace, period: Period, as_of: date, by: Sequence[str] = (), currency: str | None = None
) -> Retention:
    """Reckon the rates of ``period`` as they stand on ``as_of``, also by the dimensions ``by``."""
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
        due = due_rates(facts, period, by, currency=currency)
        months = due_by_month(facts, period, currency=currency)
        opening = _opening(facts, period, as_of, by, currency)
        missing = holes(facts, currency, [period.start, min(period.end, as_of)]) if currency else None
        return Retention(as_of, period, currency, due, months, opening, excluded(facts), missing)


def _opening(
    facts: duckdb.DuckDBPyConnection, period: Period, as_of: date, by: Sequence[str], currency: str | None
) -> pa.Table | None:
    if as_of < period.start:
        return None
    make_cohort(facts, period.opening, period.closing, as_of, currency)
    return opening_rates(facts, by)
