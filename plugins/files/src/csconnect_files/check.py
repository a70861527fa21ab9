"""``csconnect check`` of a connection of type ``files``."""

from __future__ import annotations

from collections.abc import Iterator

from csconnect.errors import CsconnectError
from csconnect.model.values import Finding, Level
from csconnect_files.settings import FilesSettings
from csconnect_files.tables import Part, parts_of


def check(settings: FilesSettings) -> list[Finding]:
    """One finding a table and one for each file in it that is empty or cannot be read."""
    if not settings.tables:
        what = "The connection has no tables"
        return [Finding(level=Level.ERROR, code="E-CONFIG", what=what, remedy="Name files under 'tables'")]
    return [finding for table in settings.tables for finding in _table(settings, table)]


def _table(settings: FilesSettings, table: str) -> Iterator[Finding]:
    try:
        parts = parts_of(settings, table)
    except CsconnectError as error:
        yield _problem(error)
        return
    columns: set[str] = set()
    rows = 0
    for part in parts:
        try:
            columns |= set(part.columns)
            count = part.rows()
        except CsconnectError as error:
            yield _problem(error)
            continue
        rows += count
        if not count:
            yield _empty(part)
    files = "1 file" if len(parts) == 1 else f"{len(parts)} files"
    what = f"{table}: {files}, {rows:,} rows, columns {', '.join(sorted(columns)) or 'none'}"
    yield Finding(
        level=Level.OK if rows else Level.WARNING, code="I-TABLE" if rows else "W-EMPTY", what=what, where=table
    )


def _empty(part: Part) -> Finding:
    what = "The file holds no rows" if part.columns else "The file is empty, without even a header"
    return Finding(level=Level.WARNING, code="W-EMPTY", what=what, where=part.name, remedy="Was the export finished?")


def _problem(error: CsconnectError) -> Finding:
    return Finding(level=Level.ERROR, code=error.error_code, what=error.what, where=error.where, remedy=error.remedy)
