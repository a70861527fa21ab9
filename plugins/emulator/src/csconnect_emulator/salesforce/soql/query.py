"""Running statements and paging through their answers.

The ids of an answer are fixed when the statement runs; each page then shows its records as they stand, without those that
were deleted meanwhile. So a page neither repeats nor skips a record, whatever changes between two calls.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csconnect_emulator.ids import is_id, salesforce_id
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.salesforce.soql.compile import Compiler, Context
from csconnect_emulator.salesforce.soql.groups import is_aggregate, is_count, run_groups
from csconnect_emulator.salesforce.soql.parse import parse
from csconnect_emulator.salesforce.soql.shape import PAGE, Renderer, Shape
from csconnect_emulator.store import RecordStore

OPEN_CURSORS = 500


@dataclass(frozen=True)
class Cursor:
    """An answer whose pages can still be asked for."""

    object: str
    ids: list[str]
    shape: Shape
    include_deleted: bool
    size: int


@dataclass(frozen=True)
class Rows:
    """The rows of a child subquery, which are shown as they were when the statement ran."""

    ids: list[dict[str, Any]]
    size: int = PAGE


class Queries:
    """Runs SOQL for the API user."""

    def __init__(self, store: RecordStore, access: Access, limits: Mapping[str, int] | None = None) -> None:
        self._limits = limits or {}
        self._store = store
        self._access = access
        self._cursors: OrderedDict[str, Cursor | Rows] = OrderedDict()
        self._number = 0
        self._lock = threading.Lock()

    def run(
        self, text: str, version: str, *, deleted: bool = False, tooling: bool = False, size: int = PAGE
    ) -> dict[str, Any]:
        """The first page of a statement's answer."""
        query = parse(text)
        context = Context(self._store, self._access, text, tooling, deleted, self._limits.get("archive_days", 0))
        compiler = Compiler(context, query, context.object(query.source))
        if is_count(query) and not query.group:
            return {"totalSize": compiler.count(), "done": True, "records": []}
        if is_aggregate(query):
            rows = run_groups(compiler)
            return {"totalSize": len(rows), "done": True, "records": rows}
        shape = compiler.shape(Renderer(self._store, version))
        cursor = Cursor(compiler.columns.object, compiler.ids(), shape, deleted, size)
        return self._page(cursor, 0, version, "", tooling)

    def more(self, locator: str, version: str, *, tooling: bool = False) -> dict[str, Any]:
        """A later page: ``01g...-2000``; INVALID_QUERY_LOCATOR when it is not known (any more)."""
        key, _, start = locator.partition("-")
        with self._lock:
            cursor = self._cursors.get(key)
            if cursor is not None:
                self._cursors.move_to_end(key)
        if cursor is None or not start.isdigit() or not is_id(key) or int(start) >= len(cursor.ids):
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(cursor, int(start), version, key, tooling)

    def _page(self, cursor: Cursor | Rows, start: int, version: str, key: str, tooling: bool) -> dict[str, Any]:
        end, branch = start + cursor.size, "tooling/query" if tooling else "query"
        done = end >= len(cursor.ids)
        body: dict[str, Any] = {"totalSize": len(cursor.ids), "done": done}
        if not done:
            body["nextRecordsUrl"] = f"/services/data/v{version}/{branch}/{key or self._keep(cursor)}-{end}"
        body["records"] = self._records(cursor, start, version, branch)
        return body

    def _records(self, cursor: Cursor | Rows, start: int, version: str, branch: str) -> list[dict[str, Any]]:
        if isinstance(cursor, Rows):
            return cursor.ids[start : start + cursor.size]

        def keep(rows: list[dict[str, Any]]) -> str:
            many = len(rows) > PAGE
            return f"/services/data/v{version}/{branch}/{self._keep(Rows(rows))}-{PAGE}" if many else ""

        ids = cursor.ids[start : start + cursor.size]
        found = self._store.get_many(SYSTEM, cursor.object, ids, include_deleted=cursor.include_deleted)
        records = [found[id] for id in ids if id in found]
        return Renderer(self._store, version, keep).render(cursor.shape, records)

    def _keep(self, cursor: Cursor | Rows) -> str:
        with self._lock:
            self._number += 1
            key = salesforce_id("01g", self._number)
            self._cursors[key] = cursor
            while len(self._cursors) > OPEN_CURSORS:
                self._cursors.popitem(last=False)
            return key
