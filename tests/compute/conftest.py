"""Facts for computations: canonical tables in an in-memory DuckDB, filled from plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from csconnect.library.load import Library, load_library
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect.model.fields import fields_of

Rows = dict[str, list[dict[str, Any]]]


def build_facts(rows: Rows) -> duckdb.DuckDBPyConnection:
    """A connection with every canonical table; fields that a row leaves out take the entity's default."""
    connection = duckdb.connect()
    for name, entity in ENTITIES.items():
        schema = arrow_schema(entity)
        defaults = {spec.name: (None if spec.required else spec.default) for spec in fields_of(entity).values()}
        full = [{**defaults, **row} for row in rows.get(name, [])]
        connection.register(
            "incoming", pa.Table.from_pylist(full, schema=pa.schema([f.with_nullable(True) for f in schema]))
        )
        connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')
        connection.unregister("incoming")
    connection.execute("CREATE TABLE delivery (account_id VARCHAR, entity VARCHAR, through DATE)")
    for row in rows.get("delivery", []):
        connection.execute(
            "INSERT INTO delivery VALUES (?, ?, ?)", [row["account_id"], row["entity"], row.get("through")]
        )
    return connection


@pytest.fixture
def facts() -> Iterator[Callable[[Rows], duckdb.DuckDBPyConnection]]:
    made: list[duckdb.DuckDBPyConnection] = []

    def make(rows: Rows) -> duckdb.DuckDBPyConnection:
        made.append(build_facts(rows))
        return made[-1]

    yield make
    for connection in made:
        connection.close()


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()
