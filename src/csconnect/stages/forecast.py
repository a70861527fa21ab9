"""How right the forecasts were that the lake has noted of open renewals; reads the lake and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from csconnect.compute.forecast import outcomes
from csconnect.compute.forecast_error import (
    Forecast,
    Summed,
    before_close,
    before_quarter_end,
    noted,
    quarters_over,
    summed,
)
from csconnect.lake.schema import FORECAST
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace


@dataclass(frozen=True)
class ForecastErrors:
    """``weeks`` snapshots since ``first`` (None: none yet).

    ``closing`` are the forecasts two weeks before each close, ``quarters`` the sums of those two weeks before the end of each quarter
    that is over, by its name, the newest first. ``history`` is every snapshot of every renewal that has closed. ``names`` are
    those of owners.
    """

    as_of: date
    first: date | None
    weeks: int
    closing: list[Forecast]
    closing_sums: list[Summed]
    quarters: dict[str, list[Summed]]
    history: list[Forecast]
    names: dict[str, str]


def forecast_errors(workspace: Workspace, as_of: date) -> ForecastErrors:
    """Compare what was noted up to ``as_of`` with what was won by then."""
    rows = [row for row in workspace.lake.stated(FORECAST).to_pylist() if row["day"] <= as_of]
    days = sorted({row["day"] for row in rows})
    with snapshot(workspace, as_of) as facts:
        closed = outcomes(facts.connection, as_of, workspace.config.renewals.rules()).to_pylist()
        names = dict(facts.connection.sql("SELECT id, name FROM owner").fetchall())
    history = noted(rows, closed)
    closing = before_close(history)
    quarters = {
        quarter.name: found
        for quarter in reversed(quarters_over(days, as_of, workspace.config.retention.fiscal_year_starts))
        if (found := summed(before_quarter_end(rows, closed, quarter)))
    }
    return ForecastErrors(
        as_of, days[0] if days else None, len(days), closing, summed(closing), quarters, history, names
    )
