"""What is under contract on a day, and what became of the customers of each month; reads no system and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.contracted import contracted as reckoned
from csconnect.compute.exchange import holes, make_exchange
from csconnect.compute.opening_rates import start_month_triangle
from csconnect.compute.period import Period
from csconnect.compute.sold import excluded, make_sold
from csconnect.stages.owner import owner_names
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Contracted:
    """``table`` is that of `csconnect.compute.contracted`; ``excluded`` and ``holes`` are what no figure counts, ``owners`` what CSMs are
    called."""

    as_of: date
    year: Period
    currency: str | None
    table: pa.Table
    excluded: pa.Table
    holes: pa.Table | None
    owners: Mapping[str, str]


@dataclass(frozen=True)
class Cohorts:
    """``table`` is the triangle of `csconnect.compute.opening_rates.start_month_triangle`."""

    as_of: date
    period: Period
    currency: str | None
    table: pa.Table


def contracted(
    workspace: Workspace, year: Period, as_of: date, by: Sequence[str] = (), currency: str | None = None
) -> Contracted:
    """ARR, MRR and TCV on ``as_of``, and ACV of ``year``, as they are known on that day."""
    with closing(snapshot(workspace, as_of)) as lake:
        facts = _sold(workspace, lake.connection, as_of, currency)
        table = reckoned(facts, as_of, year, by, currency=currency)
        missing = holes(facts, currency, [as_of]) if currency else None
        return Contracted(as_of, year, currency, table, excluded(facts), missing, owner_names(facts))


def cohorts(workspace: Workspace, as_of: date, months: int, currency: str | None = None) -> Cohorts:
    """The customers that started in each of the last ``months`` that are over, and what of them ran since, all at today's rates."""
    period = months_before(as_of, months)
    with closing(snapshot(workspace, as_of)) as lake:
        facts = _sold(workspace, lake.connection, as_of, currency)
        return Cohorts(as_of, period, currency, start_month_triangle(facts, period, currency, as_of))


def months_before(day: date, months: int) -> Period:
    """The last ``months`` calendar months that are over on ``day``."""
    end = day.replace(day=1)
    place = end.year * 12 + end.month - 1 - months
    return Period(date(place // 12, place % 12 + 1, 1), end, f"{months} months")


def _sold(
    workspace: Workspace, facts: duckdb.DuckDBPyConnection, as_of: date, currency: str | None
) -> duckdb.DuckDBPyConnection:
    workspace.note("reading orders")
    make_sold(facts, as_of, workspace.config.renewals.rules())
    if currency:
        make_exchange(facts, currency, max_age_days=workspace.config.retention.rate_max_age_days)
    return facts
