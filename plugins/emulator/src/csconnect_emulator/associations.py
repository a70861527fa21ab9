"""Links between records, kept in both directions so that either side is found by an index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

CHUNK = 5_000


class Link(NamedTuple):
    """One association; ``label`` is whatever the dialect tells kinds of links apart by."""

    from_object: str
    from_id: str
    to_object: str
    to_id: str
    label: str = ""

    def turned(self) -> Link:
        return Link(self.to_object, self.to_id, self.from_object, self.from_id, self.label)


class Associations:
    """The store's table of links. Writes go through the store's transactions."""

    def __init__(self, db: sqlite3.Connection, transaction: Callable[[], AbstractContextManager[None]]) -> None:
        self._db = db
        self._transaction = transaction
        db.execute(
            "CREATE TABLE IF NOT EXISTS links (system TEXT, from_object TEXT, from_id TEXT, to_object TEXT, to_id TEXT,"
            " label TEXT, PRIMARY KEY (system, from_object, from_id, to_object, to_id, label)) WITHOUT ROWID"
        )

    def add(self, system: str, links: Iterable[Link | Sequence[str]]) -> None:
        """Make links; one that exists stays as it is. Also the bulk load: any number in one transaction."""
        with self._transaction():
            self._db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?, ?, ?)", _both(system, links))

    def remove(self, system: str, links: Iterable[Link | Sequence[str]], *, any_label: bool = False) -> None:
        """Undo links; with ``any_label`` whatever their labels."""
        sql = "DELETE FROM links WHERE system=? AND from_object=? AND from_id=? AND to_object=? AND to_id=?"
        rows = _both(system, links)
        with self._transaction():
            if any_label:
                self._db.executemany(sql, (row[:5] for row in rows))
            else:
                self._db.executemany(f"{sql} AND label=?", rows)

    def of(self, system: str, from_object: str, ids: Iterable[str], to_object: str) -> dict[str, list[tuple[str, str]]]:
        """Per id that has any: the (other id, label) pairs, in the order of the other ids as text."""
        wanted, out = list(dict.fromkeys(ids)), dict[str, list[tuple[str, str]]]()
        sql = (
            "SELECT from_id, to_id, label FROM links WHERE system = ? AND from_object = ? AND to_object = ?"
            " AND from_id IN (SELECT value FROM json_each(?)) ORDER BY from_id, to_id"
        )
        with self._transaction():
            for start in range(0, len(wanted), CHUNK):
                part = json.dumps(wanted[start : start + CHUNK])
                for from_id, to_id, label in self._db.execute(sql, [system, from_object, to_object, part]):
                    out.setdefault(from_id, []).append((to_id, label))
        return out

    def move(self, system: str, object: str, loser: str, winner: str) -> None:
        """Hang everything that was linked to ``loser`` on ``winner``, after a merge."""
        sql = "SELECT from_object, from_id, to_object, to_id, label FROM links WHERE system=? AND from_object=? AND from_id=?"
        with self._transaction():
            found = [Link(*row) for row in self._db.execute(sql, [system, object, loser])]
            self.remove(system, found)
            self.add(system, [link._replace(from_id=winner) for link in found])


def _both(system: str, links: Iterable[Link | Sequence[str]]) -> Iterable[tuple[str, ...]]:
    for raw in links:
        link = Link(*raw)
        yield (system, *link)
        yield (system, *link.turned())
