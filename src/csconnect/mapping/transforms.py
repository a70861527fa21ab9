"""The closed vocabulary of transforms: name -> pure function of a value and a parameter.

A transform never sees null (it passes through) and is total: it gives a value or raises `TransformError`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, DivisionByZero, InvalidOperation
from enum import StrEnum
from typing import Any

from csconnect.errors import ConfigError
from csconnect.mapping.casts import (
    TransformError,
    rounded,
    to_boolean,
    to_date,
    to_decimal,
    to_instant,
    to_integer,
    to_number,
    to_text,
)
from csconnect.mapping.months import add_months, months_through, months_until
from csconnect.mapping.spec import Choose, FieldRef, Step

Lookup = Callable[[str], Any]
"""Path -> value of another field of the same record."""

_SPACES = ("", None)


class Takes(StrEnum):
    """The shape of a transform's parameter as the file writes it."""

    NOTHING = "nothing"
    TEXT = "text"
    INTEGER = "integer"
    FRACTION = "fraction"
    DATE = "date"
    INSTANT = "instant"
    SCALAR = "scalar"
    SCALARS = "scalars"
    PAIR = "pair"
    CHOICES = "choices"
    STEPS = "steps"


FIELD_ALLOWED = frozenset({Takes.INTEGER, Takes.DATE, Takes.INSTANT})
"""Parameters that may be ``$Field``, another field of the same record."""


@dataclass(frozen=True)
class Transform:
    """A named pure conversion: ``apply(value, parameter)``."""

    name: str
    apply: Callable[[Any, Any], Any]
    takes: Takes = Takes.NOTHING


TRANSFORMS: dict[str, Transform] = {}


def register(name: str, apply: Callable[[Any, Any], Any], takes: Takes = Takes.NOTHING) -> None:
    """Add a transform of a plugin. ``apply`` must be pure and may raise `TransformError`; a name can be taken only once."""
    if name in TRANSFORMS:
        raise ConfigError(
            f"The transform '{name}' is registered twice", remedy="Give the plugin's transform another name"
        )
    TRANSFORMS[name] = Transform(name, apply, takes)


def run(steps: Sequence[Step], value: Any, lookup: Lookup) -> Any:
    """``value`` through ``steps``; null, and a text that is or becomes empty, is null and stays it."""
    for step in steps:
        if value in _SPACES:
            return None
        value = _apply(step, value, lookup)
    return None if value in _SPACES else value


def _apply(step: Step, value: Any, lookup: Lookup) -> Any:
    argument = step.argument
    if step.name == "each":
        return [item for item in (run(argument, one, lookup) for one in _items(value)) if item is not None]
    if isinstance(argument, FieldRef):
        argument = lookup(argument.path)
        if argument in _SPACES:
            return None
    try:
        return TRANSFORMS[step.name].apply(value, argument)
    except (OverflowError, InvalidOperation, DivisionByZero):
        raise TransformError("result out of range") from None


def _items(value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise TransformError("not a list; 'split' makes one of a text")
    return list(value)


def _choose(value: Any, choose: Choose) -> Any:
    word = to_text(value)
    if word in choose.pairs:
        return choose.pairs[word]
    if choose.has_else:
        return choose.otherwise
    raise TransformError("a word that 'choose' does not list")


def _split(value: Any, separator: str) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value)
    return [part for part in (part.strip() for part in to_text(value).split(separator)) if part]


def _scale(value: Any, fraction: tuple[Decimal, Decimal]) -> Decimal:
    return to_decimal(value) * fraction[0] / fraction[1]


def _invert(value: Any, _: None) -> Decimal:
    number = to_decimal(value)
    if not number:
        raise TransformError("zero cannot be inverted")
    return rounded(1 / number, 20)


def _hash(value: Any, salt: str) -> str:
    return hashlib.sha256((salt + to_text(value)).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _add_days(value: Any, days: Any) -> Any:
    return to_date(value) + timedelta(days=to_integer(days))


def _hours_until(value: Any, end: Any) -> float:
    return (to_instant(end) - to_instant(value)).total_seconds() / 3600


def _one_of(value: Any, others: Sequence[Any]) -> bool:
    word = to_text(value)
    return any(word == (other if isinstance(other, str) else to_text(other)) for other in others)


def _after(value: Any, mark: str) -> str | None:
    _, found, rest = to_text(value).partition(mark)
    return rest if found else None


register("strip", lambda value, _: to_text(value).strip())
register("lower", lambda value, _: to_text(value).lower())
register("upper", lambda value, _: to_text(value).upper())
register("text", lambda value, _: to_text(value))
register("integer", lambda value, _: to_integer(value))
register("number", lambda value, _: to_number(value))
register("decimal", lambda value, _: to_decimal(value))
register("boolean", lambda value, _: to_boolean(value))
register("date", lambda value, _: to_date(value))
register("instant", lambda value, _: to_instant(value))
register("choose", _choose, Takes.CHOICES)
register("prefix", lambda value, text: text + to_text(value), Takes.TEXT)
register("split", _split, Takes.TEXT)
register("replace", lambda value, pair: to_text(value).replace(*pair), Takes.PAIR)
register("scale", _scale, Takes.FRACTION)
register("invert", _invert)
register("hash", _hash, Takes.TEXT)
register("add_days", _add_days, Takes.INTEGER)
register("add_months", lambda value, months: add_months(to_date(value), to_integer(months)), Takes.INTEGER)
register("months_until", lambda value, end: months_until(to_date(value), to_date(end)), Takes.DATE)
register("months_through", lambda value, last: months_through(to_date(value), to_date(last)), Takes.DATE)
register("hours_until", _hours_until, Takes.INSTANT)
register("after", _after, Takes.TEXT)
register("equals", lambda value, other: to_text(value) == other, Takes.SCALAR)
register("one_of", _one_of, Takes.SCALARS)
register("each", lambda value, _: _items(value), Takes.STEPS)
