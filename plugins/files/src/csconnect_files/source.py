"""Reading tables of files: what is new since the cursor, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from csconnect.connectors.protocols import Capabilities, Context, FieldInfo, ObjectSchema, PullRequest
from csconnect.errors import ConfigError, DataError, GuardError, MissingFieldError
from csconnect.model.values import Cursor, Finding, Page, Unreadable
from csconnect_files import csvfile, parquetfile
from csconnect_files.check import check
from csconnect_files.settings import FilesSettings
from csconnect_files.tables import Part, parts_of

EMPTY = "empty "
"""Before a fingerprint in the cursor: this file held no rows."""


class FilesSource:
    """`Source` of one connection of type ``files``."""

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        self.capabilities = Capabilities(reads=True, writes=False, tombstones=False)
        self.settings = settings
        self.context = context

    def check(self) -> list[Finding]:
        return check(self.settings)

    def org(self) -> tuple[str, str, bool]:
        """Files belong to no org: the identity is always ``files``."""
        return "files", self.settings.root.name or "files", True

    def describe(self, object: str) -> ObjectSchema:
        """The columns of all files of the table together; raises `MissingFieldError` for a table that is not configured."""
        return ObjectSchema(object, object, _fields(parts_of(self.settings, object)))

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Pages of the files that are new or changed; the last page of each file carries the cursor.

        The only file of a table is delivered whole, and its last page says so, unless rows of it could not be read.
        Of a table of several, a file that is new or was filled and holds no rows is a `GuardError` unless there is a reason.
        """
        if request.where:
            raise ConfigError(
                "Files know no conditions", where=request.object, remedy="Leave 'where' out of the mapping"
            )
        parts = parts_of(self.settings, request.object)
        self._demand(request, parts)
        done = _known(request.cursor)
        self._note_vanished(request, parts, done)
        done = {part.name: done[part.name] for part in parts if part.name in done}
        for part in parts:
            print_now = part.fingerprint()
            empty = part.is_empty()
            mark = f"{EMPTY}{print_now}" if empty else print_now
            if done.get(part.name) == mark:
                continue
            if empty and len(parts) > 1 and request.cursor and not done.get(part.name, "").startswith(EMPTY):
                self._demand_reason(part, request)
            done[part.name] = mark
            cursor = json.dumps(done, sort_keys=True, separators=(",", ":"))
            yield from self._pages(part, request.fields, cursor, alone=len(parts) == 1)
            if part.fingerprint() != print_now:
                raise DataError(
                    "The file was changed while it was being read",
                    where=part.name,
                    remedy="Run again; deliver files under another name and rename them when they are whole",
                )

    def _pages(self, part: Part, fields: Sequence[str], cursor: Cursor, *, alone: bool) -> Iterator[Page]:
        bad: list[csvfile.BadRow] = []
        there = [name for name in fields if name in part.columns]
        absent = [name for name in fields if name not in part.columns]
        if absent:
            self.context.note(f"{part.name} has no column {', '.join(absent)}")
        if part.is_parquet:
            batches = parquetfile.batches(part.path, part.name, there)
        else:
            batches = csvfile.batches(part.path, part.name, part.dialect, there, bad.append)
        for batch in batches:
            for start in range(0, batch.num_rows, parquetfile.ROWS):
                yield Page(_with(batch.slice(start, parquetfile.ROWS), absent))
        unreadable = [
            Unreadable(f"{part.name}, row {row.number}", f"{row.columns} columns instead of {row.expected}")
            for row in bad
        ]
        yield Page(cursor=cursor, unreadable=unreadable, complete=alone and not bad)

    def _demand(self, request: PullRequest, parts: Sequence[Part]) -> None:
        there = _fields(parts)
        gone = [name for name in request.fields if name not in there]
        if gone and there:
            raise MissingFieldError(
                f"The table '{request.object}' has no column {', '.join(gone)}",
                where=", ".join(part.name for part in parts[:3]),
                remedy=f"There are: {', '.join(sorted(there))}. Map another column, or check 'delimiter'",
            )

    def _demand_reason(self, part: Part, request: PullRequest) -> None:
        """An empty file among others takes no row away, so no count falls: the days it was to bring would silently be missing."""
        if not request.because:
            raise GuardError(
                f"The file has 0 rows, where the table '{request.object}' has had some; nothing was read or written",
                where=part.name,
                remedy='Deliver it again; if it is right, run again with --because "the reason"',
                code="E-PULL-SHRANK",
            )
        self.context.note(f"{part.name} has 0 rows: {request.because}")

    def _note_vanished(self, request: PullRequest, parts: Sequence[Part], done: dict[str, str]) -> None:
        for name in sorted(done.keys() - {part.name for part in parts}):
            self.context.note(f"{request.object}: {name} is no longer there; what it delivered stays")

    def calls(self) -> int:
        """Files spend no quota."""
        return 0

    def close(self) -> None:
        """Nothing is held open between pages."""


def _fields(parts: Sequence[Part]) -> dict[str, FieldInfo]:
    types = {name: type_ for part in parts for name, type_ in part.columns.items()}
    return {name: FieldInfo(name, name, type_, writable=False) for name, type_ in types.items()}


def _known(cursor: Cursor | None) -> dict[str, str]:
    try:
        known = json.loads(cursor or "{}")
    except ValueError:
        known = None
    # A cursor of another version is no reason to stop: everything is read again.
    return {str(name): str(value) for name, value in known.items()} if isinstance(known, dict) else {}


def _with(batch: pa.RecordBatch, absent: Sequence[str]) -> pa.RecordBatch:
    for name in absent:
        batch = batch.append_column(name, pa.nulls(batch.num_rows, pa.string()))
    return batch
