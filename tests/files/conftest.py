"""A folder of exports and a connection to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from csconnect.connectors.protocols import Context, PullRequest
from csconnect.model.values import Page
from csconnect_files.plugin import CONNECTOR
from csconnect_files.source import FilesSource


@dataclass
class Folder:
    """Writes files, opens connections, pulls tables; ``notes`` is what the connector said on the way."""

    root: Path
    notes: list[str] = field(default_factory=list)

    def write(self, name: str, data: str | bytes) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def open(self, **settings: Any) -> FilesSource:
        context = Context("files", now=lambda: datetime(2026, 1, 1, tzinfo=UTC), note=self.notes.append)
        source: FilesSource = CONNECTOR.open(CONNECTOR.settings(root=self.root, **settings), context)
        return source

    def pull(self, source: FilesSource, table: str, *fields: str, cursor: str | None = None) -> list[Page]:
        return list(source.pull(PullRequest(table, fields, cursor)))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def rows() -> Callable[[list[Page]], list[dict[str, Any]]]:
    """All rows of some pages as dicts."""

    def collect(pages: list[Page]) -> list[dict[str, Any]]:
        batches = [page.rows for page in pages if isinstance(page.rows, pa.RecordBatch)]
        return [row for batch in batches for row in batch.to_pylist()]

    return collect
