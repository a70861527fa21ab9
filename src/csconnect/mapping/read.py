"""A page of a system's rows -> a record batch of canonical rows, and the rows set aside."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from csconnect.mapping.casts import TransformError, class_of, to_text
from csconnect.mapping.checks import offenders, out_of_order
from csconnect.mapping.columns import Column, default_of, filled, firsts, read_column
from csconnect.mapping.lengths import with_credits, with_lengths
from csconnect.mapping.rows import Rows
from csconnect.mapping.spec import Mapping, ReadField, is_there, missing
from csconnect.mapping.transforms import run
from csconnect.model.arrow import arrow_schema, arrow_type
from csconnect.model.fields import FieldSpec, fields_of
from csconnect.model.values.page import Page

OWNED = "_owned"
VERSION = "_version"


@dataclass(frozen=True)
class Reject:
    """A row that does not fit, one entry for each of its fields that is wrong; the value itself is never kept.

    ``source_id`` is the bare id as mapped; for entities without an ``id`` their key fields joined by ``/``; empty where the id
    itself is what is missing.
    """

    entity: str
    source_id: str
    field: str
    value_class: str
    reason: str


@dataclass(frozen=True)
class Mapped:
    """``batch`` has the columns of `arrow_schema` of the entity, then ``_owned`` and ``_version``."""

    batch: pa.RecordBatch
    rejects: list[Reject]


def read_page(mapping: Mapping, page: Page, connection: str = "", available: Collection[str] | None = None) -> Mapped:
    """Map the rows of ``page``.

    ``available`` names the fields that the system has (None: all); a mapped field that is not there is null when it is
    optional and otherwise a `MissingFieldError`. ``_owned`` is a JSON object of the owned fields' values as the system gave
    them, null for a mapping without ``write``; ``_version`` the text of the mapping's ``version`` field. Key fields become
    ``connection:id``.
    """
    rows = Rows(page)
    fields = fields_of(mapping.model)
    there = rows.names if available is None else available
    columns = with_credits(with_lengths({name: _column(mapping, spec, rows, there) for name, spec in fields.items()}))
    problems = _problems(mapping, columns, rows)
    arrays = [_keyed(columns[name].values, spec, connection) for name, spec in fields.items()]
    batch = pa.RecordBatch.from_arrays(
        [*arrays, _owned(mapping, rows), _version(mapping, rows)], schema=_schema(mapping)
    )
    unread = [Reject(mapping.entity, row.id, "", "row", row.reason) for row in page.unreadable]
    if not problems:
        return Mapped(batch, unread)
    ids = _ids(mapping, columns)
    rejects = unread + [
        Reject(mapping.entity, ids(row), name, value_class, reason)
        for row, name, value_class, reason in sorted(problems)
    ]
    bad = pa.array(sorted({row for row, *_ in problems}), pa.int64())
    keep = pc.invert(pc.is_in(pa.array(range(len(rows)), pa.int64()), bad))
    return Mapped(batch.filter(keep), rejects)


def entity_id(mapping: Mapping, source_id: str) -> str:
    """The canonical id, still bare, of the record that the system calls ``source_id``: for tombstones.

    Where the id goes through transforms (a ``prefix``, say), so does this one; an id that they refuse stays as it is.
    """
    item = mapping.read.get("id")
    if item is None or not item.paths:
        return source_id
    try:
        result = run(item.steps, source_id, lambda path: None)
        return source_id if result is None else to_text(result)
    except TransformError:
        return source_id


def _schema(mapping: Mapping) -> pa.Schema:
    return pa.schema([*arrow_schema(mapping.model), pa.field(OWNED, pa.string()), pa.field(VERSION, pa.string())])


def _column(mapping: Mapping, spec: FieldSpec, rows: Rows, available: Collection[str] | None) -> Column:
    item = mapping.read.get(spec.name)
    if item and item.paths and available is not None:
        groups = (item.paths, *((ref,) for ref in item.refs()))
        gone = [group for group in groups if not any(is_there(path, available) for path in group)]
        if gone and not item.optional:
            raise missing(mapping, item, gone[0], available)
        item = None if gone else item
    if item is None:
        nothing = pa.nulls(len(rows), arrow_type(spec))
        return Column(filled(nothing, default_of(mapping.read.get(spec.name), spec)))
    return read_column(item, spec, rows)


def _problems(mapping: Mapping, columns: dict[str, Column], rows: Rows) -> list[tuple[int, str, str, str]]:
    """Every offence: row, field, class of value, reason."""
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for name, column in columns.items():
        found |= {(row, name): problem for row, problem in column.problems.items()}
    for name, mask, reason in _broken(mapping, columns):
        at = pc.indices_nonzero(mask).cast(pa.int64())
        classes = _classes(mapping.read.get(name), rows, at)
        for row, value_class in zip(at.to_pylist(), classes, strict=True):
            found.setdefault((row, name), (value_class, reason))
    return [(row, name, *problem) for (row, name), problem in found.items()]


def _broken(mapping: Mapping, columns: dict[str, Column]) -> Iterator[tuple[str, pa.Array, str]]:
    for name, spec in fields_of(mapping.model).items():
        for mask, reason in offenders(mapping.model, spec, columns[name].values):
            yield name, mask, reason
    values = {name: column.values for name, column in columns.items()}
    for name, (mask, reason) in out_of_order(values, mapping.entity):
        yield name, mask, reason


def _classes(item: ReadField | None, rows: Rows, at: pa.Array) -> list[str]:
    if item is None or not item.paths:
        return ["constant" if item else "null"] * len(at)
    return [class_of(value) for value in firsts([rows.values(path, at) for path in item.paths])]


def _keyed(values: pa.Array, spec: FieldSpec, connection: str) -> pa.Array:
    if spec.key_of is None or not connection:
        return values
    return pc.binary_join_element_wise(f"{connection}:", values, "")


def _ids(mapping: Mapping, columns: dict[str, Column]) -> Any:
    keys = [columns[name].values for name in mapping.model.key_fields]

    def source_id(row: int) -> str:
        parts = [key[row].as_py() for key in keys]
        return "/".join("" if part is None else str(part) for part in parts)

    return source_id


def _version(mapping: Mapping, rows: Rows) -> pa.Array:
    if mapping.version is None:
        return pa.nulls(len(rows), pa.string())
    return pa.array([_text(value) for value in rows.values(mapping.version)], pa.string())


def _text(value: Any) -> str | None:
    try:
        return None if value is None else to_text(value)
    except TransformError:
        return None


def _owned(mapping: Mapping, rows: Rows) -> pa.Array:
    fields = {name: owned.to for name, owned in mapping.write.items() if owned.to}
    if not fields:
        return pa.nulls(len(rows), pa.string())
    columns = {name: rows.values(path) for name, path in fields.items()}
    texts = [
        json.dumps(
            {name: column[row] for name, column in columns.items()}, ensure_ascii=True, sort_keys=True, default=str
        )
        for row in range(len(rows))
    ]
    return pa.array(texts, pa.string())
