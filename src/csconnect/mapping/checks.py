"""What the pydantic model demands of a column, checked column by column instead of row by row."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from csconnect.model import Entity
from csconnect.model.arrow import arrow_type
from csconnect.model.fields import FieldSpec, fields_of


@dataclass(frozen=True)
class Constraint:
    """A demand on the non-null values of a column: ``kind`` is ge, gt, digits, pattern or choice."""

    kind: str
    limit: Any
    reason: str


Bad = tuple[pa.Array, str]
"""Boolean mask of offending rows (null counts as fine), and why."""


@cache
def constraints_of(entity: type[Entity]) -> dict[str, tuple[Constraint, ...]]:
    """Demands by field, read off the annotations."""
    hints = typing.get_type_hints(entity, include_extras=True)
    return {name: tuple(_constraints(spec, hints[name])) for name, spec in fields_of(entity).items()}


def _constraints(spec: FieldSpec, hint: Any) -> Iterator[Constraint]:
    if spec.choices:
        choices = tuple(str(choice) for choice in spec.choices)
        yield Constraint("choice", choices, f"not one of {', '.join(choices)}")
    for mark in _marks(hint):
        for part in getattr(mark, "metadata", ()):
            for kind, words in (("ge", "below"), ("gt", "not above")):
                if getattr(part, kind, None) is not None:
                    yield Constraint(kind, getattr(part, kind), f"{words} {getattr(part, kind)}")
            if getattr(part, "max_digits", None):
                limit = Decimal(10) ** (part.max_digits - spec.scale)
                yield Constraint("digits", limit, f"more than {part.max_digits} digits")
            if getattr(part, "pattern", None):
                said: str | None = getattr(mark, "description", None)
                reason = f"not {said}" if said else f"does not look like {part.pattern}"
                yield Constraint("pattern", part.pattern, reason)


def _marks(hint: Any) -> Iterator[Any]:
    if typing.get_origin(hint) is typing.Annotated:
        yield from hint.__metadata__
    for part in typing.get_args(hint):
        yield from _marks(part)


def offenders(entity: type[Entity], spec: FieldSpec, column: pa.Array) -> Iterator[Bad]:
    """Every demand on ``column`` that some row breaks."""
    for constraint in constraints_of(entity)[spec.name]:
        flat = column.flatten() if spec.many else column
        bad = _breaks(constraint, spec, flat)
        if pc.any(bad).as_py():
            yield (_rows_of(column, bad) if spec.many else bad), constraint.reason
    if spec.required and column.null_count:
        yield column.is_null(), "required, but empty"


def _breaks(constraint: Constraint, spec: FieldSpec, column: pa.Array) -> pa.Array:
    limit = constraint.limit
    match constraint.kind:
        case "choice":
            return pc.and_(pc.invert(pc.is_in(column, pa.array(limit, pa.string()))), column.is_valid())
        case "pattern":
            return pc.invert(pc.match_substring_regex(column, limit.removesuffix("$") + r"\z"))
        case "digits":
            return pc.greater_equal(pc.abs(column), pa.scalar(limit, pa.decimal128(38, spec.scale)))
    value = pa.scalar(Decimal(limit) if spec.kind == "decimal" else limit, arrow_type(spec))
    return pc.less(column, value) if constraint.kind == "ge" else pc.less_equal(column, value)


def _rows_of(column: pa.Array, bad: pa.Array) -> pa.Array:
    parents = pc.filter(pc.list_parent_indices(column), bad)
    return pc.is_in(pa.array(range(len(column)), pa.int64()), parents.cast(pa.int64()))


def out_of_order(columns: Mapping[str, pa.Array], entity: str) -> Iterator[tuple[str, Bad]]:
    """Rules between two fields: the field that is named, the rows, the reason."""
    if entity == "term":
        bad = pc.less_equal(columns["end"], columns["start"])
        if pc.any(bad).as_py():
            yield "end", (bad, "a term must end after it starts; the end is the first day no longer covered")
    if entity == "survey":
        bad = pc.and_(pc.equal(columns["kind"], "nps"), pc.greater(columns["score"], 10.0))
        if pc.any(bad).as_py():
            yield "score", (bad, "an NPS answer is from 0 to 10")
