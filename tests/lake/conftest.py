"""A small hand for feeding a lake: rows as dicts, runs as lists of steps, views as sorted plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from csconnect.lake import Lake, LakeRun, Manifest
from csconnect.lake.schema import delivery_schema
from csconnect.model.values import Tombstone

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
HOMES = ("sf", "hs")
MATCH = {"usage": "id"}


class Feed:
    """Runs number 1, 2, ... one day apart; each step is a tuple whose first word says what it does."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.runs = 0

    def moment(self, number: int) -> datetime:
        return START + timedelta(days=number)

    def run(self, *steps: tuple[Any, ...]) -> Manifest:
        with self.begin(*steps) as run:
            return run.publish()

    def begin(self, *steps: tuple[Any, ...]) -> LakeRun:
        self.runs += 1
        run = self.lake.begin(f"r{self.runs}", self.moment(self.runs))
        for step in steps:
            self.step(run, *step)
        return run

    def step(self, run: LakeRun, what: str, connection: str, *rest: Any) -> None:
        if what == "rows":
            entity, rows = rest
            run.append(connection, entity, batch(entity, rows), f"{connection}-{entity}", "digest")
        elif what == "gone":
            entity, stones = rest
            run.tombstones(connection, entity, [Tombstone(old, merged_into=to) for old, to in stones])
        elif what == "reject":
            entity, ids = rest
            run.reject(connection, [reject(entity, bare) for bare in ids])
        elif what == "complete":
            run.complete(connection, rest[0])
        elif what == "cursor":
            run.cursor(connection, *rest)
        else:
            run.pulled(connection, rest[0], f"{connection}-{rest[0]}", "digest")

    def view(self, *tables: str, until: date = date(2030, 1, 1), known: datetime | None = None) -> Any:
        """Plain sorted rows by table."""
        with self.lake.snapshot(until=until, known=known, homes=HOMES, match=MATCH, horizon_days=4000) as snapshot:
            return {table: plain(snapshot.table(table)) for table in tables}


def batch(entity: str, rows: Iterable[dict[str, Any]]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), schema=delivery_schema(entity))


def reject(entity: str, bare: str) -> SimpleNamespace:
    return SimpleNamespace(entity=entity, source_id=bare, field="name", value_class="null", reason="is required")


def plain(table: pa.Table) -> list[dict[str, Any]]:
    """Rows without empty columns, in an order of their own."""
    rows = [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]
    return sorted(rows, key=lambda row: sorted((name, str(value)) for name, value in row.items()))


def usage(account: str, day: date, user: str = "u", modules: Sequence[str] = (), logins: int = 1) -> dict[str, Any]:
    return {"account_id": account, "user": user, "day": day, "modules": list(modules), "logins": logins, "events": 0}


@pytest.fixture(scope="session")
def feed_of() -> Callable[[Path], Feed]:
    """A feed into a fresh lake in the given folder; for hypothesis, which wants a new one for every example."""
    return lambda root: Feed(Lake(root, threads=1))


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Builders of rows and views."""
    return SimpleNamespace(usage=usage, plain=plain, batch=batch, start=START)


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    return Feed(Lake(tmp_path / "lake"))
