"""Fact files on their way out of the engine: named after their run, durable before a manifest may name them."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from csconnect.lake import sqltext
from csconnect.lake.engine import Engine, one
from csconnect.lake.manifest import FactFile, sync_folder

_ROW_GROUP = 65_536


class Sink:
    """Writes the fact files of one run and remembers them for its manifest."""

    def __init__(self, root: Path, run: str) -> None:
        self._root = root
        self._run = run
        self.files: list[FactFile] = []

    def write(
        self, engine: Engine, entity: str, connection: str, select: str, days: tuple[date, date] | None = None
    ) -> FactFile | None:
        """Write the rows of ``select`` as one file and list it; no rows, no file."""
        file = self.write_unlisted(engine, entity, connection, select, days)
        if file is not None:
            self.files.append(file)
        return file

    def write_unlisted(
        self, engine: Engine, entity: str, connection: str, select: str, days: tuple[date, date] | None = None
    ) -> FactFile | None:
        """Like `write`, for a file that the manifest names in another place."""
        folder = self._root / "facts" / entity
        folder.mkdir(parents=True, exist_ok=True)
        path = self._free_name(folder, connection)
        statement = sqltext.fill(
            "COPY ({select}) TO {path} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {size})",
            select=select,
            path=sqltext.text(str(path)),
            size=str(_ROW_GROUP),
        )
        (rows,) = one(engine, statement)
        if not rows:
            path.unlink()
            return None
        _sync_file(path)
        sync_folder(folder)
        first, last = days or (None, None)
        return FactFile(
            entity=entity,
            connection=connection,
            path=path.relative_to(self._root).as_posix(),
            rows=rows,
            size=path.stat().st_size,
            first_day=first,
            last_day=last,
        )

    def _free_name(self, folder: Path, connection: str) -> Path:
        number = 0
        while (path := folder / f"{self._run}-{connection}-{number}.parquet").exists():
            number += 1
        return path


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
