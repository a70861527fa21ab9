"""A scorecard: dimensions, signals, curves, weights, bands and overrides, as data (architecture, decision 14).

Three ways of adding up:

| ``method`` | score |
|---|---|
| ``weighted`` | each signal's curve gives a share of its weight, 0 to 1; weights are points of 100, or ``weights: relative`` |
| ``points`` | each signal's curve gives points, which may be negative; they are added to ``start`` and kept on the scale |
| ``rules`` | the top of the scale when every signal is good, the bottom when any is poor, the middle otherwise |
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from csconnect.compute.condition import Condition
from csconnect.compute.curve import Curve, Part
from csconnect.model.enums import Band

Title = dict[str, str]
Edge = Literal["lower", "upper"]


class Fade(Part):
    """How an event of a signal of ``grain: event`` loses its weight: ``percent`` of it in every ``days``, in a straight line."""

    percent: Annotated[float, Field(gt=0, le=100)]
    days: Annotated[float, Field(gt=0)] = 30


class CardSignal(Part):
    """A signal in a card. ``unknown`` and ``freshness`` (days) stand above what card and signal say themselves."""

    weight: Annotated[float, Field(gt=0)] | None = None
    curve: Curve
    unknown: Literal["share"] | Annotated[float, Field(ge=0, le=1)] | None = None
    freshness: Annotated[int, Field(ge=1)] | None = None
    fade: Fade | None = None


class Dimension(Part):
    title: Title
    weight: Annotated[float, Field(gt=0)] | None = None
    signals: Annotated[dict[str, CardSignal], Field(min_length=1)]


class Scale(Part):
    """From worst to best. Scores are rounded half up to ``decimals`` places; the CRM's field takes whole numbers."""

    low: float = Field(0, alias="from")
    high: float = Field(100, alias="to")
    decimals: Annotated[int, Field(ge=0, le=2)] = 0

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if self.high <= self.low:
            raise ValueError("the scale must go up: 0 is worst, the top is best")
        for end in (self.low, self.high):
            if round(end, self.decimals) != end:  # a rounded score would leave the scale
                raise ValueError(f"the scale ends at {end:g}, which needs more decimals than {self.decimals}")
        return self

    def rounding(self, points: str) -> str:
        """SQL that rounds the expression ``points`` half up to ``decimals``; the inner round mends what binary fractions lose."""
        ten = 10**self.decimals
        return f"floor(round({points} * {ten}, 6) + 0.5) / {ten}"


class MostRed(Part):
    """No more accounts are red than people can work on: the lowest scores first. The others below the edge are yellow.

    ``accounts`` for each CSM, or ``percent`` of each CSM's scored accounts (rounded up). Accounts without a CSM share one list.
    """

    accounts: Annotated[int, Field(ge=1)] | None = None
    percent: Annotated[float, Field(gt=0, le=100)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.accounts is None) == (self.percent is None):
            raise ValueError("most_red is either accounts or percent")
        return self


class Bands(Part):
    """Where colours begin: ``green`` and ``yellow`` are edges on the card's scale, below ``yellow`` is red.

    ``edge`` says to which side a score that equals an edge belongs: ``lower`` (the default: the edge is the lowest score of the
    band above) or ``upper`` (the highest of the band below), for both edges or each. ``hold`` is the hysteresis: a colour is left
    only when the score is at least so far beyond the edge.
    """

    green: float
    yellow: float
    edge: Edge | dict[Literal["green", "yellow"], Edge] = "lower"
    hold: Annotated[float, Field(ge=0)] = 0
    most_red: MostRed | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow >= self.green:
            raise ValueError("yellow must start below green")
        return self

    def belongs_up(self, band: Literal["green", "yellow"]) -> bool:
        """Whether a score that equals the edge of ``band`` is of that band."""
        edge = self.edge if isinstance(self.edge, str) else self.edge.get(band, "lower")
        return edge == "lower"

    def band(self, score: float) -> Band:
        """The colour of ``score`` by the edges alone."""
        for band, name in ((self.green, "green"), (self.yellow, "yellow")):
            if score > band or (score == band and self.belongs_up(name)):  # type: ignore[arg-type]
                return Band(name)
        return Band.RED


