"""What a signal reads: the columns of each entity, through the roll-ups it is made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from csconnect.compute.query import Query
from csconnect.compute.rollup import Rollup
from csconnect.compute.signal import Signal
from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of


@dataclass(frozen=True)
class Reads:
    """One entity that a signal reads. ``window`` is the days before the day of scoring that it looks at; None: it looks at all."""

    entity: str
    fields: tuple[str, ...]
    window: int | None


def reads(signal: Signal) -> list[Reads]:
    """The entities a signal reads, their fields in the model's order.

    A window of its own bounds what it reads through roll-ups too; without one the widest window of those roll-ups does.
    """
    own = signal.header.window if _windowed(signal.query) else None
    files = [(signal.query, own), *((each.query, own or _window_of(each)) for each in signal.rollups)]
    columns: dict[str, set[str]] = {}
    windows: dict[str, list[int | None]] = {}
    for query, window in files:
        for entity, found in columns_read(query).items():
            if entity in ENTITIES:
                columns.setdefault(entity, set()).update(found)
                windows.setdefault(entity, []).append(window)
    return [
        Reads(entity, tuple(name for name in fields_of(ENTITIES[entity]) if name in found), _widest(windows[entity]))
        for entity, found in sorted(columns.items())
    ]


def columns_read(query: Query) -> Mapping[str, set[str]]:
    """Table -> the columns that a resolved query reads from it; a table of which it only counts rows has none."""
    found: dict[str, set[str]] = {table: set() for table in query.reads}
    for table, column in _columns(query.tree):
        found.setdefault(table, set()).add(column)
    return found


def _columns(tree: exp.Expr) -> Iterator[tuple[str, str]]:
    for scope in traverse_scope(tree):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                yield source.name, column.name


def _windowed(query: Query) -> bool:
    return any(each.name == "window" for each in query.tree.find_all(exp.Placeholder))


def _window_of(rollup: Rollup) -> int | None:
    return rollup.header.window if _windowed(rollup.query) else None


def _widest(windows: list[int | None]) -> int | None:
    known = [window for window in windows if window is not None]
    return max(known) if len(known) == len(windows) else None
