"""How right forecasts were: what an open renewal was expected to bring two weeks before it closed, or before a quarter ended, against
what it brought. All in ARR, so that an offer over three years is compared with an order over two (book §7.3.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from csconnect.compute.period import Period, parse_period

AHEAD = timedelta(days=14)
"""How long before the end the forecast is looked up (decks 001:556-620)."""
STALE = timedelta(days=14)
"""How much older it may be; renewals are noted once a week."""
TOLERANCE = Decimal("0.05")
"""How far off a forecast may be that counts as right (ours: the sources ask whether it was right, and not how nearly)."""


@dataclass(frozen=True)
class Forecast:
    """What an open renewal was expected to bring by the year, noted on ``day``, and what it had brought by ``until``."""

    opportunity_id: str
    account_id: str | None
    owner_id: str | None
    currency: str | None
    day: date
    until: date
    expected: Decimal
    won: Decimal

    @property
    def error(self) -> Decimal | None:
        """Out of what was won: 0.1 is ten percent too much. None where nothing was."""
        return _error(self.expected, self.won)

    @property
    def hit(self) -> bool:
        """Whether it was won, and for about as much."""
        return self.error is not None and abs(self.error) <= TOLERANCE


@dataclass(frozen=True)
class Summed:
    """Forecasts in one currency: ``whole`` of everybody, or else of one owner, None for those that have none."""

    owner_id: str | None
    whole: bool
    currency: str | None
    forecasts: int
    hits: int
    expected: Decimal
    won: Decimal

    @property
    def error(self) -> Decimal | None:
        return _error(self.expected, self.won)


def _error(expected: Decimal, won: Decimal) -> Decimal | None:
    return (expected - won) / won if won else None


def noted(rows: Iterable[Mapping[str, Any]], outcomes: Iterable[Mapping[str, Any]]) -> list[Forecast]:
    """Each snapshot (rows of `csconnect.lake.schema.FORECAST`) of each renewal that has closed since (rows of
    `csconnect.compute.forecast.outcomes`), by opportunity and day. Left out is what has no amount, or is in two currencies."""
    closed = {row["opportunity_id"]: row for row in outcomes}
    found = []
    for row in sorted(rows, key=lambda each: (each["opportunity_id"], each["day"])):
        outcome = closed.get(row["opportunity_id"])
        if outcome and row["day"] <= outcome["closed_on"] and _comparable(row, outcome):
            found.append(_forecast(row, outcome["closed_on"], outcome["arr"]))
    return found


def before_close(forecasts: Iterable[Forecast]) -> list[Forecast]:
    """Of each renewal the newest forecast that was noted two weeks before it closed, or up to two weeks earlier."""
    newest: dict[str, Forecast] = {}
    for each in forecasts:  # by day
        if each.until - AHEAD - STALE < each.day <= each.until - AHEAD:
            newest[each.opportunity_id] = each
    return list(newest.values())


def before_quarter_end(
    rows: Sequence[Mapping[str, Any]], outcomes: Iterable[Mapping[str, Any]], quarter: Period
) -> list[Forecast]:
    """What the newest snapshot two weeks before the end of ``quarter`` expected to close in it, against what of it did by its last day:
    a renewal that closed later brought nothing yet. Empty where nothing was noted in time."""
    last = quarter.end - timedelta(days=1)
    days = [row["day"] for row in rows if last - AHEAD - STALE < row["day"] <= last - AHEAD]
    closed = {row["opportunity_id"]: row for row in outcomes}
    found = []
    for row in sorted(rows, key=lambda each: str(each["opportunity_id"])):
        if row["day"] == max(days, default=None) and row["close_on"] and row["close_on"] <= last:
            outcome = closed.get(row["opportunity_id"])
            in_time = outcome is not None and outcome["closed_on"] <= last
            if outcome is None or not in_time:
                outcome = {"currency": row["currency"], "arr": Decimal(0)}
            if _comparable(row, outcome):
                found.append(_forecast(row, last, outcome["arr"]))
    return found


def _comparable(row: Mapping[str, Any], outcome: Mapping[str, Any]) -> bool:
    told = row["arr"] is not None and outcome["arr"] is not None
    return told and (row["currency"] == outcome["currency"] or not outcome["arr"])


def _forecast(row: Mapping[str, Any], until: date, won: Decimal) -> Forecast:
    return Forecast(
        row["opportunity_id"],
        row["account_id"],
        row["owner_id"],
        row["currency"],
        row["day"],
        until,
        row["arr"],
        won,
    )


def quarters_over(days: Iterable[date], as_of: date, fiscal_year_starts: int = 1) -> list[Period]:
    """The quarters of the fiscal year that end after the first of ``days`` and are over on ``as_of``, in order."""
    first = min(days, default=None)
    if first is None:
        return []
    quarters = (
        parse_period(f"{year:04}-Q{number}", fiscal_year_starts)
        for year in range(first.year - 1, as_of.year + 1)
        for number in range(1, 5)
    )
    return [each for each in quarters if first < each.end <= as_of]


def summed(forecasts: Sequence[Forecast]) -> list[Summed]:
    """All of them, and by owner, a row a currency; owners in the order of their ids, those without one last."""
    cells: dict[tuple[bool, str | None, str | None], list[Forecast]] = defaultdict(list)
    for each in forecasts:
        cells[True, None, each.currency].append(each)
        cells[False, each.owner_id, each.currency].append(each)
    order = sorted(cells, key=lambda key: (not key[0], key[1] is None, key[1] or "", key[2] or ""))
    return [_sum(*key, cells[key]) for key in order]


def _sum(whole: bool, owner: str | None, currency: str | None, parts: Sequence[Forecast]) -> Summed:
    expected, won = (sum((getattr(each, name) for each in parts), Decimal(0)) for name in ("expected", "won"))
    return Summed(owner, whole, currency, len(parts), sum(each.hit for each in parts), expected, won)
