"""Reading a scorecard's file: checked as a whole before anything runs; every complaint has ``file:line:col``."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from csconnect.compute.earn import LIMITS, START
from csconnect.compute.scorecard import Scorecard
from csconnect.compute.signal import Signal
from csconnect.errors import CardError

Made = TypeVar("Made", bound=BaseModel)
Problem = tuple[list[Any], str, str]
"""Path in the file, what is wrong, how to mend it."""


def parse_scorecard(text: str, where: str, signals: Collection[str] | Mapping[str, Signal]) -> Scorecard:
    """Parse and check a card as a whole; `CardError` names ``file:line:col`` and what was expected.

    ``signals`` are those that a card may use; their names are enough, without their headers events and windows are not checked.
    """
    card, data = parse_data(text, where, Scorecard, "a scorecard")
    for check in (_weights, _curves, _bands, _languages, _cases):
        raise_first(check(card), data, where)
    raise_first(_known(card, signals), data, where)
    return card


def parse_data(text: str, where: str, model: type[Made], called: str) -> tuple[Made, CommentedMap]:
    """A YAML file as ``model``, and as it stands in the file, for places; to be read only, for the next reader gets the same two."""
    try:
        data = _loaded(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        spot = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        raise CardError(f"not YAML: {getattr(error, 'problem', error)}", where=spot) from None
    if not isinstance(data, CommentedMap):
        raise CardError(f"{called} is a mapping", where=f"{where}:1:1")
    try:
        made: Made = _made(text, model)
        return made, data
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = list(first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        named = ".".join(map(str, path)) or called.split()[-1]
        raise CardError(
            f"{named}: {message}", where=position(data, path, where), remedy=_nearest(model, first)
        ) from None


@lru_cache(maxsize=100)
def _loaded(text: str) -> Any:
    return YAML(typ="rt").load(text)


@lru_cache(maxsize=100)
def _made(text: str, model: type[Made]) -> Made:
    return model.model_validate(_loaded(text))


def _nearest(model: type[BaseModel], error: Any) -> str:
    """For a misspelt name: the one that was meant."""
    if error["type"] != "extra_forbidden" or len(error["loc"]) != 1:
        return ""
    names = [field.alias or name for name, field in model.model_fields.items()]
    close = difflib.get_close_matches(str(error["loc"][0]), names, 1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(names)}"


def raise_first(problems: Iterator[Problem], data: CommentedMap, where: str) -> None:
    """Raise `CardError` for the first of ``problems``."""
    for path, what, remedy in problems:
        raise CardError(what, where=position(data, path, where), remedy=remedy)


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


def _weights(card: Scorecard) -> Iterator[Problem]:
    if card.method == "points":
        for dimension, name, signal in card.signals():
            if signal.weight is not None:
                path = ["dimensions", dimension, "signals", name, "weight"]
                yield path, f"{name} has a weight, but the method is points", "Its curve says how many points it earns"
        yield from _unknown_points(card)
        return
    for dimension, name, signal in card.signals():
        if signal.weight is None:
            yield ["dimensions", dimension, "signals", name], f"{name} has no weight", "Add weight:"
    if card.weights == "relative":
        return
    for name, part in card.dimensions.items():
        inside = sum(card.weight(signal) for signal in part.signals.values())
        if part.weight is not None and abs(inside - part.weight) > 1e-9:
            what = f"the signals' weights of {name} add up to {inside:g}, the dimension's weight is {part.weight:g}"
            yield ["dimensions", name, "weight"], what, ""
    total = sum(card.dimension_weight(name) for name in card.dimensions)
    if abs(total - 100) > 1e-9:
        yield (
            ["dimensions"],
            f"the dimensions' weights add up to {total:g}, not 100",
            "Mend them, or say weights: relative",
        )


def _unknown_points(card: Scorecard) -> Iterator[Problem]:
    """By method points there are no full marks of which the unknown could have a share."""
    said: list[tuple[list[Any], str | float | None]] = [(["unknown"], card.unknown)]
    said += [
        (["dimensions", dimension, "signals", name, "unknown"], each.unknown)
        for dimension, name, each in card.signals()
    ]
    for path, share in said:
        if share is not None and share != "share":
            yield path, f"unknown: {share:g} means a share of full marks, but the method is points", "Leave it out"


def _curves(card: Scorecard) -> Iterator[Problem]:
    for dimension, name, signal in card.signals():
        path = ["dimensions", dimension, "signals", name, "curve"]
        if card.method == "points":
            continue
        limits = signal.curve.range
        if limits is None or limits[0] < 0 or limits[1] > 1:
            yield (
                path,
                f"the curve of {name} must stay between 0 and 1, the share of its weight",
                "For points use method: points",
            )


def _bands(card: Scorecard) -> Iterator[Problem]:
    scale, bands = card.scale, card.bands
    if not card.clamp:
        return
    for name in ("green", "yellow"):
        edge = getattr(bands, name)
        if not scale.low < edge <= scale.high:
            yield (
                ["bands", name],
                f"{name} starts at {edge:g}, outside the scale from {scale.low:g} to {scale.high:g}",
                "",
            )
    if bands.hold * 2 >= bands.green - bands.yellow and bands.hold:
        yield ["bands", "hold"], f"hold: {bands.hold:g} is wider than half of yellow, which nobody would ever reach", ""


def _languages(card: Scorecard) -> Iterator[Problem]:
    said: list[tuple[list[Any], dict[str, str]]] = [(["title"], card.title)]
    said += [(["dimensions", name, "title"], part.title) for name, part in card.dimensions.items()]
    said += [(["overrides", place, "because"], rule.because) for place, rule in enumerate(card.overrides)]
    for path, words in said:
        for language in dict.fromkeys(["en", *card.title]):
            if not words.get(language):
                what = f"{'.'.join(map(str, path))} is not said in {language!r}"
                yield path, what, f"Add {language}: and the words; the card's title says in which languages it speaks"


def _cases(card: Scorecard) -> Iterator[Problem]:
    known = [*card.needs(), START, LIMITS]
    for place, case in enumerate(card.cases):
        for key, names in (("given", case.given), ("expect", case.expect.points)):
            for name in names:
                if name not in known:
                    path = ["cases", place, key, *(["points"] if key == "expect" else []), name]
                    yield (
                        path,
                        f"case {case.name!r} names {name!r}, which the card does not use",
                        f"Known: {', '.join(known)}",
                    )


def _known(card: Scorecard, signals: Collection[str] | Mapping[str, Signal]) -> Iterator[Problem]:
    for dimension, name, signal in card.signals():
        path = ["dimensions", dimension, "signals", name]
        if name not in signals:
            yield path, f"unknown signal {name!r}", meant(name, signals)
        elif isinstance(signals, Mapping) and signal.fade and signals[name].header.grain != "event":
            yield [*path, "fade"], f"{name} is one value an account, so nothing in it can fade", "fade: is for events"
        elif isinstance(signals, Mapping) and signal.freshness and signal.freshness > 1100:
            yield [*path, "freshness"], "freshness: is more days than anybody looks back", ""
    for place, rule in enumerate(card.overrides):
        for name in rule.when.signals():
            if name not in signals:
                yield ["overrides", place, "when"], f"unknown signal {name!r}", meant(name, signals)


def meant(name: str, signals: Collection[str]) -> str:
    """For a misspelt signal: the one that was meant."""
    close = difflib.get_close_matches(name, signals, 1)
    return f"Did you mean {close[0]!r}?" if close else f"Known: {', '.join(sorted(signals))}"
