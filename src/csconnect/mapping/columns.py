"""One canonical field of a page: the fast way for whole columns, the slow way for what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from csconnect.mapping import columnar
from csconnect.mapping.casts import CASTS, TransformError, class_of, rounded
from csconnect.mapping.rows import Rows
from csconnect.mapping.spec import ReadField
from csconnect.mapping.transforms import run
from csconnect.model.arrow import arrow_type
from csconnect.model.fields import FieldSpec

_EMPTY = ("", None)


@dataclass(frozen=True)
class Column:
    """Values of the field's Arrow type, and the rows that do not fit: row number -> class of value, reason."""

    values: pa.Array
    problems: dict[int, tuple[str, str]] = field(default_factory=dict)


def cast_value(value: Any, spec: FieldSpec) -> Any:
    """A value read as the type of a canonical field; null where it is empty. Raises `TransformError`."""
    if value in _EMPTY:
        return None
    if not spec.many:
        return _cast_one(value, spec)
    if not isinstance(value, (list, tuple)):
        raise TransformError("not a list; 'split' makes one of a text")
    return [_cast_one(item, spec) for item in value if item not in _EMPTY]


def _cast_one(value: Any, spec: FieldSpec) -> Any:
    result = CASTS[spec.kind](value)
    return rounded(result, spec.scale) if spec.kind == "decimal" else result


def read_column(item: ReadField, spec: FieldSpec, rows: Rows) -> Column:
    """The column of ``item``, defaults filled in; keys still bare."""
    wanted = arrow_type(spec)
    if not item.paths:
        return Column(pa.repeat(pa.scalar(item.value, wanted), len(rows)))
    fast = _fast(item, spec, rows)
    column = _slow(item, spec, rows, None) if fast is None else _patched(fast, item, spec, rows)
    return Column(filled(column.values, default_of(item, spec)), column.problems)


def default_of(item: ReadField | None, spec: FieldSpec) -> Any:
    """What stands in for null: the file's default, else the entity's; None for a required field without one."""
    if item is not None and item.default is not None:
        return item.default
    return None if spec.required else spec.default


def filled(values: pa.Array, default: Any) -> pa.Array:
    """``values`` with ``default`` in place of null."""
    if default is None or not values.null_count:
        return values
    if pa.types.is_list(values.type):
        return pa.array([default if value is None else value for value in values.to_pylist()], values.type)
    return pc.fill_null(values, pa.scalar(default, values.type))


def _source(item: ReadField, rows: Rows) -> pa.Array | None:
    columns = [column for path in item.paths if (column := rows.array(path)) is not None]
    if not columns or any(column.type != columns[0].type for column in columns):
        return None
    return columns[0] if len(columns) == 1 else pc.coalesce(*columns)


def _fast(item: ReadField, spec: FieldSpec, rows: Rows) -> tuple[pa.Array, pa.Array] | None:
    source = _source(item, rows)
    if source is None:
        return None
    if spec.many:
        known = spec.kind in ("text", "choice") and [step.name for step in item.steps] in ([], ["split"])
        separator = item.steps[0].argument if item.steps else None
        result = columnar.text_list(source, separator) if known else None
    else:
        done = columnar.through(source, item.steps, spec.kind)
        result = None if done is None else columnar.as_kind(columnar.plain(done), spec.kind, spec.scale)
    return None if result is None else (source, result)


def _patched(fast: tuple[pa.Array, pa.Array], item: ReadField, spec: FieldSpec, rows: Rows) -> Column:
    source, result = fast
    left = pc.and_(source.is_valid(), result.is_null())
    at = pc.indices_nonzero(left).cast(pa.int64())
    if not len(at):
        return Column(result)
    slow = _slow(item, spec, rows, at)
    problems = {at[index].as_py(): problem for index, problem in slow.problems.items()}
    if slow.values.null_count == len(slow.values):
        return Column(result, problems)
    return Column(pc.replace_with_mask(result, left, slow.values), problems)


def _slow(item: ReadField, spec: FieldSpec, rows: Rows, at: pa.Array | None) -> Column:
    columns = {path: rows.values(path, at) for path in (*item.paths, *item.refs())}
    values: list[Any] = []
    problems: dict[int, tuple[str, str]] = {}
    for index, value in enumerate(firsts([columns[path] for path in item.paths])):
        result = None
        if value is not None:
            try:
                result = cast_value(run(item.steps, value, partial(_at, columns, index)), spec)
            except TransformError as error:
                problems[index] = (class_of(value), str(error))
        values.append(result)
    return Column(_array(values, arrow_type(spec), problems), problems)


def _at(columns: dict[str, list[Any]], index: int, path: str) -> Any:
    return columns[path][index]


def firsts(columns: Sequence[list[Any]]) -> list[Any]:
    """Row by row the first value that is not empty."""
    if len(columns) == 1:
        return [None if value in _EMPTY else value for value in columns[0]]
    return [next((value for value in row if value not in _EMPTY), None) for row in zip(*columns, strict=True)]


def _array(values: list[Any], wanted: pa.DataType, problems: dict[int, tuple[str, str]]) -> pa.Array:
    try:
        return pa.array(values, wanted)
    except (pa.ArrowException, UnicodeError, ValueError, OverflowError):
        # Half a surrogate pair, say: a str for Python, no text for anyone else.
        for index, value in enumerate(values):
            try:
                pa.scalar(value, wanted)
            except (pa.ArrowException, UnicodeError, ValueError, OverflowError):
                problems[index] = (class_of(value), "cannot be stored")
                values[index] = None
        return pa.array(values, wanted)
