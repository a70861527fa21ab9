"""Reading what csconnect itself has stated: rows of a small table, which need no engine."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from csconnect.lake.schema import fact_schema


def read_stated(entity: str, paths: Sequence[Path], days: Collection[date] | None) -> pa.Table:
    """All rows of ``entity`` in ``paths``, those of ``days`` only where they are given, with the columns of `fact_schema`, sorted by all
    of them, nulls last."""
    schema = fact_schema(entity)
    asked = None if days is None else [(schema.names[0], "in", set(days))]
    parts = [_as_today(_read(path, asked), schema) for path in paths]
    return pa.concat_tables([schema.empty_table(), *parts]).sort_by([(name, "ascending") for name in schema.names])


def _read(path: Path, asked: list[tuple[str, str, set[date]]] | None) -> pa.Table:
    try:
        return pq.read_table(path, partitioning=None, filters=asked)
    except (OSError, pa.ArrowInvalid) as error:
        raise OSError(None, f"{path} is not a Parquet file that can be read") from error


def _as_today(part: pa.Table, schema: pa.Schema) -> pa.Table:
    """A file of another version may lack columns, or hold some that are not known any more."""
    there = set(part.column_names)
    columns = [
        part.column(field.name).cast(field.type) if field.name in there else pa.nulls(len(part), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
