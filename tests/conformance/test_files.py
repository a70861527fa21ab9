"""The files connector, which only reads: a table of several files, and a table of one."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from csconnect.connectors.protocols import Capabilities, Context
from csconnect.mapping import MappingSet, load_mappings
from csconnect.model.values import Scalar
from csconnect.testing.bench import Bench
from csconnect.testing.source_kit import SourceKit
from csconnect_files.plugin import CONNECTOR

CAPABILITIES = Capabilities(tombstones=False)
MAPPINGS = load_mappings([Path(__file__).parents[2] / "mappings" / "files"])
COLUMNS = ("id", "name", "is_customer")


class FilesBench(Bench):
    """Somebody's export: CSV files of ``size`` accounts each, written anew whenever one of theirs changes."""

    mappings: MappingSet = MAPPINGS

    def __init__(self, root: Path, size: int) -> None:
        self.root, self.size, self.stamp = root, size, 0
        self.rows: dict[str, dict[str, Scalar]] = {}
        self.order: list[str] = []
        self._write(0)

    def open(self) -> Any:
        return CONNECTOR.open(
            CONNECTOR.settings(root=self.root, tables={"accounts": "accounts*.csv"}), Context(self.connection)
        )

    def create(self, entity: str, values: Mapping[str, str]) -> str:
        id = f"T-{len(self.order) + 1}"
        self.order.append(id)
        self.rows[id] = {"id": id, "name": values["name"], "is_customer": "true"}
        self._write((len(self.order) - 1) // self.size)
        return id

    def edit(self, entity: str, id: str, fields: Mapping[str, Scalar]) -> None:
        self.rows[id] |= fields
        self._write(self.order.index(id) // self.size)

    def read(self, entity: str, id: str) -> Mapping[str, object] | None:
        return self.rows.get(id)

    def state(self) -> object:
        return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in self.root.iterdir()}

    def heard(self) -> Sequence[str]:
        return ()

    @contextmanager
    def still(self) -> Iterator[None]:
        """A copy that keeps the time of another machine, too coarse to tell two exports apart."""
        self.stamp = 1_700_000_000_000_000_000
        yield
        self.stamp = 0

    def _write(self, number: int) -> None:
        path = self.root / f"accounts-{number:03}.csv"
        here = self.order[number * self.size : (number + 1) * self.size]
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(self.rows[id] for id in here if id in self.rows)
        if self.stamp:
            os.utime(path, ns=(self.stamp, self.stamp))


class SnapshotBench(FilesBench):
    def delete(self, entity: str, id: str) -> None:
        del self.rows[id]
        self._write(0)


class TestParts(SourceKit):
    capabilities, bench_class = CAPABILITIES, FilesBench

    @pytest.fixture
    def bench(self, tmp_path: Path) -> FilesBench:
        return FilesBench(tmp_path, 10)


class TestSnapshot(SourceKit):
    capabilities, bench_class = CAPABILITIES, SnapshotBench
    records = 0

    @pytest.fixture
    def bench(self, tmp_path: Path) -> SnapshotBench:
        return SnapshotBench(tmp_path, 1_000)
