"""The store's schemas: which objects there are, their fields, their tables and the indexes that spare scans."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping

from csconnect_emulator.fields import FieldDef

_NAME = re.compile(r"^\w+$")


def quoted(system: str, object: str) -> str:
    """The quoted table of an object."""
    if not (_NAME.match(system) and _NAME.match(object)):
        raise KeyError(f"{system} {object}")
    return f'"{system}:{object}"'


def column(field: str, alias: str = "") -> str:
    """The SQL expression of a field; indexes use the same expression, which is how SQLite recognises them."""
    if not _NAME.match(field):
        raise KeyError(field)
    return f"json_extract({alias + '.' if alias else ''}data, '$.{field}')"


class Catalogue:
    """Schemas in the database, with a copy in memory. Not locked: the store is."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._seen: dict[tuple[str, str], dict[str, FieldDef]] = {}
        db.execute("CREATE TABLE IF NOT EXISTS objects (system TEXT, object TEXT, PRIMARY KEY (system, object))")
        db.execute(
            "CREATE TABLE IF NOT EXISTS fields (system TEXT, object TEXT, name TEXT, def TEXT NOT NULL,"
            " PRIMARY KEY (system, object, name))"
        )

    def forget(self) -> None:
        """Drop the copy in memory, after a rollback."""
        self._seen.clear()

    def objects(self, system: str) -> list[str]:
        return [
            row[0] for row in self._db.execute("SELECT object FROM objects WHERE system = ? ORDER BY rowid", [system])
        ]

    def fields(self, system: str, object: str) -> dict[str, FieldDef]:
        key = (system, object)
        if key not in self._seen:
            if not self._db.execute("SELECT 1 FROM objects WHERE system = ? AND object = ?", key).fetchone():
                raise KeyError(f"{system} {object}")
            found = self._db.execute("SELECT def FROM fields WHERE system = ? AND object = ? ORDER BY rowid", key)
            self._seen[key] = {field.name: field for field in map(FieldDef.read, (row[0] for row in found))}
        return self._seen[key]

    def define(self, system: str, object: str, fields: Mapping[str, FieldDef]) -> None:
        table = quoted(system, object)
        if not self._db.execute("SELECT 1 FROM objects WHERE system = ? AND object = ?", (system, object)).fetchone():
            self._db.execute("INSERT INTO objects VALUES (?, ?)", (system, object))
            self._db.execute(
                f"CREATE TABLE {table} (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data TEXT NOT NULL,"
                " modified INTEGER NOT NULL, created INTEGER NOT NULL, deleted INTEGER NOT NULL)"
            )
        known = self.fields(system, object)
        for name in [name for name in fields if name not in known]:
            self._write(system, object, fields[name])
        self.index(system, object)

    def add_field(self, system: str, object: str, field: FieldDef) -> None:
        self.fields(system, object)
        self._write(system, object, field)
        self.index(system, object)

    def drop_field(self, system: str, object: str, name: str) -> None:
        self._db.execute("DELETE FROM fields WHERE system = ? AND object = ? AND name = ?", [system, object, name])
        self._seen.pop((system, object), None)

    def index(self, system: str, object: str) -> None:
        """Make every index that the object's fields ask for and that is not there."""
        table = quoted(system, object)
        self._db.execute(f'CREATE INDEX IF NOT EXISTS "{system}:{object}:modified" ON {table} (modified)')
        for field in self.fields(system, object).values():
            if field.indexed:
                # Keys are compared without regard to case by both vendors; references are ids, which are exact.
                order = "" if field.type == "reference" else " COLLATE NOCASE"
                name = f'"{system}:{object}:{field.name}"'
                self._db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column(field.name)}{order})")

    def unindex(self, system: str, object: str) -> None:
        """Drop the object's indexes: building them once after a bulk load is several times faster."""
        prefix = f"{system}:{object}:"
        names = self._db.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall()
        for (name,) in names:
            if name.startswith(prefix):
                self._db.execute(f'DROP INDEX "{name}"')

    def _write(self, system: str, object: str, field: FieldDef) -> None:
        column(field.name)
        sql = (
            "INSERT INTO fields VALUES (?, ?, ?, ?) ON CONFLICT (system, object, name) DO UPDATE SET def = excluded.def"
        )
        self._db.execute(sql, (system, object, field.name, field.dump()))
        self._seen.pop((system, object), None)
