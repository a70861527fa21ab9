"""Dated conversion into one currency. A rate holds from its day until the next one of its pair, but no longer than ``max_age_days``:
after that there is a hole, and what falls into it is listed, never converted at an old rate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def make_exchange(facts: duckdb.DuckDBPyConnection, target: str, *, max_age_days: int = 45) -> None:
    """Make the temporary table ``exchange``: source, target, from_day, until_day, rate (DOUBLE), a row an interval
    ``[from_day, until_day)``; the intervals of a source never overlap. On a day a direct rate beats an inverse one, and that a rate
    by way of a third currency. ``target`` itself is always 1."""
    raise NotImplementedError


def holes(facts: duckdb.DuckDBPyConnection, target: str, days: Iterable[date]) -> pa.Table:
    """Currencies of ``sold_line`` that cannot be converted on one of ``days``, after `make_exchange`: currency, day, lines (that
    count on the day). Ordered by currency and day."""
    raise NotImplementedError
