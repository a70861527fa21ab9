"""How much an account uses the product from day to day: a curve of users and intensity, cut into straight pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from csconnect_emulator.generator.dice import Dice, mix32, seed_of
from csconnect_emulator.generator.offer import menu_number
from csconnect_emulator.generator.orders import Life, Trouble
from csconnect_emulator.generator.profile import Profile

GRID = 28
"""Days between the knots of a curve."""

DECAY = {
    "usage_decay": (0.7, 0.8),
    "champion_left": (0.05, 0.08),
    "decision_maker_changed": (0.0, 0.03),
    "unmet_goals": (0.03, 0.05),
    "slow_support": (0.03, 0.05),
    "silence": (0.1, 0.12),
    "price": (0.0, 0.0),
    "shallow_use": (0.0, 0.05),
    "slow_delivery": (0.12, 0.1),
}
"""Share of users, and of each user's intensity, that a cause has cost by the end of the term."""

CALENDARS = {"CN": 1, "JP": 1, "SG": 1}
"""Which holidays a country keeps; 0, the western ones, elsewhere."""


@dataclass(frozen=True)
class Piece:
    """Between two days, users (in thousandths) and intensity (per mille) go in a straight line. Days count from 1970.

    ``menu`` says which modules are on offer, see `csconnect_emulator.generator.offer.menus`. A user's place goes to a newcomer
    after every ``turnover`` days, but to nobody after the day ``hires_until``.
    """

    tenant: str
    seed: int
    calendar: int
    menu: int
    first: int
    last: int
    users: int
    users_last: int
    level: int
    level_last: int
    turnover: int
    hires_until: int


_EPOCH = date(1970, 1, 1)
FOREVER = 1_000_000
"""A day number that never comes."""


def ordinal(day: date) -> int:
    """Days since 1970, as Parquet and DuckDB count dates."""
    return (day - _EPOCH).days


class Rhythm:
    """The curve of one account."""

    def __init__(self, seed: int, profile: Profile, life: Life) -> None:
        dice = Dice(seed, "rhythm", profile.n)
        self.profile, self.life = profile, life
        self.adoption = 0.55 + 0.4 * profile.fit * dice.spread(0.6, 1.0)
        self.base = min(1.0, 0.47 + 0.65 * profile.fit + dice.spread(-0.06, 0.06))
        self.drift, self.onboarding = dice.spread(-0.06, 0.08), dice.between(3, 21)
        self.turnover = dice.between(190, 280)
        self.seed = seed_of(seed, "usage", profile.n) & 0xFFFFFFFF

    def pieces(self, first: date, last: date, broken_since: date | None = None) -> Iterator[Piece]:
        """Whole pieces that cover ``[first, last)`` where the product is in use; none reaches beyond ``broken_since``.

        A piece is never cut to the window, or its slope, and with it a day, would depend on what was asked for.
        """
        for start, end in self.in_use():
            stop = end if broken_since is None else min(end, broken_since)
            for here, there in pairwise(self._knots(start, stop)):
                if here < last and there > first:
                    yield self._piece(here, there)

    def in_use(self) -> Iterator[tuple[date, date]]:
        """The stretches ``[start, end)`` in which somebody uses the product: those of the account's life without the first days."""
        for start, end in self.life.spans:
            yield start + timedelta(days=self._wait(start)), end

    def menu(self, day: date) -> int:
        """The number of the menu on a day."""
        return menu_number(self._depth(day), _latest(self.life.lines, day) or 1)

    def seats(self, day: date) -> int:
        """The purchased seats on a day."""
        return _latest(self.life.seats, day) or 1

    def _wait(self, start: date) -> int:
        return self.onboarding if start == self.life.spans[0][0] else 0

    def _knots(self, begin: date, stop: date) -> list[date]:
        if begin >= stop:
            return []
        grid = ordinal(begin) // GRID * GRID
        inner = {_EPOCH + timedelta(days=at) for at in range(grid, ordinal(stop), GRID)}
        inner |= {day for trouble in self.life.troubles for day in (trouble.onset, trouble.until)}
        inner |= {day for day, _ in self.life.seats} | {day for day, _ in self.life.lines}
        return [begin, *sorted(day for day in inner if begin < day < stop), stop]

    def _piece(self, here: date, there: date) -> Piece:
        eve = there - timedelta(days=1)
        users, level = self.at(here)
        users_last, level_last = self.at(eve)
        return Piece(
            self.profile.key or "", self.seed, CALENDARS.get(self.profile.place.country, 0),
            self.menu(here), ordinal(here), ordinal(there), users, users_last, level, level_last,
            max(self.turnover, self.turnover // 10 * self.profile.seats), self._hires_until(here),
        )  # fmt: skip

    def _hires_until(self, day: date) -> int:
        """An account in trouble adds nobody."""
        trouble = self.life.ailing(day)
        return FOREVER if trouble is None else ordinal(trouble.onset)

    def _depth(self, day: date) -> int:
        """The stickiness shown: grows in the first months, shrinks twice in the course of a decay."""
        depth = self.profile.depth
        if (day - self.life.spans[0][0]).days < 75:
            depth = min(depth, 2)
        trouble = self.life.trouble(day)
        if trouble and "usage_decay" in trouble.causes:
            dropped = sum(_progress(trouble, day) > share for share in (0.3, 0.75))
            depth = max(1, depth - dropped) if depth else 0
        return depth

    def at(self, day: date) -> tuple[int, int]:
        """Users in thousandths and intensity per mille on a day."""
        age = (day - self.life.spans[0][0]).days
        users = self.seats(day) * self.adoption * min(1.0, 0.25 + 0.75 * age / 120)
        level = self.base * (1 + self.drift * (age - 365) / 365 / 2) * self._weather(day)
        level *= 0.22 if self.profile.depth == 0 else 1.0
        for trouble in self.life.troubles:
            share = _progress(trouble, day)
            for cause in trouble.causes if share > 0 else ():
                fewer, lazier = DECAY[cause]
                users *= 1 - fewer * share
                level *= 1 - lazier * share
        return max(1000, round(users * 1000)), min(1000, max(5, round(level * 1000)))

    def _weather(self, day: date) -> float:
        """Ups and downs of a tenth that mean nothing; the same for a day whatever window is asked for."""
        roll = mix32(self.seed ^ mix32(ordinal(day) // GRID))
        return 0.9 + 0.2 * roll / 0x100000000


def _progress(trouble: Trouble, day: date) -> float:
    """How far a trouble has gone: 0 before its onset, 1 when the term ends, and back to 0 in the two months after it is
    over where the customer stayed."""
    if day < trouble.onset:
        return 0.0
    if day < trouble.until:
        return min(1.0, (day - trouble.onset).days / max(60, (trouble.until - trouble.onset).days - 5))
    return 0.0 if trouble.ends_in_loss else max(0.0, 1 - (day - trouble.until).days / 60)


def _latest(steps: list[tuple[date, int]], day: date) -> int | None:
    """The value of a step curve on a day; its first before it begins."""
    found = steps[0][1] if steps else None
    for since, value in steps:
        if since > day:
            break
        found = value
    return found
