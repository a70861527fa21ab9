"""Fact files as a SQL source with the columns of today's model, whichever version of it wrote them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from csconnect.lake import sqltext
from csconnect.lake.schema import INSTANT, fact_schema

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
    INSTANT: "TIMESTAMPTZ",
}

_SOURCE = """(
    SELECT {columns} FROM (
        SELECT * FROM {empty}
        UNION ALL BY NAME
        SELECT * FROM read_parquet({paths}, union_by_name = true, hive_partitioning = false)
    ) WHERE {known}
)"""


def facts(entity: str, paths: Sequence[Path], known: datetime | None = None) -> str:
    """SQL for the rows of ``entity`` in ``paths``, with all columns of `fact_schema`, that were known at ``known``."""
    empty = nothing(fact_schema(entity))
    if not paths:
        return empty
    return sqltext.fill(
        _SOURCE,
        columns=sqltext.names(fact_schema(entity).names),
        empty=empty,
        paths=sqltext.texts(str(path) for path in paths),
        known=f"_known_at <= {sqltext.instant(known)}" if known else "true",
    )


def newest(source: str, keys: Sequence[str]) -> str:
    """SQL for the newest row of each key of ``source``, deleted ones included.

    Finds it from the narrow columns first, so that wide rows are never sorted or held.
    """
    return sqltext.fill(
        """(SELECT f.* FROM {source} f SEMI JOIN (
            SELECT {keys}, max(_known_at) AS _known_at FROM {source} GROUP BY {keys}
        ) n USING ({keys}, _known_at))""",
        source=source,
        keys=sqltext.names(keys),
    )


def nothing(schema: pa.Schema) -> str:
    """SQL for no rows at all, with the columns and types of ``schema``."""
    typed = ", ".join(f"NULL::{_sql_type(field.type)} AS {sqltext.name(field.name)}" for field in schema)
    return sqltext.fill("(SELECT {typed} WHERE false)", typed=typed)


def bare_table(name: str, schema: pa.Schema) -> str:
    """SQL that makes the table ``name`` with the columns of ``schema`` and no rows: a tenth of the work of a query for them."""
    typed = ", ".join(f"{sqltext.name(field.name)} {_sql_type(field.type)}" for field in schema)
    return sqltext.fill("CREATE TABLE {name} ({typed})", name=name, typed=typed)


def _sql_type(arrow: pa.DataType) -> str:
    if pa.types.is_list(arrow):
        return f"{_sql_type(arrow.value_type)}[]"
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision}, {arrow.scale})"
    return _SQL_TYPES[arrow]
