"""Dimensions: by what rates are told apart. Values are those of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

DIMENSIONS = ("segment", "industry", "region", "country", "csm", "product_line", "start_month")
"""``segment`` is the book's tier. ``product_line`` is of the line, the others of the account."""
UNKNOWN = "unknown"
"""The value of an account that has none, so that the cells of a dimension add up to all."""


def make_dimension(facts: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Make the temporary table ``dimension``: account_id, name, value; ``('all', 'all')`` for every customer and one row for each of
    ``names`` but ``product_line``, which lines have. `ConfigError` for a name that is none of `DIMENSIONS`; ``tier`` is ``segment``."""
    raise NotImplementedError
