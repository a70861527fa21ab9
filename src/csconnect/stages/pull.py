"""Read what is new in every connection into the lake: one manifest for all of them, or nothing at all."""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from csconnect.connectors.protocols import PullRequest, Source
from csconnect.errors import MissingFieldError, ScopeError
from csconnect.mapping import Mapping, entity_id, read_page
from csconnect.model.values import Page, Tombstone
from csconnect.stages.accepted import live_rows
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    from csconnect.lake import LakeRun, Manifest


@dataclass
class Pulled:
    """What one connection gave: rows delivered by entity, records set aside, calls spent and seconds taken."""

    connection: str
    rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rejected: int = 0
    calls: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class PullReport:
    """Everything a pull did; ``shrank`` is entity -> (live rows before, live rows after), by ``connection/entity``."""

    run_id: str
    connections: list[Pulled]
    manifest: Manifest
    live: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class _Reading:
    """Mappings that read the same records, so that one pull feeds them all."""

    object: str
    where: str
    mappings: tuple[Mapping, ...]
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the cursor: the object, told apart by its condition where it has one."""
        return f"{self.object}?{self.where}" if self.where else self.object

    @property
    def digest(self) -> str:
        """Changes when a mapping changed or a field became visible; then everything is read anew (field trap 8)."""
        parts = [*(mapping.digest for mapping in self.mappings), *self.fields]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def pull(
    workspace: Workspace, run_id: str, connections: Sequence[str] = (), *, full: bool = False, because: str = ""
) -> PullReport:
    """Pull ``connections`` (all by default) and publish one manifest. ``because`` is the reason for which a source may take what
    looks lost as it is.

    Any error leaves the lake as it was: facts and cursors are published together or not at all.
    """
    names = list(connections) or list(workspace.config.connections)
    before = live_rows(workspace)
    with workspace.lake.begin(run_id, workspace.now()) as run:
        reports = [_connection(workspace, run, name, full, because) for name in names]
        manifest = run.publish()
    after = live_rows(workspace)
    return PullReport(run_id, reports, manifest, {key: (count, after.get(key, 0)) for key, count in before.items()})


def _connection(workspace: Workspace, run: LakeRun, name: str, full: bool, because: str) -> Pulled:
    started = time.perf_counter()
    source = workspace.source(name)
    workspace.note(f"{name}: signing in")
    workspace.org(name)  # the pinned org is checked before a single row is stored
    report = Pulled(name)
    cursors, digests = workspace.lake.cursors(name), workspace.lake.mapping_digests(name)
    delivered_whole: dict[str, bool] = {}  # an entity is whole only if every reading that feeds it is
    for reading in _readings(source, workspace.mappings(name)):
        unchanged = digests.get(reading.name) == reading.digest
        cursor = cursors.get(reading.name) if unchanged and not full else None
        workspace.note(f"{name}: reading {reading.object}")
        request = PullRequest(reading.object, reading.fields, cursor, reading.where, workspace.now(), because)
        whole = _read(run, name, source, reading, request, report)
        for mapping in reading.mappings:
            run.pulled(name, mapping.entity, reading.name, reading.digest)
            delivered_whole[mapping.entity] = delivered_whole.get(mapping.entity, True) and whole
    for entity, whole in delivered_whole.items():
        if whole:
            run.complete(name, entity)
    report.calls = source.calls()
    report.seconds = time.perf_counter() - started
    return report


def _readings(source: Source, mappings: Iterable[Mapping]) -> list[_Reading]:
    """Group mappings by object and condition; fields that the org lacks are left out, objects it lacks are skipped."""
    groups: dict[tuple[str, str], list[Mapping]] = defaultdict(list)
    for mapping in mappings:
        groups[mapping.object, mapping.where].append(mapping)
    schemas: dict[str, frozenset[str] | None] = {}
    readings = []
    for (object_name, where), group in groups.items():
        if object_name not in schemas:
            schemas[object_name] = _visible(source, object_name, all(mapping.optional for mapping in group))
        available = schemas[object_name]
        if available is not None:
            fields = {path for mapping in group for path in mapping.fields_for(available)}
            readings.append(_Reading(object_name, where, tuple(group), tuple(sorted(fields))))
    return readings


def _visible(source: Source, object_name: str, optional: bool) -> frozenset[str] | None:
    """The object's fields; None for an object that the system lacks, or may not show us, and that the mappings can do without."""
    try:
        return frozenset(source.describe(object_name).fields)
    except (MissingFieldError, ScopeError):
        if optional:
            return None
        raise


def _read(
    run: LakeRun, connection: str, source: Source, reading: _Reading, request: PullRequest, report: Pulled
) -> bool:
    """Read pages into the run; True when everything there is was delivered."""
    complete, readable = request.cursor is None, True
    for page in source.pull(request):
        readable = readable and not page.unreadable
        for mapping in reading.mappings:
            _store(run, connection, mapping, page, reading, report)
        if page.cursor is not None:
            run.cursor(connection, reading.name, page.cursor)
        complete = complete or page.complete
    return complete and readable  # a row that could not be read is not a record that has gone


def _store(run: LakeRun, connection: str, mapping: Mapping, page: Page, reading: _Reading, report: Pulled) -> None:
    mapped = read_page(mapping, page, connection, frozenset(reading.fields))
    run.append(connection, mapping.entity, mapped.batch, reading.name, reading.digest)
    run.reject(connection, mapped.rejects)
    report.rows[mapping.entity] += mapped.batch.num_rows
    report.rejected += len({reject.source_id for reject in mapped.rejects})
    gone = [
        Tombstone(entity_id(mapping, stone.id), stone.merged_into and entity_id(mapping, stone.merged_into), stone.at)
        for stone in page.tombstones
    ]
    if gone:
        run.tombstones(connection, mapping.entity, gone)
