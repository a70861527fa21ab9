"""Arrow schemas of the canonical entities, derived from their pydantic definitions."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from csconnect.model.base import Entity
from csconnect.model.fields import FieldSpec, fields_of

_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "choice": pa.string(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


def arrow_type(spec: FieldSpec) -> pa.DataType:
    """The Arrow type of one field; decimals keep their declared scale."""
    base = pa.decimal128(38, spec.scale) if spec.kind == "decimal" else _TYPES[spec.kind]
    return pa.list_(base) if spec.many else base


@cache
def arrow_schema(entity: type[Entity]) -> pa.Schema:
    """The columns of ``entity`` in the lake, without the lake's own bookkeeping columns."""
    return pa.schema(
        pa.field(spec.name, arrow_type(spec), nullable=not spec.required) for spec in fields_of(entity).values()
    )
