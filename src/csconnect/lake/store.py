"""The lake: a folder of immutable Parquet files, and manifests that say which of them count."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from csconnect.errors import DataError
from csconnect.lake import sqltext
from csconnect.lake.catalog import Catalog
from csconnect.lake.engine import MEMORY, open_engine, translated
from csconnect.lake.fold import fold_catalog
from csconnect.lake.lock import WriterLock
from csconnect.lake.manifest import Count, Manifest
from csconnect.lake.scan import facts
from csconnect.lake.schema import QUARANTINE, fact_schema
from csconnect.lake.stated import read_stated
from csconnect.lake.views import Asked, Snapshot, make_snapshot
from csconnect.lake.write import LakeRun


class Lake:
    """The facts under ``root``.

    ``memory`` bounds the engine (DuckDB's spelling), ``threads`` its parallelism, ``temp`` is where snapshots are built
    (default: the system's temporary folder). Any number of readers, one writer at a time.
    """

    def __init__(
        self, root: Path, *, memory: str = MEMORY, threads: int | None = None, temp: Path | None = None
    ) -> None:
        self.root = Path(root)
        self._memory = memory
        self._threads = threads
        self._temp = temp
        if set("*?[") & set(str(self.root)):
            raise DataError(
                "the engine would read *, ? or [ in this path as a pattern",
                where=str(self.root),
                remedy="Choose a folder without these characters",
                code="E-LAKE-NAME",
            )

    def begin(self, run_id: str, known_at: datetime) -> LakeRun:
        """Start writing; removes what killed runs left behind.

        ``known_at`` is the run's instant. Should it not lie after the newest run's (a clock set back), it becomes the next
        microsecond after that, so that the order of runs and of instants is one. Raises `TransientError` while another run
        writes.
        """
        _aware(known_at)
        lock = self._lock()
        try:
            catalog = Catalog.of(self.root)
            _sweep(catalog)
            if any(manifest.run == run_id for manifest in catalog.manifests):
                raise DataError("this run is in the lake already", where=run_id, remedy="Use a new run id")
            last = catalog.last
            moment = max(known_at, last.known_at + timedelta(microseconds=1)) if last else known_at
            return LakeRun(self.root, catalog, run_id, moment, lock, self._memory)
        except BaseException:
            lock.release()
            raise

    def snapshot(
        self,
        *,
        until: date,
        known: datetime | None = None,
        homes: Sequence[str],
        match: Mapping[str, str],
        horizon_days: int = 800,
        connections: Collection[str] | None = None,
    ) -> Snapshot:
        """Every entity as of ``until`` (that day included) as it was known at ``known`` (None: now).

        ``homes`` are the connections whose accounts may be homes, first wins; ``match`` says how each connection's accounts
        are matched: ``match_key`` (default) or ``id``. Usage reaches back ``horizon_days`` days. With ``known=None`` and an
        earlier ``until`` the past is *reconstructed*: events by when they happened, attributes as known now. Facts of other
        than ``connections`` (None: all) are left out, such as those of one that the configuration no longer names.
        """
        if known is not None:
            _aware(known)
        only = None if connections is None else frozenset(connections)
        asked = Asked(until, known, tuple(homes), dict(match), horizon_days, only)
        catalog = Catalog.of(self.root)
        try:
            return self._snapshot(catalog, asked)
        except DataError:
            now = Catalog.of(self.root)
            if now.last == catalog.last:
                raise
            # A fold and a sweep took the files away meanwhile; the new ones say the same.
            return self._snapshot(now, asked)

    def _snapshot(self, catalog: Catalog, asked: Asked) -> Snapshot:
        return make_snapshot(catalog, asked, memory=self._memory, threads=self._threads, temp=self._temp)

    def fold(self, *, keep_history: bool = False) -> Manifest | None:
        """Compact all runs so far; views as known now do not change. Returns the new manifest, or None for an empty lake.

        Without ``keep_history`` superseded versions are dropped, and views as known before now are refused from then on.
        The old files go with the next `sweep` or run, so that readers at work can finish.
        """
        lock = self._lock()
        try:
            catalog = Catalog.of(self.root)
            if catalog.last is None:
                return None
            temp = self.root / "staging" / "fold"
            try:
                return fold_catalog(catalog, catalog.last, keep_history=keep_history, temp=temp)
            finally:
                shutil.rmtree(temp, ignore_errors=True)
        finally:
            lock.release()

    def sweep(self) -> list[str]:
        """Remove files that no manifest names: leftovers of killed runs and of folds. Returns their paths."""
        lock = self._lock()
        try:
            return _sweep(Catalog.of(self.root))
        finally:
            lock.release()

    def manifests(self) -> tuple[Manifest, ...]:
        """What was published, oldest first, from the newest fold on."""
        return Catalog.of(self.root).manifests

    def cursors(self, connection: str) -> dict[str, str]:
        """Where the next pull of each of the connection's objects resumes."""
        return Catalog.of(self.root).cursors(connection)

    def mapping_digests(self, connection: str) -> dict[str, str]:
        """Digest of each mapping at its newest pull; another one now means pulling that mapping's object from scratch."""
        return Catalog.of(self.root).digests(connection)

    def counts(self) -> dict[str, dict[str, Count]]:
        """Newest count by connection and entity."""
        return Catalog.of(self.root).counts()

    def pulls(self) -> dict[str, str]:
        """Run id of each connection's newest pull."""
        return Catalog.of(self.root).pulls()

    def known_since(
        self, connections: Collection[str] | None = None, entities: Collection[str] | None = None
    ) -> datetime | None:
        """The first moment for which `snapshot` can say what was ``known``; None for an empty lake.

        With ``connections``, the moment since which all of them have delivered whatever they deliver of ``entities`` (None:
        of all): two days can only be compared as they were known when the same sources spoke on both.
        """
        return Catalog.of(self.root).among(connections).known_since(entities)

    def stated(self, entity: str, days: Collection[date] | None = None) -> pa.Table:
        """What csconnect itself has stated, all versions, in an order of its own: one of `csconnect.lake.schema.STATED`, of the months
        or days ``days`` (None: of all). No view and no fold ever changes it."""
        if days is not None and not days:
            return fact_schema(entity).empty_table()
        catalog = Catalog.of(self.root)
        with translated(f"lake {self.root}"):
            return read_stated(entity, catalog.paths(catalog.files(entity)), days)

    def quarantine(self) -> pa.Table:
        """Records set aside and not mended yet: ``_connection, entity, source_id, field, value_class, reason, _known_at``."""
        catalog = Catalog.of(self.root)
        last = catalog.last
        paths = catalog.paths([last.quarantine]) if last and last.quarantine else []
        with translated(f"lake {self.root}"):
            engine = open_engine(self._memory)
            try:
                source = facts(QUARANTINE, paths)
                return engine.sql(sqltext.fill("SELECT * FROM {source} ORDER BY ALL", source=source)).to_arrow_table()
            finally:
                engine.close()

    def _lock(self) -> WriterLock:
        with translated(f"lake {self.root}"):
            (self.root / "manifests").mkdir(parents=True, exist_ok=True)
            lock = WriterLock(self.root)
            lock.acquire()
        return lock


def _aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise DataError("an instant has no time zone", where="the lake", remedy="Pass an aware datetime, best in UTC")


def _sweep(catalog: Catalog) -> list[str]:
    """Only under the writer's lock: whatever is staged then belongs to nobody alive."""
    root, keep = catalog.root, catalog.referenced()
    shutil.rmtree(root / "staging", ignore_errors=True)
    kept_manifests = {manifest.file_name for manifest in catalog.manifests}
    stray = [path for path in root.glob("facts/*/*") if path.relative_to(root).as_posix() not in keep]
    manifests = [path for path in (root / "manifests").iterdir() if path.name not in kept_manifests]
    for path in (*stray, *sorted(manifests)):
        path.unlink(missing_ok=True)
    return [path.relative_to(root).as_posix() for path in (*stray, *sorted(manifests))]
