"""A lake fed from plain rows, and everything computed from a snapshot of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from csconnect.compute.result import Computed, compute
from csconnect.lake import Lake
from csconnect.library.load import Library, load_library
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect.model.fields import fields_of


class Feed:
    """Deliver rows of one connection ``sf``, one run a call; ids stand with their prefix."""

    def __init__(self, root: Path, threads: int | None = None) -> None:
        self.lake = Lake(root, threads=threads)
        self.count = 0

    def deliver(self, on: date, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.count += 1
        with self.lake.begin(f"r{self.count}", datetime.combine(on, time(23), UTC)) as run:
            for entity, each in rows.items():
                run.append("sf", entity, batch(entity, each), entity, "d")
            run.publish()

    def compute(self, library: Library, as_of: date, known: datetime | None = None) -> Computed:
        with self.lake.snapshot(until=as_of, known=known, homes=["sf"], match={}) as snapshot:
            return compute(snapshot.connection, library.card("weekly_health"), library.signals, as_of)


def batch(entity: str, rows: list[dict[str, Any]]) -> pa.RecordBatch:
    """Rows with the entity's defaults filled in, and the two columns that mappings add."""
    schema = arrow_schema(ENTITIES[entity])
    defaults = {spec.name: None if spec.required else spec.default for spec in fields_of(ENTITIES[entity]).values()}
    full = [{**defaults, **row, "_owned": None, "_version": None} for row in rows]
    wide = pa.schema([*schema, pa.field("_owned", pa.string()), pa.field("_version", pa.string())])
    return pa.RecordBatch.from_pylist(full, schema=wide)


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(tmp_path / "lake")


@pytest.fixture
def make_feed() -> type[Feed]:
    return Feed
