"""What the product reports of an account as a whole: open user accounts, records, calls of integrations, time online.

Told from the same curve as the usage, by the month and by the week, so that a year of an account is about a hundred rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from csconnect_emulator.generator.dice import mix32
from csconnect_emulator.generator.offer import DEEP, menus
from csconnect_emulator.generator.rhythm import Rhythm, ordinal

COUNTED = {"account": 9.0, "opportunity": 5.0, "order": 3.0, "work_order": 4.0, "deal_registration": 2.0}
"""Modules whose records the product counts, and how many records a busy user makes in a month."""


@dataclass(frozen=True)
class Reading:
    metric: str
    module: str | None
    day: date
    value: int


class Meter:
    """Reads one account. Stocks are read on the first of a month, calls of integrations on Mondays for the week before."""

    def __init__(self, rhythm: Rhythm) -> None:
        self.rhythm = rhythm

    def readings(self, first: date, last: date, broken_since: date | None = None) -> Iterator[Reading]:
        """The readings of ``[first, last)`` while the product is in use, none from ``broken_since`` on. What was before counts
        into stocks, so that a reading does not depend on the window."""
        made: dict[str, float] = {}
        for day in self._days(first, min(last, broken_since or last)):
            users, level = self.rhythm.at(day)
            active, busy = users / 1000, level / 1000
            modules = _MENUS[self.rhythm.menu(day)]
            if day.day == 1:
                for module in modules:
                    if module in COUNTED:
                        made[module] = made.get(module, 0) + COUNTED[module] * active * busy * self._noise(day, 1)
            if day < first:
                continue
            if day.day == 1:
                yield from self._stocks(day, active, busy)
                yield from (
                    Reading("records", module, day, round(made[module])) for module in COUNTED if module in made
                )
            if day.weekday() == 0 and "api_integration" in modules:
                yield Reading("api_calls", None, day, round(400 * active * busy * self._noise(day, 2)))

    def _stocks(self, day: date, active: float, busy: float) -> Iterator[Reading]:
        opened = min(float(self.rhythm.seats(day)), active * 1.08 + 0.5)
        yield Reading("opened_seats", None, day, max(1, round(opened)))
        yield Reading("online_minutes", None, day, round((12 + 50 * busy) * self._noise(day, 3)))

    def _days(self, first: date, last: date) -> Iterator[date]:
        """The days on which something may be read: firsts of months, and from ``first`` on Mondays where the account is deep
        enough."""
        deep = self.rhythm.profile.depth >= DEEP
        for start, end in self.rhythm.in_use():
            day, stop = start, min(end, last)
            while day < stop:
                weekly = deep and day >= first
                if day.day == 1 or (weekly and day.weekday() == 0):
                    yield day
                ahead = _next(day, weekly)
                day = first if deep and day < first < ahead else ahead

    def _noise(self, day: date, kind: int) -> float:
        """Ups and downs of a fifteenth that mean nothing."""
        return 0.93 + 0.14 * mix32(self.rhythm.seed ^ mix32(ordinal(day) * 8 + kind)) / 0x100000000


_MENUS = [frozenset(module for role in roles for module in role) for roles in menus()]


def _next(day: date, weekly: bool) -> date:
    """The next first of a month, or Monday before it where ``weekly``."""
    first = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return min(first, day + timedelta(days=7 - day.weekday())) if weekly else first
