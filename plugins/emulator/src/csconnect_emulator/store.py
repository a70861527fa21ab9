"""Everything the emulated systems remember, in one SQLite file: schemas, records, associations, settings.

Both dialects stand on this class; it knows nothing of either API. One table per (system, object):
``id TEXT PRIMARY KEY, data TEXT (JSON of the fields that have a value), modified, created INTEGER (microseconds UTC),
deleted INTEGER, seq INTEGER``. `RecordStore.column` gives the SQL expression of a field, spelt as the indexes spell it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csconnect_emulator.associations import Associations
from csconnect_emulator.catalogue import Catalogue, column, quoted
from csconnect_emulator.clock import Clock
from csconnect_emulator.fields import FieldDef, plain, split
from csconnect_emulator.ids import RUNTIME_BASE

__all__ = ["FieldDef", "Record", "RecordStore"]

CHUNK = 5_000


@dataclass(frozen=True)
class Record:
    """A stored record. ``data`` holds only fields that have a value; stamps are microseconds UTC."""

    id: str
    data: dict[str, Any]
    modified: int
    created: int
    deleted: bool
    seq: int


class RecordStore:
    """Records of several systems. Safe to use from several threads; every write is one transaction unless it is inside
    `transaction`, which nests."""

    def __init__(
        self, path: Path | str = ":memory:", clock: Clock | None = None, *, image: bytes | None = None
    ) -> None:
        self.clock = clock or Clock()
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(str(path), check_same_thread=False, isolation_level=None, cached_statements=512)
        if image is not None:
            self._db.deserialize(image)
        # A killed process loses nothing without fsync, only a killed machine does; this is an emulator.
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-131072"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self._catalogue = Catalogue(self._db)
        self.associations = Associations(self._db, self.transaction)

    def image(self) -> bytes:
        """The whole store as bytes, from which another one in memory can be made in a moment."""
        with self._lock:
            return self._db.serialize()

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def exclusive(self) -> AbstractContextManager[Any]:
        """Keep other threads out for a while. Caches over the store use this instead of locks of their own: two locks
        taken in different orders would block one another for ever."""
        return self._lock

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: an exception undoes what was written inside, and nothing else."""
        with self._lock:
            name = f"level{self._depth}"
            self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._db.execute(f"ROLLBACK TO {name}" if self._depth else "ROLLBACK")
                if self._depth:
                    self._db.execute(f"RELEASE {name}")
                self._catalogue.forget()
                raise
            self._depth -= 1
            self._db.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    # schema

    def define(self, system: str, object: str, fields: Mapping[str, FieldDef]) -> None:
        """Make an object with its fields; an object that exists keeps its fields and gains those it lacks."""
        with self.transaction():
            self._catalogue.define(system, object, fields)

    def add_field(self, system: str, object: str, field: FieldDef) -> None:
        """Add or replace one field."""
        with self.transaction():
            self._catalogue.add_field(system, object, field)

    def drop_field(self, system: str, object: str, name: str) -> None:
        """Forget a field; values that records hold stay unseen."""
        with self.transaction():
            self._catalogue.drop_field(system, object, name)

    def fields(self, system: str, object: str) -> Mapping[str, FieldDef]:
        """The fields of an object, in the order of definition; `KeyError` when there is no such object."""
        with self._lock:
            return self._catalogue.fields(system, object)

    def objects(self, system: str) -> list[str]:
        with self._lock:
            return self._catalogue.objects(system)

    @staticmethod
    def column(field: str, alias: str = "") -> str:
        """The SQL expression of a field's value (text, number, 1/0 for booleans, NULL for none)."""
        return column(field, alias)

    @staticmethod
    def table(system: str, object: str) -> str:
        """The quoted name of an object's table, for `rows`."""
        return quoted(system, object)

    # reading

    def rows(self, sql: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to any SELECT; dialects build theirs with `table` and `column`."""
        with self._lock:
            return self._db.execute(sql, params).fetchall()

    def query(
        self,
        system: str,
        object: str,
        where: str = "1",
        params: Sequence[Any] = (),
        *,
        order: str = "seq",
        limit: int | None = None,
        offset: int = 0,
        include_deleted: bool = False,
    ) -> list[Record]:
        """Records of an object under an SQL condition over ``id``, ``modified``, ``created``, ``seq`` and `column`."""
        alive = "" if include_deleted else "deleted = 0 AND "
        sql = f"SELECT id, data, modified, created, deleted, seq FROM {quoted(system, object)} WHERE {alive}({where}) ORDER BY {order}"  # noqa: S608
        found = self.rows(f"{sql} LIMIT ? OFFSET ?", [*params, -1 if limit is None else limit, offset])
        return [Record(i, json.loads(d), m, c, bool(x), s) for i, d, m, c, x, s in found]

    def get(self, system: str, object: str, id: str, include_deleted: bool = False) -> Record | None:
        found = self.query(system, object, "id = ?", [id], include_deleted=include_deleted)
        return found[0] if found else None

    def get_many(
        self, system: str, object: str, ids: Iterable[str], include_deleted: bool = False
    ) -> dict[str, Record]:
        """The records that exist of those asked for, by id."""
        wanted, out = list(dict.fromkeys(ids)), {}
        for start in range(0, len(wanted), CHUNK):
            part = json.dumps(wanted[start : start + CHUNK])
            where = "id IN (SELECT value FROM json_each(?))"
            found = self.query(system, object, where, [part], include_deleted=include_deleted)
            out.update({record.id: record for record in found})
        return out

    def count(self, system: str, object: str, where: str = "1", params: Sequence[Any] = ()) -> int:
        sql = f"SELECT count(*) FROM {quoted(system, object)} WHERE deleted = 0 AND ({where})"  # noqa: S608
        return int(self.rows(sql, params)[0][0])

    # writing

    def load(self, system: str, object: str, rows: Iterable[Mapping[str, Any]]) -> int:
        """Insert many rows fast, stamps and deleted mark as the rows give them; returns how many.

        A row whose id is there already takes its place.
        """
        table, total, start = quoted(system, object), 0, self.clock.tick()
        with self.transaction():
            empty = not self.rows(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608
            if empty:
                self._catalogue.unindex(system, object)
            sql = f"INSERT OR REPLACE INTO {table} (id, data, modified, created, deleted) VALUES (?, ?, ?, ?, ?)"  # noqa: S608

            def values() -> Iterator[tuple[Any, ...]]:
                nonlocal total
                for row in rows:
                    part, total = split(system, row), total + 1
                    modified = part.modified or part.created or start
                    yield part.id, _dump(part.data), modified, part.created or modified, int(part.deleted)

            self._db.executemany(sql, values())
            if empty:
                self._catalogue.index(system, object)
        return total

    def next_number(self, system: str, object: str) -> int:
        """A number for a new record's id, never given twice and never used by generated rows."""
        key = f"number:{system}:{object}"
        with self.transaction():
            number = int(self.get_meta(key, RUNTIME_BASE)) + 1
            self.set_meta(key, number)
            return number

    def insert(self, system: str, object: str, id: str, values: Mapping[str, Any]) -> Record:
        """Make a record now; `sqlite3.IntegrityError` when the id is taken."""
        at = self.clock.tick()
        data = {k: v for k, v in values.items() if v is not None}
        sql = f"INSERT INTO {quoted(system, object)} (id, data, modified, created, deleted) VALUES (?, ?, ?, ?, 0)"  # noqa: S608
        with self.transaction():
            seq = self._db.execute(sql, [id, _dump(data), at, at]).lastrowid or 0
        return Record(id, data, at, at, False, seq)

    def update(self, system: str, object: str, id: str, values: Mapping[str, Any], *, touch: bool = True) -> Record:
        """Merge values into a record (null clears); `KeyError` when it does not exist. ``touch`` moves its stamp."""
        with self.transaction():
            old = self.get(system, object, id, include_deleted=True)
            if old is None:
                raise KeyError(id)
            data = {k: v for k, v in {**old.data, **values}.items() if v is not None}
            at = self.clock.tick() if touch else old.modified
            sql = f"UPDATE {quoted(system, object)} SET data = ?, modified = ? WHERE id = ?"  # noqa: S608
            self._db.execute(sql, [_dump(data), at, id])
        return Record(id, data, at, old.created, old.deleted, old.seq)

    def delete(self, system: str, object: str, id: str) -> bool:
        """Mark a record deleted; False when there is none alive. Its fields stay for tombstone reads."""
        sql = f"UPDATE {quoted(system, object)} SET deleted = 1, modified = ? WHERE id = ? AND deleted = 0"  # noqa: S608
        with self.transaction():
            return self._db.execute(sql, [self.clock.tick(), id]).rowcount > 0

    def restore(self, system: str, object: str, id: str) -> bool:
        """Take a deleted record out of the bin; False when it is not in there."""
        sql = f"UPDATE {quoted(system, object)} SET deleted = 0, modified = ? WHERE id = ? AND deleted = 1"  # noqa: S608
        with self.transaction():
            return self._db.execute(sql, [self.clock.tick(), id]).rowcount > 0

    def merge(self, system: str, object: str, loser: str, winner: str, marks: Mapping[str, Any] | None = None) -> None:
        """Delete ``loser`` in favour of ``winner``. ``marks`` are values left on the loser (``MasterRecordId``);
        moving children and marking the winner is the dialect's."""
        with self.transaction():
            self.update(system, object, loser, dict(marks or {}))
            self.delete(system, object, loser)
            self.update(system, object, winner, {})

    # settings

    def get_meta(self, key: str, default: Any = None) -> Any:
        """A stored setting (any JSON value)."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", [key])
        return json.loads(found[0][0]) if found else default

    def set_meta(self, key: str, value: Any) -> None:
        with self.transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, json.dumps(value, ensure_ascii=False)])


def _dump(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=plain)
