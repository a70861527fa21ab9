"""The syntax tree of a SOQL statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Path:
    """A field path as written, and the column (from 1) where it starts."""

    parts: tuple[str, ...]
    column: int = 0
    row: int = 1

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Call:
    """A function in SELECT, HAVING or ORDER BY; ``path`` is None in ``COUNT()``."""

    name: str
    path: Path | None
    alias: str = ""
    column: int = 0


@dataclass(frozen=True)
class Literal:
    """A value. ``kind``: string, number, boolean, null, date, datetime or span (a named span of days such as ``TODAY``)."""

    kind: str
    value: Any
    count: int | None = None
    """The n of ``LAST_N_DAYS:n``."""


@dataclass(frozen=True)
class Compare:
    """One comparison; ``values`` holds one literal, several for IN, NOT IN, INCLUDES and EXCLUDES, or a subquery."""

    left: Path | Call
    operator: str
    values: tuple[Literal, ...] | Query


@dataclass(frozen=True)
class Logic:
    """AND, OR or NOT over conditions."""

    operator: str
    parts: tuple[Logic | Compare, ...]


Condition = Logic | Compare


@dataclass(frozen=True)
class Order:
    """One term of ORDER BY. Nulls come first unless it says otherwise, whatever the direction."""

    by: Path | Call
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A statement, or a subquery of one."""

    select: tuple[Path | Call | Query, ...]
    source: Path
    alias: str = ""
    where: Condition | None = None
    group: tuple[Path, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
