"""Rows on their way into the lake: one Parquet file per entity and connection, written as they come, seen by nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from csconnect.errors import DataError
from csconnect.lake.schema import USAGE, canonical, delivery_schema

ROW_GROUP = 65_536

ORDINAL = "_ordinal"
_STAMP = [
    pa.field("_deleted", pa.bool_()),
    pa.field("_mapping", pa.string()),
    pa.field(ORDINAL, pa.int64()),
]


def staged_schema(entity: str) -> pa.Schema:
    """What a staged row carries: usage only its columns and mapping, everything else its place in the run as well."""
    if entity == USAGE:
        return pa.schema([*canonical(entity), pa.field("_mapping", pa.string())])
    return pa.schema([*delivery_schema(entity), *_STAMP])


class Stage:
    """Collects rows of one entity of one connection; memory stays at about one row group."""

    def __init__(self, path: Path, entity: str, connection: str) -> None:
        self.path = path
        self.entity = entity
        self.connection = connection
        self.rows = 0
        self.delivered = 0
        self.schema = staged_schema(entity)
        self._writer: Any = None
        self._waiting: list[pa.RecordBatch] = []
        self._count = 0

    def append(self, batch: pa.RecordBatch, mapping: str, ordinal: int) -> None:
        """Add mapped rows; ``ordinal`` is the place of the first of them among everything the run was given."""
        wanted = delivery_schema(self.entity)
        missing = [name for name in wanted.names if name not in batch.schema.names and not name.startswith("_")]
        unknown = [name for name in batch.schema.names if name not in wanted.names]
        if missing or unknown:
            raise self._misfit(f"its columns are not those of the entity (missing {missing}, unknown {unknown})")
        given = {name: batch.column(name) for name in batch.schema.names}
        self._add(given, batch.num_rows, mapping, ordinal, deleted=False)
        self.delivered += batch.num_rows

    def gone(self, ids: list[str], ordinal: int) -> None:
        """Add deletions by canonical id."""
        self._add({"id": pa.array(ids, pa.string())}, len(ids), "", ordinal, deleted=True)

    def close(self) -> None:
        """Write what is waiting; a stage without rows leaves no file."""
        self._flush()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _add(self, given: dict[str, pa.Array], rows: int, mapping: str, ordinal: int, *, deleted: bool) -> None:
        if not rows:
            return
        given["_mapping"] = pa.repeat(mapping, rows)
        given["_deleted"] = pa.repeat(deleted, rows)
        given[ORDINAL] = pa.array(range(ordinal, ordinal + rows), pa.int64()) if ORDINAL in self.schema.names else None
        arrays = [self._column(given.get(field.name), field, rows) for field in self.schema]
        self._waiting.append(pa.RecordBatch.from_arrays(arrays, schema=self.schema))
        self._count += rows
        self.rows += rows
        if self._count >= ROW_GROUP:
            self._flush()

    def _column(self, array: pa.Array | None, field: pa.Field, rows: int) -> pa.Array:
        if array is None:
            return pa.nulls(rows, field.type)
        try:
            return array if array.type == field.type else array.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise self._misfit(f"column {field.name} is {array.type}, not {field.type}") from error

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, self.schema, compression="lz4")
        self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=ROW_GROUP)
        self._waiting, self._count = [], 0

    def _misfit(self, why: str) -> DataError:
        return DataError(
            f"a batch does not fit the lake: {why}",
            where=f"{self.entity} of connection {self.connection}",
            remedy="Please report this: what maps pages to batches is at fault",
            code="E-LAKE-BATCH",
        )
