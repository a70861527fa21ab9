"""The columns of the lake: the canonical ones and the bookkeeping that every fact carries.

    _connection   the connection that delivered the row
    _known_at     when we learnt it: the instant of the run (UTC)
    _deleted      true on the row that says that the record is gone; its other columns are the last ones known
    _owned        JSON object of our own fields as they stood in the CRM, or null
    _version      the system's own version of the record, or null
    _mapping      digest of the mapping that made the row
    _digest       digest of everything that counts as a change of the row

Usage needs less, since a delivered day replaces that day as a whole. Names that begin with an underscore are the lake's own.
"""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect.model.fields import fields_of

USAGE = "usage_day"
ROLLUP = "usage_module_day"
ALIAS = "_alias"
DAY = "_day"
QUARANTINE = "_quarantine"

ATTRIBUTES: tuple[str, ...] = tuple(name for name in ENTITIES if name not in (USAGE, ROLLUP))
"""Entities with one row per id: all but usage."""
WRITTEN: tuple[str, ...] = ("account", "opportunity", "task")
"""Entities that csconnect writes to, whose views carry ``_owned``."""

INSTANT = pa.timestamp("us", tz="UTC")
_CONNECTION = [pa.field("_connection", pa.string()), pa.field("_known_at", INSTANT)]
_STAGED = [pa.field("_owned", pa.string()), pa.field("_version", pa.string())]
_RECORD = [
    *_STAGED,
    *_CONNECTION,
    pa.field("_deleted", pa.bool_()),
    pa.field("_mapping", pa.string()),
    pa.field("_digest", pa.string()),
]
_OWN = {
    ALIAS: pa.schema(
        [
            pa.field("entity", pa.string()),
            pa.field("old_id", pa.string()),
            pa.field("survivor_id", pa.string()),
            *_CONNECTION,
        ]
    ),
    DAY: pa.schema([pa.field("day", pa.date32()), pa.field("rows", pa.int64()), *_CONNECTION]),
    QUARANTINE: pa.schema(
        [
            *(pa.field(name, pa.string()) for name in ("entity", "source_id", "field", "value_class", "reason")),
            *_CONNECTION,
        ]
    ),
}


def columns(entity: str) -> tuple[str, ...]:
    """The canonical columns of ``entity``."""
    return tuple(fields_of(ENTITIES[entity]))


@cache
def fact_schema(entity: str) -> pa.Schema:
    """The columns of the fact files of ``entity``, of the model or of the lake's own; all nullable."""
    if entity in _OWN:
        return _OWN[entity]
    return pa.schema([*canonical(entity), *(_CONNECTION if entity in (USAGE, ROLLUP) else _RECORD)])


@cache
def delivery_schema(entity: str) -> pa.Schema:
    """The columns of a batch that may be appended: the canonical ones, ``_owned`` and ``_version``."""
    return pa.schema([*canonical(entity), *_STAGED])


def canonical(entity: str) -> list[pa.Field]:
    """The canonical Arrow fields of ``entity``, nullable."""
    return [field.with_nullable(True) for field in arrow_schema(ENTITIES[entity])]


def key(connection: str, entity: str, bare: str) -> str:
    """The canonical id of a record: ``connection:bare``, or the bare id where the model's id is the same everywhere."""
    return f"{connection}:{bare}" if names_connection(entity) else bare


def names_connection(entity: str) -> bool:
    """Whether the ids of ``entity`` begin with their connection; if not, the same id anywhere means the same thing."""
    return fields_of(ENTITIES[entity])["id"].key_of is not None


def references(entity: str) -> dict[str, str]:
    """The columns of ``entity`` that point to another record: column -> entity pointed to. Its own id is not one."""
    own = ENTITIES[entity].key_fields
    specs = fields_of(ENTITIES[entity]).values()
    return {spec.name: spec.key_of for spec in specs if spec.key_of and (spec.name != "id" or "id" not in own)}