class Override(Part):
    """A hard rule above the score: while ``when`` holds the colour is ``band`` at best. The score stays as it is."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    when: Condition
    band: Literal[Band.RED, Band.YELLOW]
    because: dict[str, str]


class Expected(Part):
    """What a case must give; only what is named is compared. ``points`` are of signals, ``overrides`` all that hold, in any order."""

    score: float | None = None
    band: Band | None = None
    coverage: int | None = None
    points: dict[str, float] = {}
    unscored: bool = False
    overrides: list[str] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        named = (self.score, self.band, self.coverage, self.overrides)
        if not (self.points or self.unscored or any(each is not None for each in named)):
            raise ValueError(
                "a case that expects nothing passes whatever happens; name score, band, coverage, points ..."
            )
        if self.unscored and self.score is not None:
            raise ValueError("a case expects a score or unscored: true, not both")
        return self


class Case(Part):
    """An example that the card carries: values of signals, and what must come of them (``csconnect test``).

    ``before`` is the colour that the account had. A signal that is not ``given`` is unknown.
    """

    name: str
    given: dict[str, float | None]
    before: Band | None = None
    expect: Expected


class Rules(Part):
    """Method ``rules``: a signal is good when its curve gives at least ``good`` of full marks, poor when less than ``poor``."""

    good: float = 1.0
    poor: float = 0.5


class Scorecard(Part):
    """A whole card. ``coverage`` is the least percentage of weight with data for a score; ``unknown`` what a signal without data
    does: ``share`` its weight among the others, or count as so much of full marks (0 none, 0.5 neutral)."""

    scorecard: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: int
    title: Title
    about: str = ""
    method: Literal["weighted", "points", "rules"] = "weighted"
    weights: Literal["points", "relative"] = "points"
    scale: Scale = Scale()
    start: float = 0.0
    clamp: bool = True
    rules: Rules = Rules()
    coverage: Annotated[int, Field(ge=0, le=100)] = 50
    unknown: Literal["share"] | Annotated[float, Field(ge=0, le=1)] = "share"
    bands: Bands
    trend_days: Annotated[int, Field(ge=1, le=365)] = 30
    parents: Literal["own", "children", "family"] = "own"
    """Score of an account with children: its own, the mean of its children's, or the mean of theirs and its own."""
    overrides: list[Override] = []
    dimensions: Annotated[dict[str, Dimension], Field(min_length=1)]
    cases: list[Case] = []

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [name for dimension in self.dimensions.values() for name in dimension.signals]
        if len(names) != len(set(names)):
            raise ValueError("a signal may stand only once in a card")
        rules = [override.name for override in self.overrides]
        if len(rules) != len(set(rules)):
            raise ValueError("two overrides have the same name")
        return self

    def signals(self) -> Iterator[tuple[str, str, CardSignal]]:
        """Every (dimension, signal name, signal), in the card's order."""
        for dimension, part in self.dimensions.items():
            for name, signal in part.signals.items():
                yield dimension, name, signal

    def weight(self, signal: CardSignal) -> float:
        """The weight of a signal before anything is known: 1 where the method has none."""
        return signal.weight if signal.weight is not None else 1.0

    def dimension_weight(self, dimension: str) -> float:
        """The weight of a dimension: as it says, or the sum of its signals'."""
        part = self.dimensions[dimension]
        return part.weight if part.weight is not None else sum(self.weight(each) for each in part.signals.values())

    def signal_weights(self) -> dict[str, float]:
        return {name: self.weight(signal) for _, name, signal in self.signals()}

    def needs(self) -> list[str]:
        """Every signal that must be measured: those that earn points, then those that only overrides ask for."""
        asked = [name for override in self.overrides for name in override.when.signals()]
        return list(dict.fromkeys([*self.signal_weights(), *asked]))

    def override(self, name: str) -> Override:
        """The override called ``name``."""
        return next(rule for rule in self.overrides if rule.name == name)

    def unknown_share(self, signal: CardSignal) -> float | None:
        """What share of full marks an unknown ``signal`` gets; None when its weight goes to the others."""
        policy = signal.unknown if signal.unknown is not None else self.unknown
        return None if policy == "share" else float(policy)

    @property
    def stamp(self) -> str:
        """Name, version and content hash, written beside every score (architecture, decision 14). Cases do not judge, so they do
        not count."""
        digest = hashlib.sha256(self.model_dump_json(by_alias=True, exclude={"cases", "about"}).encode()).hexdigest()
        return f"{self.scorecard} v{self.version} {digest[:8]}"
