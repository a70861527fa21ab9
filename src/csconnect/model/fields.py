"""What a field of an entity is, read off its pydantic annotation: one place that unwraps types for everyone."""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from csconnect.model.base import Entity, KeyOf

KINDS: dict[type, str] = {
    str: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "decimal",
    date: "date",
    datetime: "instant",
}


@dataclass(frozen=True)
class FieldSpec:
    """A field's shape.

    ``kind`` is one of text, boolean, integer, number, decimal, date, instant (aware UTC), choice. ``choices`` lists the
    values of a choice. ``many`` is a list of that kind. ``key_of`` names the entity a key points to. ``scale`` is the number
    of decimal places of a decimal.
    """

    name: str
    kind: str
    required: bool
    many: bool = False
    choices: tuple[str, ...] = ()
    key_of: str | None = None
    scale: int = 4
    default: Any = None


@cache
def fields_of(entity: type[Entity]) -> dict[str, FieldSpec]:
    """The fields of ``entity`` by name, in the order of their definition."""
    hints = typing.get_type_hints(entity, include_extras=True)
    return {
        name: _spec(name, hints[name], info.is_required(), info.get_default(call_default_factory=True))
        for name, info in entity.model_fields.items()
    }


def _spec(name: str, hint: Any, required: bool, default: Any) -> FieldSpec:
    key_of, scale, many = None, 4, False
    while True:
        origin = typing.get_origin(hint)
        if origin is typing.Annotated:
            hint, *marks = typing.get_args(hint)
            for mark in marks:
                key_of = mark.entity if isinstance(mark, KeyOf) else key_of
                for part in getattr(mark, "metadata", ()):
                    scale = getattr(part, "decimal_places", None) or scale
        elif origin in (typing.Union, types.UnionType):
            (hint,) = (arg for arg in typing.get_args(hint) if arg is not type(None))
        elif origin is list:
            many, (hint,) = True, typing.get_args(hint)
        else:
            break
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return FieldSpec(name, "choice", required, many, tuple(hint), key_of, scale, default)
    return FieldSpec(name, KINDS[hint], required, many, (), key_of, scale, default)
