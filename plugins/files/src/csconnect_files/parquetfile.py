"""Parquet files as record batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from csconnect.errors import DataError

ROWS = 50_000
_ERRORS = (pa.ArrowException, OSError, EOFError, ValueError)


def columns(path: Path, name: str) -> dict[str, str]:
    """Column -> the name of its Arrow type."""
    try:
        return {field.name: str(field.type) for field in pq.read_schema(str(path))}
    except _ERRORS as error:
        raise _damaged(name, error) from None


def rows(path: Path, name: str) -> int:
    """The number of rows, from the file's footer."""
    try:
        return int(pq.read_metadata(str(path)).num_rows)
    except _ERRORS as error:
        raise _damaged(name, error) from None


def batches(path: Path, name: str, wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The wanted columns, 50,000 rows at a time."""
    try:
        with pq.ParquetFile(str(path)) as file:
            yield from file.iter_batches(batch_size=ROWS, columns=list(wanted))
    except _ERRORS as error:
        raise _damaged(name, error) from None


def _damaged(name: str, error: BaseException) -> DataError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is cut off or damaged"
    return DataError(
        f"The Parquet file cannot be read: {reason}",
        where=name,
        remedy="Deliver it again, under another name until it is whole",
    )
