"""A query never asks who delivers what: an entity that nobody delivers has the same tables as one with a record, without rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from csconnect.lake.schema import ATTRIBUTES


def columns_of(feed):
    with feed.lake.snapshot(until=date(2026, 6, 1), homes=("sf",), match={}) as snapshot:
        return snapshot.connection.sql(
            "SELECT schema_name, table_name, column_index, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        ).fetchall()


def test_an_entity_nobody_delivers_has_its_tables_too(feed_of, tmp_path: Path) -> None:
    bare, full = feed_of(tmp_path / "bare"), feed_of(tmp_path / "full")
    bare.run(("rows", "sf", "account", [{"id": "sf:1"}]))
    full.run(*(("rows", "sf", entity, [{"id": "sf:1"}]) for entity in ATTRIBUTES))
    assert columns_of(bare) == columns_of(full)
    told = {table for _, table, *_ in columns_of(bare)}
    assert told >= set(ATTRIBUTES)
