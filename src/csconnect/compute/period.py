"""Periods of time that figures are reckoned over: a fiscal year, one of its quarters, a month.

A period is ``[start, end)``. It opens on its first day and closes on the first day after it, so that the closing of one is the
opening of the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from csconnect.errors import ConfigError

_TEXT = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.IGNORECASE)


@dataclass(frozen=True)
class Period:
    """``[start, end)`` under the name that people give it; `ConfigError` where it would hold no day."""

    start: date
    end: date
    name: str

    def __post_init__(self) -> None:
        if self.end <= self.start:
            remedy = "It ends on the first day that is no longer in it"
            raise ConfigError(f"no period runs from {self.start} to {self.end}", remedy=remedy)

    @property
    def opening(self) -> date:
        """The day whose state opens the period: its first."""
        return self.start

    @property
    def closing(self) -> date:
        """The day whose state closes the period: the first one after it."""
        return self.end


def parse_period(text: str, fiscal_year_starts: int = 1) -> Period:
    """``2026`` (a fiscal year), ``2026-Q2`` (a quarter of it) or ``2026-05`` (a month of the calendar, whatever the fiscal year).

    A fiscal year begins on the first of the month ``fiscal_year_starts`` (1 to 12) and is named after the calendar year in which
    it begins (ours: the sources know calendar years only). `ConfigError` for anything else.
    """
    if not 1 <= fiscal_year_starts <= 12:
        raise ConfigError(f"a fiscal year cannot start in month {fiscal_year_starts}", remedy="Say a month, 1 to 12")
    found = _TEXT.fullmatch(text)
    if found is None or not 1 <= int(found[1]) < 9998:
        remedy = "Write a fiscal year as 2026, a quarter as 2026-Q2, a month as 2026-05"
        raise ConfigError(f"{text!r} is no period", remedy=remedy)
    year, quarter, month = int(found[1]), found[2], found[3]
    if month:
        return _from(year, int(month), 1, text)
    if quarter:
        return _from(year, fiscal_year_starts + 3 * (int(quarter) - 1), 3, text.upper())
    return _from(year, fiscal_year_starts, 12, text)


def _from(year: int, month: int, months: int, name: str) -> Period:
    return Period(_first(year, month), _first(year, month + months), name)


def _first(year: int, month: int) -> date:
    """The first day of a month; the thirteenth is next year's January."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def months_of(period: Period) -> list[Period]:
    """The calendar months of a period, in order and under their own names; the first and the last hold only its own days."""
    months = []
    start = period.start
    while start < period.end:
        end = min(_first(start.year, start.month + 1), period.end)
        months.append(Period(start, end, f"{start.year:04}-{start.month:02}"))
        start = end
    return months
