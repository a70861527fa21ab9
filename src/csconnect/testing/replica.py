"""A reader of pages: what somebody knows of a system who has nothing but what its source yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from csconnect.connectors.protocols import PullRequest, Source
from csconnect.model.values import Page
from csconnect.testing.bench import Bench


@dataclass
class Pull:
    """What one pull yielded, up to where it was followed. ``cursors`` has None for a page without one."""

    pages: list[Page] = field(default_factory=list)
    ended: bool = False

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [row for page in self.pages for row in rows_of(page)]

    @property
    def gone(self) -> dict[str, str | None]:
        """Id -> survivor of everything reported as gone."""
        return {stone.id: stone.merged_into for page in self.pages for stone in page.tombstones}

    @property
    def cursors(self) -> list[str | None]:
        return [page.cursor for page in self.pages]

    @property
    def complete(self) -> bool:
        return self.ended and any(page.complete for page in self.pages)


@dataclass
class Replica:
    """Follows the pulls of one object and keeps what the core would keep: rows by bare id, and the last cursor."""

    bench: Bench
    entity: str = "account"
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    survivors: dict[str, str | None] = field(default_factory=dict)
    """Of every record that was reported as gone: into which it was merged, if any."""
    cursor: str | None = None

    def request(self, source: Source) -> PullRequest:
        """The request that the core would make."""
        mapping = self.bench.mapping(self.entity)
        fields = mapping.fields_for(source.describe(mapping.object).fields)
        return PullRequest(mapping.object, fields, self.cursor, mapping.where)

    def pull(
        self, source: Source, *, pages: int | None = None, between: Callable[[int], None] = lambda page: None
    ) -> Pull:
        """Follow one pull to its end, or break it off after so many pages; only what was delivered counts.

        ``between`` is told the number of each page (from 1) before the next is asked for.
        """
        pull, started = Pull(), self.cursor
        stream = iter(source.pull(self.request(source)))
        while pages is None or len(pull.pages) < pages:
            page = next(stream, None)
            if page is None:
                pull.ended = True
                break
            pull.pages.append(page)
            self._take(page)
            between(len(pull.pages))
        if pull.ended and (started is None or pull.complete):
            self._forget(pull)
        return pull

    def label(self, id: str) -> object:
        """What the reader takes for the record's name; None for a record that it does not know, or thinks gone."""
        return self.rows.get(id, {}).get(self.bench.label_field(self.entity))

    def _take(self, page: Page) -> None:
        key = self.bench.id_field(self.entity)
        for stone in page.tombstones:
            self.rows.pop(stone.id, None)
            self.survivors[stone.id] = stone.merged_into
        for row in rows_of(page):
            self.rows[str(row.get(key))] = row
        self.cursor = page.cursor or self.cursor

    def _forget(self, pull: Pull) -> None:
        """A pull that delivered everything there is says of all others that they are gone."""
        key = self.bench.id_field(self.entity)
        mentioned = {str(row.get(key)) for row in pull.rows}
        for id in [id for id in self.rows if id not in mentioned]:
            del self.rows[id]
            self.survivors.setdefault(id, None)


def rows_of(page: Page) -> list[dict[str, Any]]:
    """The rows of a page as dicts."""
    if isinstance(page.rows, pa.RecordBatch):
        return [dict(row) for row in page.rows.to_pylist()]
    return [dict(row) for row in page.rows]
