"""A scorecard: dimensions, signals, curves, weights and bands, as data (architecture, decision 14)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from csconnect.errors import CardError

Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True)


class Linear(_Part):
    """Nothing at ``from``, full marks at ``to``, a straight line between, flat outside."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")


class Curve(_Part):
    """From a signal's value to the share of its points, 0 to 1: either steps (``at_least``: threshold -> share, the highest
    threshold reached counts; below all of them ``otherwise``) or ``linear``."""

    at_least: dict[float, Share] | None = None
    otherwise: Share = 0.0
    linear: Linear | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.at_least is None) == (self.linear is None):
            raise ValueError("a curve is either at_least or linear")
        if self.linear and self.linear.low == self.linear.high:
            raise ValueError("linear needs two different ends")
        return self


class CardSignal(_Part):
    weight: Annotated[float, Field(gt=0)]
    curve: Curve


class Dimension(_Part):
    title: dict[str, str]
    weight: Annotated[float, Field(gt=0)]
    signals: dict[str, CardSignal]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = sum(signal.weight for signal in self.signals.values())
        if abs(total - self.weight) > 1e-9:
            raise ValueError(f"the signals' weights add up to {total:g}, the dimension's weight is {self.weight:g}")
        return self


class Bands(_Part):
    """Lower edges, inclusive: ``green`` and above is green, ``yellow`` and above yellow, the rest red."""

    green: Annotated[int, Field(ge=1, le=100)]
    yellow: Annotated[int, Field(ge=1, le=100)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.yellow >= self.green:
            raise ValueError("yellow must start below green")
        return self


class Scorecard(_Part):
    """A whole card. Weights add up to 100; ``coverage`` is the least percentage of weight with data for a score."""

    scorecard: str
    version: int
    title: dict[str, str]
    coverage: Annotated[int, Field(ge=0, le=100)] = 50
    bands: Bands
    trend_days: Annotated[int, Field(ge=1, le=365)] = 30
    dimensions: dict[str, Dimension]

    @model_validator(mode="after")
    def _hundred(self) -> Self:
        total = sum(dimension.weight for dimension in self.dimensions.values())
        if abs(total - 100) > 1e-9:
            raise ValueError(f"the dimensions' weights add up to {total:g}, not 100")
        names = [name for dimension in self.dimensions.values() for name in dimension.signals]
        if len(names) != len(set(names)):
            raise ValueError("a signal may stand only once in a card")
        return self

    def signals(self) -> Iterator[tuple[str, str, CardSignal]]:
        """Every (dimension, signal name, signal), in the card's order."""
        for dimension, part in self.dimensions.items():
            for name, signal in part.signals.items():
                yield dimension, name, signal

    def signal_weights(self) -> dict[str, float]:
        return {name: signal.weight for _, name, signal in self.signals()}

    @property
    def stamp(self) -> str:
        """Name, version and content hash, written beside every score (architecture, decision 14)."""
        digest = hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()
        return f"{self.scorecard} v{self.version} {digest[:8]}"


def parse_scorecard(text: str, where: str, known_signals: Collection[str]) -> Scorecard:
    """Parse and check a card as a whole; `CardError` names ``file:line:col`` and what was expected."""
    try:
        data = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        spot = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        raise CardError(f"not YAML: {getattr(error, 'problem', error)}", where=spot) from None
    if not isinstance(data, CommentedMap):
        raise CardError("a scorecard is a mapping", where=f"{where}:1:1")
    try:
        card = Scorecard.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = list(first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise CardError(f"{'.'.join(map(str, path)) or 'card'}: {message}", where=position(data, path, where)) from None
    for dimension, name, _ in card.signals():
        if name not in known_signals:
            raise CardError(
                f"unknown signal {name!r}",
                where=position(data, ["dimensions", dimension, "signals", name], where),
                remedy=f"Known: {', '.join(sorted(known_signals))}",
            )
    return card


def position(data: Any, path: list[Any], where: str) -> str:
    """``file:line:col`` of the deepest part of ``path`` that exists in round-trip YAML ``data``."""
    line, col = 0, 0
    for part in path:
        if isinstance(data, CommentedMap) and part in data:
            line, col = data.lc.key(part)
            data = data[part]
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            line, col = data.lc.item(part)  # type: ignore[attr-defined]
            data = data[part]
        else:
            break
    return f"{where}:{line + 1}:{col + 1}"
