"""Facts for computations: canonical tables in an in-memory DuckDB, filled from plain rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from csconnect.library.load import Library, load_library
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect.model.fields import fields_of

Rows = dict[str, list[dict[str, Any]]]


@cache
def _shapes() -> dict[str, tuple[pa.Schema, dict[str, Any]]]:
    """Canonical table -> its columns, none of them required, and what a row has where it says nothing."""
    shapes = {}
    for name, entity in ENTITIES.items():
        schema = pa.schema([field.with_nullable(True) for field in arrow_schema(entity)])
        defaults = {spec.name: (None if spec.required else spec.default) for spec in fields_of(entity).values()}
        shapes[name] = (schema, defaults)
    delivery = pa.schema([("account_id", pa.string()), ("entity", pa.string()), ("through", pa.date32())])
    return shapes | {"delivery": (delivery, {"through": None})}


def _blank() -> duckdb.DuckDBPyConnection:
    """A database with every canonical table, empty."""
    connection = duckdb.connect()
    for name, (schema, _) in _shapes().items():
        connection.register("incoming", schema.empty_table())
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
        connection.unregister("incoming")
    return connection


def fill(connection: duckdb.DuckDBPyConnection, rows: Rows) -> None:
    """Put ``rows`` in the canonical tables; fields that a row leaves out take the entity's default."""
    for name, given in rows.items():
        schema, defaults = _shapes()[name]
        table = pa.Table.from_pylist([{**defaults, **row} for row in given], schema=schema)
        connection.register("incoming", table)
        connection.execute(f'INSERT INTO "{name}" SELECT * FROM incoming')
        connection.unregister("incoming")


class Blanks:
    """Empty databases, lent to tests. One that comes back as it was lent, but for its rows, is emptied and lent again: making one
    takes longer than most tests."""

    def __init__(self) -> None:
        self.free: list[duckdb.DuckDBPyConnection] = []
        self.empty = "; ".join(f'DELETE FROM "{name}"' for name in _shapes())
        first = _blank()
        self.looks = self._look(first)
        self.free.append(first)

    def take(self) -> duckdb.DuckDBPyConnection:
        return self.free.pop() if self.free else _blank()

    def give_back(self, database: duckdb.DuckDBPyConnection) -> None:
        if len(self.free) < 4 and self._look(database) == self.looks:
            database.execute(self.empty)
            self.free.append(database)
        else:
            database.close()

    def _look(self, database: duckdb.DuckDBPyConnection) -> list[Any]:
        tables = "SELECT schema_name, table_name, sql FROM duckdb_tables()"
        views = "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal"
        schemas = "SELECT schema_name, '', '' FROM duckdb_schemas() WHERE NOT internal"
        return database.execute(f"{tables} UNION ALL {views} UNION ALL {schemas} ORDER BY ALL").fetchall()


@pytest.fixture(scope="session")
def blanks() -> Iterator[Blanks]:
    made = Blanks()
    yield made
    for database in made.free:
        database.close()


class Facts:
    """``facts(rows)``: a connection to canonical tables with ``rows``; what is made in it goes with the test, or when it is `done`."""

    def __init__(self, blanks: Blanks) -> None:
        self.blanks = blanks
        self.lent: dict[int, tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyConnection]] = {}

    def __call__(self, rows: Rows) -> duckdb.DuckDBPyConnection:
        database = self.blanks.take()
        connection = database.cursor()  # its temporary tables and settings go when it is closed
        self.lent[id(connection)] = (database, connection)
        fill(connection, rows)
        return connection

    def done(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Nobody will ask ``connection`` again."""
        database, _ = self.lent.pop(id(connection))
        connection.close()
        self.blanks.give_back(database)


@pytest.fixture
def facts(blanks: Blanks) -> Iterator[Facts]:
    made = Facts(blanks)
    yield made
    for _, connection in [*made.lent.values()]:
        made.done(connection)


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()
