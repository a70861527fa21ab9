"""Why a score is what it is: drivers that add up to it, and words for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from csconnect.compute.earn import LIMITS, START
from csconnect.compute.phrases import Phrases
from csconnect.compute.scorecard import Override
from csconnect.model.enums import Band


@dataclass(frozen=True)
class Driver:
    """One signal's part in one account's score.

    ``points`` is what it carries after the weight of unknown signals was shared out; ``hundredths`` what it contributes, in
    hundredths of a point. Both are None-like zero (``known`` False) where there was no data. ``share`` is its part of full marks,
    0 to 1, which no rounding of the score has touched.
    """

    dimension: str
    signal: str
    value: float | None
    points: float
    card_points: float
    hundredths: int
    share: float | None = None

    @property
    def known(self) -> bool:
        return self.value is not None

    @property
    def lost(self) -> float:
        """Points it could still give; nothing at full marks, nor where the score begins or ends."""
        if self.dimension in (START, LIMITS):
            return 0.0
        return self.points - self.hundredths / 100 if self.share is None else self.points * (1.0 - self.share)


def drivers_of(rows: Iterable[Mapping[str, Any]]) -> list[Driver]:
    """Drivers from rows of `Scores.drivers` of one account, in the card's order."""
    return [
        Driver(
            row["dimension"],
            row["signal"],
            row["value"],
            row["weight"] or 0.0,
            row["card_weight"],
            row["contribution"] or 0,
            row["share"],
        )
        for row in rows
    ]


def because(
    drivers: list[Driver], band: str | None, phrases: Phrases, rules: Sequence[Override] = (), most: int = 3
) -> str:
    """At most 255 characters: the overrides that hold, then what pulls a red or yellow account down; what holds a green one up."""
    known = [driver for driver in drivers if driver.known]
    if band is None:
        return ""
    if band == Band.GREEN:
        best = sorted(known, key=lambda driver: (-driver.hundredths, driver.signal))[:most]
        reasons = [phrases.driver(driver.signal, driver.value) for driver in best if driver.hundredths > 0]
        strong = phrases.because["strong"]
        limit = 255 - len(strong.format(reasons=""))
        return strong.format(reasons=phrases.sentence(reasons, limit)) if reasons else ""
    said = [rule.because.get(phrases.language, rule.because["en"]) for rule in rules]
    said += [phrases.driver(driver.signal, driver.value) for driver in weakest(known)]
    text = phrases.sentence(said[:most])
    return text[:1].upper() + text[1:]


def weakest(drivers: list[Driver]) -> list[Driver]:
    """Drivers that lose points, the greatest loss first; ties by name so that the order never flickers."""
    losing = [driver for driver in drivers if driver.known and driver.lost > 0.005]
    return sorted(losing, key=lambda driver: (-round(driver.lost, 2), driver.signal))


def changes(now: list[Driver], then: list[Driver]) -> dict[str, int]:
    """Signal -> change of its contribution in hundredths; the changes add up to the change of the score exactly (law 4)."""
    before = {driver.signal: driver.hundredths for driver in then}
    after = {driver.signal: driver.hundredths for driver in now}
    return {signal: after.get(signal, 0) - before.get(signal, 0) for signal in sorted(before.keys() | after.keys())}
