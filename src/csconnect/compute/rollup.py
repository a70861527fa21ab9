"""A roll-up: a table that several signals read, built once a scoring.

Reading usage is what scoring costs, so no signal groups millions of rows for itself: a roll-up does it once, for all of them. It is
a file like a signal's, ``rollups/<name>.sql``, whose header names the columns it gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from csconnect.compute.query import Query, Tables, parse_query, start_of
from csconnect.errors import CardError


class RollupHeader(BaseModel):
    """``columns``: name -> SQL type, in the order in which the query gives them; ``window`` days, ``:window`` in the query;
    ``entities`` it is made from."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    about: str
    columns: dict[str, str]
    window: Annotated[int, Field(ge=1, le=1100)] = 365
    entities: list[str]


@dataclass(frozen=True)
class Rollup:
    """A loaded roll-up and the roll-ups that it reads itself."""

    name: str
    header: RollupHeader
    query: Query
    text: str
    rollups: tuple[Rollup, ...] = ()

    def sql(self, as_of: date, dialect: str = "duckdb", *, grace_days: int) -> str:
        """The query for one day."""
        return self.query.sql(as_of, {"window": self.header.window, "grace": grace_days}, dialect)


def parse_rollup(name: str, text: str, where: str, tables: Tables, known: dict[str, Rollup]) -> Rollup:
    """Parse one roll-up, which may read ``tables`` and the roll-ups ``known`` before it; `CardError` says where it does not hold."""
    header, query = parse_query(text, where, RollupHeader, {**tables, **columns_of(known)})
    if query.columns != [column.lower() for column in header.columns]:
        raise CardError(
            f"the query gives {', '.join(query.columns)}",
            where=start_of(text, where),
            remedy="Name the same in columns:",
        )
    return Rollup(name, header, query, text, needed(query, known))


def columns_of(rollups: dict[str, Rollup]) -> dict[str, dict[str, str]]:
    """The tables that ``rollups`` make, as `csconnect.compute.query` wants to know them."""
    return {name: rollup.header.columns for name, rollup in rollups.items()}


def needed(query: Query, known: dict[str, Rollup]) -> tuple[Rollup, ...]:
    """The roll-ups that ``query`` reads, those that these read before them."""
    found: dict[str, Rollup] = {}
    for name in sorted(query.reads & known.keys()):
        for rollup in (*known[name].rollups, known[name]):
            found[rollup.name] = rollup
    return tuple(found.values())
