"""The columns of the lake: the canonical ones and the bookkeeping that every fact carries.

    _connection   the connection that delivered the row
    _known_at     when we learnt it: the instant of the run (UTC)
    _deleted      true on the row that says that the record is gone; its other columns are the last ones known
    _owned        JSON object of our own fields as they stood in the CRM, or null
    _version      the system's own version of the record, or null
    _mapping      digest of the mapping that made the row
    _digest       digest of everything that counts as a change of the row

Usage needs less, since a delivered day replaces that day as a whole. Names that begin with an underscore are the lake's own.

Statements are the lake's own too, and the only facts that no system delivered (`csconnect.stages.close`): a month of the past as it was
reckoned when it was closed. ``month`` is its first day; ``version`` is part of their key, 1 the first statement, and no version
ever takes the place of another.
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
STATEMENT = "_statement"
FIGURE = "_figure"
MONTH = "_month"
FORECAST = "_forecast"

STATED: tuple[str, ...] = (STATEMENT, FIGURE, MONTH, FORECAST)
"""What csconnect itself states; the first column of each is a day. A fold keeps all of it: the history is what it is for."""
OWN = ""
"""The connection of what the lake states itself: none."""
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
MONEY = pa.decimal128(38, 2)
_VERSION = [pa.field("month", pa.date32()), pa.field("version", pa.int64())]


def _texts(*names: str) -> list[pa.Field]:
    return [pa.field(name, pa.string()) for name in names]


def _amounts(*names: str) -> list[pa.Field]:
    return [pa.field(name, MONEY) for name in names]


_STATED = {
    # A row a month and version. as_of is the day as of which it is reckoned; settings and inputs are what it was reckoned by and from,
    # digest what came out.
    STATEMENT: [
        *_VERSION,
        pa.field("as_of", pa.date32()),
        *_texts("currency"),
        pa.field("reconstructed", pa.bool_()),
        *_texts("settings", "inputs", "digest"),
    ],
    # A row a figure. basis is due or opening; base is null but for rates, whose value is part / base.
    FIGURE: [*_VERSION, *_texts("basis", "book", "dimension", "value", "currency", "name"), *_amounts("part", "base")],
    # A row an account, family and currency; see `csconnect.compute.month`. reason says why it differs from the version before.
    MONTH: [
        *_VERSION,
        *_texts("account_id", "family", "currency"),
        *_amounts("opening_arr", "arr", "due_arr", "renewed_arr"),
        *_texts("state"),
        pa.field("deferred", pa.bool_()),
        pa.field("lines", pa.int64()),
        pa.field("rate", pa.float64()),
        pa.field("due_rate", pa.float64()),
        *_texts("band"),
        pa.field("score", pa.int64()),
        *_texts("owner_id", "segment", "industry", "region", "reason"),
    ],
    # A row an open renewal opportunity, of the first run of each ISO week; see `csconnect.compute.forecast`.
    FORECAST: [
        pa.field("day", pa.date32()),
        *_texts("opportunity_id", "account_id", "owner_id"),
        pa.field("due_on", pa.date32()),
        *_amounts("amount"),
        *_texts("currency"),
        pa.field("months", pa.float64()),
        *_amounts("arr", "due_arr"),
        pa.field("close_on", pa.date32()),
        *_texts("stage", "status"),
    ],
}
_OWN = {
    **{name: pa.schema([*fields, pa.field("_known_at", INSTANT)]) for name, fields in _STATED.items()},
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
