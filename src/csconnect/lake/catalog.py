"""What the lake holds according to its manifests: the one reading of them that every view, run and fold shares."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from csconnect.errors import DataError
from csconnect.lake.manifest import Count, FactFile, Folded, Manifest, known_text, read_manifests


@dataclass(frozen=True)
class Catalog:
    """The manifests of ``root``, oldest first, as they stood when it was opened; ``only`` these connections, None for all."""

    root: Path
    manifests: tuple[Manifest, ...]
    only: frozenset[str] | None = None

    @classmethod
    def of(cls, root: Path) -> Catalog:
        """Read the manifests, never a folder of facts: what no manifest names does not exist."""
        return cls(root, read_manifests(root / "manifests"))

    @property
    def last(self) -> Manifest | None:
        return self.manifests[-1] if self.manifests else None

    def as_known(self, known: datetime | None) -> Catalog:
        """The catalog as it stood at ``known``; raises `DataError` where a fold has dropped that history."""
        first = self.manifests[0].folded if self.manifests else None
        if known is None:
            return self
        if first and first.history_from and known < first.history_from:
            raise DataError(
                f"what was known at {known_text(known)} is gone: the lake was folded without its history, which now "
                f"begins at {known_text(first.history_from)}",
                where=str(self.root),
                remedy="Ask for a later moment, or restore a backup; fold with keep_history to keep all versions",
                code="E-LAKE-HISTORY",
            )
        # A kept fold holds several moments: its files are filtered row by row.
        return replace(self, manifests=tuple(m for m in self.manifests if m.folded or m.known_at <= known))

    def among(self, connections: Collection[str] | None) -> Catalog:
        """The facts of ``connections`` alone, None for all."""
        return replace(self, only=None if connections is None else frozenset(connections))

    def files(self, entity: str, connection: str | None = None) -> list[FactFile]:
        """Fact files of ``entity``, of one connection or of all."""
        return [
            file
            for manifest in self.manifests
            for file in manifest.files
            if file.entity == entity and connection in (None, file.connection) and self._wanted(file.connection)
        ]

    def _wanted(self, connection: str) -> bool:
        return self.only is None or connection in self.only

    def usage_files(self, entity: str, first: date, last: date) -> list[FactFile]:
        """Files of a usage entity that have a day in ``[first, last]``."""
        return [
            file
            for file in self.files(entity)
            if file.first_day and file.last_day and file.first_day <= last and file.last_day >= first
        ]

    def paths(self, files: list[FactFile]) -> list[Path]:
        """Where ``files`` are; raises `DataError` for one that is missing or cut short."""
        return [self._checked(file) for file in files]

    def _checked(self, file: FactFile) -> Path:
        path = self.root / file.path
        try:
            size = path.stat().st_size
        except OSError:
            size = -1
        if size != file.size:
            raise DataError(
                "a file of the lake is missing" if size < 0 else "a file of the lake was cut short or altered",
                where=str(path),
                remedy="Restore it from a backup, or move the lake's folder away and pull again from the start",
                code="E-LAKE-FILE",
            )
        return path

    def cursors(self, connection: str) -> dict[str, str]:
        """Where the next pull of each object resumes."""
        return {name: c for m in self.manifests for name, c in m.cursors.get(connection, {}).items()}

    def digests(self, connection: str) -> dict[str, str]:
        """Digest of each mapping as of its newest pull."""
        return {name: d for m in self.manifests for name, d in m.mappings.get(connection, {}).items()}

    def counts(self) -> dict[str, dict[str, Count]]:
        """The newest count of every connection and entity."""
        newest: dict[str, dict[str, Count]] = {}
        for manifest in self.manifests:
            for connection, counts in manifest.counts.items():
                newest.setdefault(connection, {}).update(counts)
        return newest

    def pulls(self) -> dict[str, str]:
        """The run id of each connection's newest pull."""
        newest: dict[str, str] = {}
        for manifest in self.manifests:
            if manifest.folded:
                newest.update(manifest.folded.pulls)
            else:
                newest.update(dict.fromkeys(sorted({*manifest.counts, *manifest.cursors}), manifest.run))
        return newest

    def since(self, known: datetime | None = None) -> dict[str, dict[str, datetime]]:
        """When each connection first delivered each entity, with or without rows, as far as known at ``known``."""
        first: dict[str, dict[str, datetime]] = {}
        for connection, entity, moment in self._deliveries():
            if (known is None or moment <= known) and self._wanted(connection):
                first.setdefault(connection, {}).setdefault(entity, moment)
        return first

    def told(self, known: datetime | None = None) -> dict[str, dict[str, list[datetime]]]:
        """The moments at which each connection delivered each entity, as far as known at ``known``: the first of every UTC day."""
        moments: dict[str, dict[str, list[datetime]]] = {}
        for connection, entity, moment in self._deliveries(later=True):
            if (known is None or moment <= known) and self._wanted(connection):
                kept = moments.setdefault(connection, {}).setdefault(entity, [])
                if not kept or _utc_day(kept[-1]) < _utc_day(moment):
                    kept.append(moment)
        return moments

    def through(self, known: datetime | None = None) -> dict[str, dict[str, date | None]]:
        """The UTC day on which each connection last delivered each entity, as far as known at ``known``; None where only a fold
        that kept no such days knows."""
        told = self.told(known)
        newest = {c: {e: _utc_day(moments[-1]) for e, moments in entities.items()} for c, entities in told.items()}
        return {c: {e: newest.get(c, {}).get(e) for e in entities} for c, entities in self.since(known).items()}

    def known_since(self, entities: Collection[str] | None = None) -> datetime | None:
        """The first moment as of which the lake can say what was known; None for an empty lake.

        Of a catalog `among` some connections it is the moment since which all of them have delivered what they deliver today,
        of ``entities`` (None: of all): before it, a view would lack what has only been told since, and call it nothing.
        """
        first = self.manifests[0] if self.manifests else None
        if first is None:
            return None
        told = [
            moment
            for delivered in self.since().values()
            for entity, moment in delivered.items()
            if entities is None or entity in entities
        ]
        if self.only is not None:
            begun = max(told, default=None)
            kept = first.folded.history_from if first.folded else None
            return max(begun, kept) if begun and kept else begun
        if first.folded is None:
            return first.known_at
        return first.folded.history_from or min(told, default=first.known_at)

    def _deliveries(self, *, later: bool = False) -> Iterator[tuple[str, str, datetime]]:
        """Connection, entity and moment of the deliveries, oldest first; of folded ones the first, or with ``later`` those kept
        in `Folded.told`."""
        for manifest in self.manifests:
            if manifest.folded:
                yield from _folded(manifest.folded, later=later)
                continue
            for connection, counts in manifest.counts.items():
                for entity in counts:
                    yield connection, entity, manifest.known_at

    def referenced(self) -> set[str]:
        """Every file that a reader may need, relative to the root."""
        return {path for manifest in self.manifests for path in manifest.referenced()}


def _folded(folded: Folded, *, later: bool) -> Iterator[tuple[str, str, datetime]]:
    for connection, since in folded.since.items():
        for entity, first in since.items():
            for moment in folded.told.get(connection, {}).get(entity, ()) if later else (first,):
                yield connection, entity, moment


def _utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
