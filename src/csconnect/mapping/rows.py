"""One view of a page, whether it holds dicts or a record batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from csconnect.mapping.columnar import plain
from csconnect.model.values.page import Page


class Rows:
    """The rows of a page by source path. A path that the page does not have reads as null everywhere."""

    def __init__(self, page: Page) -> None:
        self._batch = page.rows if isinstance(page.rows, pa.RecordBatch) else None
        self._dicts: Sequence[dict[str, Any]] = () if self._batch is not None else page.rows
        self._lists: dict[str, list[Any]] = {}
        self._arrays: dict[str, pa.Array] = {}

    def __len__(self) -> int:
        return len(self._dicts) if self._batch is None else int(self._batch.num_rows)

    @property
    def names(self) -> frozenset[str] | None:
        """The columns of a record batch; None for dicts, whose keys prove nothing."""
        return None if self._batch is None else frozenset(self._batch.schema.names)

    def array(self, path: str) -> pa.Array | None:
        """The column in one of few types, or None where the page holds dicts or has no such column."""
        if self._batch is None or path not in self._batch.schema.names:
            return None
        if path not in self._arrays:
            self._arrays[path] = plain(self._batch.column(path))
        return self._arrays[path]

    def values(self, path: str, at: pa.Array | None = None) -> list[Any]:
        """Plain values of a column, of all rows or of those ``at`` these indices."""
        if self._batch is None:
            if path not in self._lists:
                self._lists[path] = [row.get(path) for row in self._dicts]
            every = self._lists[path]
            return every if at is None else [every[index] for index in at.to_pylist()]
        column = self.array(path)
        if column is None:
            return [None] * (len(self) if at is None else len(at))
        return _plain_values(column if at is None else column.take(at))


def _plain_values(column: pa.Array) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
        return values
    except (ValueError, OverflowError):
        return [_plain_value(item) for item in column]


def _plain_value(item: pa.Scalar) -> Any:
    try:
        return item.as_py()
    except (ValueError, OverflowError):
        # A date that Python has no word for: something that fits no kind, so that its row alone is set aside.
        return item
