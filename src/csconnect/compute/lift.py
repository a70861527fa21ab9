"""The smallest change that would lift an account to the next band.

1. Overrides that hold it down must be put out first; no score helps while they hold.
2. Then the fewest signals: those that can still earn most. All but the last need full marks; the last needs the value nearest to its
   own that suffices. Where one signal is enough it is the one that has to move least, as a part of its full marks.

The score must clear the edge by ``hold``, since the account has today's band when it is judged next. ``most_red`` is no way up: who
rises above another red account only changes places with it, so the edge of yellow counts. What is unknown stays unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from csconnect.compute.colour import RANKS
from csconnect.compute.curve import Curve
from csconnect.compute.explain import Driver
from csconnect.compute.nearest import nearest
from csconnect.compute.scorecard import Bands, CardSignal, Override, Scorecard
from csconnect.model.enums import Band

_SLACK = 1e-9


@dataclass(frozen=True)
class Move:
    """One signal has to go from ``value`` to ``to`` (None: to where it earns ``gain`` points more, which no single value says),
    ``full`` when nothing less than full marks will do."""

    signal: str
    value: float
    to: float | None
    gain: float
    full: bool


@dataclass(frozen=True)
class Lift:
    """What must happen for ``band``: ``put_out`` these overrides, and make all of ``moves``. ``possible`` is False where what is known
    cannot earn enough, even with full marks everywhere."""

    band: str
    put_out: tuple[Override, ...] = ()
    moves: tuple[Move, ...] = ()
    possible: bool = True


@dataclass(frozen=True)
class _Chance:
    """A signal that could earn more: points of the scale for each unit that its curve gives, what that gives now, and at best."""

    driver: Driver
    signal: CardSignal
    each: float
    now: float
    best: float

    @property
    def gain(self) -> float:
        return self.each * (self.best - self.now)


def lift(
    card: Scorecard,
    drivers: Sequence[Driver],
    score: float | None,
    band: str | None,
    overrides: Sequence[Override] = (),
    decimals: Mapping[str, int] | None = None,
) -> Lift | None:
    """What would lift an account from ``band``; None where nothing is above it, or where it has no band.

    ``drivers`` are those of its score, ``overrides`` those that hold, ``decimals`` those of each signal's values (2 by default).
    """
    goal = {"red": "yellow", "yellow": "green"}.get(band or "")
    if goal is None:
        return None
    out = tuple(rule for rule in overrides if RANKS[rule.band] < RANKS[goal])
    if score is None:
        return Lift(goal, out, possible=False)
    needed = least_score(card, goal)
    if score >= needed:
        return Lift(goal, out)
    if card.parents != "own":
        moves = _family(drivers, needed - score) if card.method == "weighted" else []
    else:
        way = _rules if card.method == "rules" else _sum
        moves = way(card, drivers, needed - 0.5 / 10**card.scale.decimals, decimals or {})
    return Lift(goal, out, tuple(moves), bool(moves))


def least_score(card: Scorecard, band: str) -> float:
    """The lowest score with which an account of the band below rises to ``band`` (hysteresis included)."""
    step = 10**card.scale.decimals
    edge = card.bands.green if band == Band.GREEN else card.bands.yellow
    place = math.floor((edge + card.bands.hold) * step) - 1
    while not _reaches(card.bands, band, round(place / step - card.bands.hold, 6)):
        place += 1
    return float(place / step)


def _reaches(bands: Bands, band: str, score: float) -> bool:
    return RANKS[bands.band(score)] >= RANKS[band]


def _sum(card: Scorecard, drivers: Sequence[Driver], points: float, decimals: Mapping[str, int]) -> list[Move]:
    """Methods ``weighted`` and ``points``: the fewest signals whose gains add up to what is missing."""
    chances = _chances(card, drivers)
    missing = points - _earned(card, drivers)
    alone = [chance for chance in chances if chance.gain >= missing - _SLACK]
    if alone:
        best = min(alone, key=lambda chance: (_part(chance, missing), chance.driver.signal))
        return [_least(best, missing, decimals)]
    chosen: list[Move] = []
    for chance in sorted(chances, key=lambda chance: (-round(chance.gain, 6), chance.driver.signal)):
        if chance.gain >= missing - _SLACK:
            chosen.append(_least(chance, missing, decimals))
        else:
            chosen.append(_full(chance, decimals))
        missing -= chance.gain
        if missing <= _SLACK:
            return chosen
    return []


def _family(drivers: Sequence[Driver], missing: float) -> list[Move]:
    """A card that judges parents by their children: full marks for all of them, since of a mean no one value can be named."""
    chosen: list[Move] = []
    losing = [(each.points - each.hundredths / 100, each) for each in drivers if each.value is not None]
    for gain, driver in sorted(losing, key=lambda pair: (-round(pair[0], 2), pair[1].signal)):
        if gain <= _SLACK:
            break
        chosen.append(Move(driver.signal, driver.value or 0.0, None, gain, full=True))
        missing -= gain
        if missing <= _SLACK:
            return chosen
    return []


def _earned(card: Scorecard, drivers: Sequence[Driver]) -> float:
    """The points that the drivers give, before they are rounded or cut off at the ends of the scale."""
    if card.method == "points":
        curves = _signals(card)
        known = (driver for driver in drivers if driver.known and driver.signal in curves)
        return card.start + sum(curves[each.signal].curve.earned(each.value or 0.0) for each in known)
    return card.scale.low + sum(each.points * each.share for each in drivers if each.share is not None)


def _signals(card: Scorecard) -> dict[str, CardSignal]:
    return {name: signal for _, name, signal in card.signals()}


def _chances(card: Scorecard, drivers: Sequence[Driver]) -> list[_Chance]:
    curves = _signals(card)
    found = []
    for driver in drivers:
        if driver.value is None or driver.signal not in curves:
            continue
        signal = curves[driver.signal]
        now = signal.curve.earned(driver.value) if card.method == "points" else driver.share
        each = 1.0 if card.method == "points" else driver.points
        if now is not None:
            chance = _Chance(driver, signal, each, now, _best(signal.curve, driver.value))
            found += [chance] if chance.gain > _SLACK else []
    return found


def _best(curve: Curve, value: float) -> float:
    """The most that a curve gives. One that counts something bad (``times: -2``) gives most at none of it; one that counts something
    good has no end."""
    if curve.range is not None:
        return curve.range[1]
    factor = curve.times or 0.0
    return math.inf if factor > 0 else max(0.0, factor * value)


def _part(chance: _Chance, missing: float) -> float:
    """How far a signal has to move, as a part of its full marks."""
    return missing / chance.each if math.isinf(chance.best) else missing / (chance.each * (chance.best or 1.0))


def _least(chance: _Chance, missing: float, decimals: Mapping[str, int]) -> Move:
    wanted = chance.now + missing / chance.each
    return _move(chance, min(wanted, chance.best), decimals)


def _full(chance: _Chance, decimals: Mapping[str, int]) -> Move:
    return _move(chance, chance.best, decimals)


def _move(chance: _Chance, wanted: float, decimals: Mapping[str, int]) -> Move:
    """The value nearest to today's that gives ``wanted``, in the signal's own decimals."""
    value, name = chance.driver.value or 0.0, chance.driver.signal
    # A sum of events that fade is made of many values; none of them is that of the signal.
    to = None if chance.signal.fade else nearest(chance.signal.curve, value, wanted, decimals.get(name, 2))
    return Move(name, value, to, chance.each * (wanted - chance.now), full=wanted >= chance.best - _SLACK)


def _rules(card: Scorecard, drivers: Sequence[Driver], points: float, decimals: Mapping[str, int]) -> list[Move]:
    """Method ``rules``: every signal that is not good enough, each as far as it must."""
    span = card.scale.high - card.scale.low
    halfway = card.scale.low + span / 2 >= points - _SLACK
    floor = card.rules.poor if halfway else card.rules.good
    below: Callable[[Driver], bool] = lambda each: each.share is not None and each.share < floor  # noqa: E731
    chances = {chance.driver.signal: chance for chance in _chances(card, drivers) if chance.best >= floor}
    lacking = [each for each in drivers if below(each)]
    if any(each.signal not in chances for each in lacking):
        return []
    return [_move(chances[each.signal], floor, decimals) for each in lacking]
