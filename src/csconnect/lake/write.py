"""A run that writes: rows as they come, nothing visible, then everything at once."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from csconnect.errors import DataError
from csconnect.lake import quarantine, sqltext
from csconnect.lake.alias import publish_aliases
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import MEMORY, open_engine, translated
from csconnect.lake.lock import WriterLock
from csconnect.lake.manifest import Count, FactFile, Manifest, publish_manifest
from csconnect.lake.publish import Publication, publish_records, publish_stated
from csconnect.lake.schema import ATTRIBUTES, ROLLUP, STATED, USAGE, fact_schema, key
from csconnect.lake.sink import Sink
from csconnect.lake.stage import Stage
from csconnect.lake.usage import publish_usage
from csconnect.model.values import Cursor, Tombstone

_PLAIN = re.compile(r"[\w.-]+")


class LakeRun:
    """One run's additions. Made by `Lake.begin`; ends with `publish` or `abandon`, and as a context with the latter.

    May be fed from several threads. Memory is bounded by the row groups in flight, whatever the number of rows.
    """

    def __init__(
        self, root: Path, catalog: Catalog, run: str, known_at: datetime, lock: WriterLock, memory: str = MEMORY
    ) -> None:
        self.run = _plain(run, "a run's id")
        self.known_at = known_at
        self._root = root
        self._catalog = catalog
        self._lock = lock
        self._memory = memory
        self._guard = threading.Lock()
        self._folder = root / "staging" / run
        self._stages: dict[tuple[str, str], Stage] = {}
        self._rejects = quarantine.RejectStage(self._folder / "rejects.parquet")
        self._aliases: list[tuple[str, str, str, str]] = []
        self._complete: set[tuple[str, str]] = set()
        self._cursors: dict[str, dict[str, str]] = {}
        self._mappings: dict[str, dict[str, str]] = {}
        self._stated: dict[str, pa.Table] = {}
        self._ordinal = 0

    def pulled(self, connection: str, entity: str, mapping: str, digest: str) -> None:
        """Note that ``mapping`` was pulled, even if it delivers nothing: "none" is not "nobody told us"."""
        with self._guard:
            self._stage(connection, entity)
            self._mappings.setdefault(connection, {})[mapping] = digest

    def append(self, connection: str, entity: str, batch: pa.RecordBatch, mapping: str, digest: str) -> None:
        """Add mapped rows: the canonical columns of ``entity``, ``_owned`` (JSON text) and ``_version`` (text)."""
        self.pulled(connection, entity, mapping, digest)
        with self._guard, translated(f"staging of run {self.run}"):
            self._stage(connection, entity).append(batch, digest, self._ordinal)
            self._ordinal += batch.num_rows

    def tombstones(self, connection: str, entity: str, gone: Sequence[Tombstone]) -> None:
        """Note records that are gone; a merged one is from now on another name of its survivor. Ids are bare."""
        if entity not in ATTRIBUTES:
            raise DataError("usage has no ids that could be deleted", where=entity, remedy="Deliver the day again")
        with self._guard, translated(f"staging of run {self.run}"):
            ids = [key(connection, entity, stone.id) for stone in gone]
            self._stage(connection, entity).gone(ids, self._ordinal)
            self._ordinal += len(ids)
            self._aliases.extend(
                (connection, entity, old, key(connection, entity, stone.merged_into))
                for old, stone in zip(ids, gone, strict=True)
                if stone.merged_into
            )

    def cursor(self, connection: str, object: str, cursor: Cursor) -> None:
        """Where the next pull of ``object`` resumes; published together with the rows, never before them."""
        with self._guard:
            self._cursors.setdefault(_plain(connection, "a connection's name"), {})[object] = cursor

    def reject(self, connection: str, rejects: Iterable[quarantine.Rejected]) -> None:
        """Set records aside; they leave the quarantine when a newer run delivers them fine."""
        with self._guard, translated(f"staging of run {self.run}"):
            name = _plain(connection, "a connection's name")
            self._ordinal += self._rejects.append(name, rejects, self._ordinal)

    def complete(self, connection: str, entity: str) -> None:
        """Note that this run delivers all that ``connection`` has of ``entity``: what did not come is deleted.

        A record that was set aside has come, though it did not fit: its last good row stays. For usage, days that did not
        come are empty.
        """
        with self._guard:
            self._stage(connection, entity)
            self._complete.add((connection, entity))

    def state(self, entity: str, rows: pa.Table) -> None:
        """Add rows that csconnect itself states, in the columns of `fact_schema` but ``_known_at``; see `csconnect.lake.schema.STATED`."""
        if entity not in STATED:
            remedy = f"What is stated is {', '.join(STATED)}"
            raise DataError("this entity is delivered, not stated", where=entity, remedy=remedy)
        schema = fact_schema(entity)
        rows = rows.select(schema.names[:-1]).cast(schema.remove(len(schema) - 1))
        with self._guard:
            self._stated[entity] = pa.concat_tables([self._stated[entity], rows]) if entity in self._stated else rows

    def publish(self) -> Manifest:
        """Make everything visible at once, or raise and leave the lake as it was."""
        with translated(f"publishing run {self.run}"):
            self._close()
            manifest = self._publish()
            publish_manifest(self._root / "manifests", manifest)
        self.abandon()
        return manifest

    def abandon(self) -> None:
        """Drop what was staged and let the next run write. Harmless after `publish`."""
        self._close()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abandon()

    def _publish(self) -> Manifest:
        engine = open_engine(self._memory, temp=self._folder / "spill")
        try:
            publication = Publication(engine, self._catalog, Sink(self._root, self.run), self.known_at)
            quarantine.open_quarantine(engine, self._catalog, self._rejects, sqltext.instant(self.known_at))
            counts: dict[str, dict[str, Count]] = {}
            for (connection, entity), stage in sorted(self._stages.items()):
                publish = publish_usage if entity == USAGE else publish_records
                complete = (connection, entity) in self._complete
                counts.setdefault(connection, {})[entity] = publish(publication, stage, complete=complete)
            publish_aliases(publication, self._aliases)
            for entity, rows in sorted(self._stated.items()):
                publish_stated(publication, entity, rows)
            return self._manifest(counts, publication, quarantine.write_quarantine(engine, publication.sink))
        finally:
            engine.close()

    def _manifest(
        self, counts: dict[str, dict[str, Count]], publication: Publication, set_aside: FactFile | None
    ) -> Manifest:
        last = self._catalog.last
        return Manifest(
            sequence=last.sequence + 1 if last else 1,
            run=self.run,
            known_at=self.known_at,
            parent=last.sequence if last else None,
            files=tuple(publication.sink.files),
            cursors=self._cursors,
            mappings=self._mappings,
            counts=counts,
            quarantine=set_aside,
        )

    def _close(self) -> None:
        for stage in self._stages.values():
            stage.close()
        self._rejects.close()

    def _stage(self, connection: str, entity: str) -> Stage:
        if entity not in ATTRIBUTES and entity != USAGE:
            remedy = f"{ROLLUP} is made from {USAGE}" if entity == ROLLUP else f"Entities are {', '.join(ATTRIBUTES)}"
            raise DataError("this entity cannot be delivered", where=entity, remedy=remedy)
        at = (_plain(connection, "a connection's name"), entity)
        if at not in self._stages:
            self._stages[at] = Stage(self._folder / f"{entity}-{connection}.parquet", entity, connection)
        return self._stages[at]


def _plain(value: str, what: str) -> str:
    """Names go into keys and paths, so they are plain."""
    if not _PLAIN.fullmatch(value) or value.startswith("."):
        raise DataError(
            f"{what} may hold letters, digits, _, - and . only and not begin with a dot",
            where=repr(value),
            remedy="Choose another name",
            code="E-LAKE-NAME",
        )
    return value
