"""Dimensions: by what rates are told apart. Values are those of today."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csconnect.errors import ConfigError

if TYPE_CHECKING:
    import duckdb

DIMENSIONS = ("segment", "industry", "region", "country", "csm", "product_line", "start_month")
"""``segment`` is the book's tier. ``product_line`` is of the line, the others of the account."""
UNKNOWN = "unknown"
"""The value of an account that has none, so that the cells of a dimension add up to all."""


ALIASES = {"tier": "segment"}

_VALUES = {
    "segment": "account.segment",
    "industry": "account.industry",
    "region": "account.region",
    "country": "account.country",
    "csm": "account.owner_id",
    "start_month": "began.month",
}


def known_dimensions(names: Sequence[str]) -> list[str]:
    """``names`` as they stand in `DIMENSIONS`, each once, in their order; `ConfigError` for one that is not there."""
    found = dict.fromkeys(ALIASES.get(name, name) for name in names)
    for name in found:
        if name not in DIMENSIONS:
            raise ConfigError(f"no dimension {name!r}", remedy=f"Known: {', '.join(DIMENSIONS)}")
    return list(found)


def make_dimension(facts: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Make the temporary table ``dimension`` after `csconnect.compute.sold.make_sold`: account_id, name, value; ``('all', 'all')`` for
    every customer and one row for each of ``names`` but ``product_line``, which lines have. `ConfigError` for a name that is none
    of `DIMENSIONS`; ``tier`` is ``segment``.

    ``csm`` is the owner's id. ``start_month`` (YYYY-MM) is that of the first line that was ever sold to the account.
    """
    wanted = [name for name in known_dimensions(names) if name in _VALUES]
    parts = [_ONE.format(name=name, value=_VALUES[name]) for name in wanted]
    facts.execute(_DIMENSION + "".join(parts))


_DIMENSION = """
CREATE OR REPLACE TEMP TABLE dimension AS
WITH began AS (
    SELECT account_id, substr(CAST(min(start) AS VARCHAR), 1, 7) AS month FROM sold_line
    WHERE counts GROUP BY account_id
)
SELECT account.id AS account_id, 'all' AS name, 'all' AS value FROM account WHERE account.is_customer
"""

_ONE = """UNION ALL
SELECT account.id, '{name}', coalesce({value}, 'unknown') FROM account LEFT JOIN began ON began.account_id = account.id
WHERE account.is_customer
"""
