"""The reading half: whole rows, what has gone, and where to resume."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from csconnect.connectors.protocols import Capabilities, ObjectSchema, PullRequest
from csconnect.model.values import Finding, Page, Tombstone
from csconnect_hubspot.checks import findings
from csconnect_hubspot.cursor import Position
from csconnect_hubspot.owners import owner_rows
from csconnect_hubspot.pipelines import Stages, stages_of, with_stages
from csconnect_hubspot.portal import Portal
from csconnect_hubspot.reading import RawRecord, changed, list_all, list_archived, moment
from csconnect_hubspot.rows import RowMaker
from csconnect_hubspot.where import Condition

CAPABILITIES = Capabilities(reads=True, writes=True, write_batch=100, write_threads=2, lookup_batch=100)


class HubSpotSource:
    """Implements `csconnect.connectors.protocols.Source`."""

    capabilities: Capabilities = CAPABILITIES

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._stages: dict[str, Stages] = {}

    def check(self) -> list[Finding]:
        """Sign-in, readable objects, quota, our properties; a problem is a finding, but another portal is a `WrongOrgError`."""
        return findings(self.portal)

    def org(self) -> tuple[str, str, bool]:
        """Raises `WrongOrgError` when the connection is pinned to another portal."""
        self.portal.verify()
        identity = self.portal.identity()
        return identity.id, identity.name, identity.production

    def describe(self, object: str) -> ObjectSchema:
        """The object's properties, and of deals the pipelines and stages that there are."""
        schema = self.portal.schema(object)
        if object not in self._stages:  # every stage of a run describes anew
            self._stages[object] = stages_of(self.portal, schema)
        return with_stages(schema, self._stages[object])

    def calls(self) -> int:
        return self.portal.calls

    def close(self) -> None:
        self.portal.close()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """A first pull, and one every ``association_sweep_days``, reads everything; the others read what changed.

        What changed includes rows that show a changed record behind a relation. A changed record that no longer meets
        ``where`` is reported as gone. Raises `WrongOrgError`, `MissingFieldError`
        for properties the portal does not have, and `MappingError` for a ``where`` that cannot be read.
        """
        self.portal.verify()
        sweep = timedelta(days=self.portal.settings.association_sweep_days)
        position = Position.begin(request.cursor, self._start(request), sweep)
        if request.object == "owners":
            yield from self._owners(request, position)
            return
        condition = Condition.of(request.where)
        maker = RowMaker(self.portal, request.object, request.fields, also=condition.names)
        merged: set[str] = set()
        for records, after in self._records(maker, position):
            met, unmet = _split(records, condition)
            stones = [stone for record in records for stone in merges(record)]
            merged.update(stone.id for stone in stones)
            if position.mode == "changes":
                stones += [Tombstone(str(record["id"])) for record in unmet]
            yield Page(maker.rows(met), position.at(after) if after else None, stones)
        if position.mode == "changes" and position.since is not None:
            for records in maker.moved(position.since - self._overlap()):
                yield Page(maker.rows(_split(records, condition)[0]))
        if position.since is not None:
            yield from self._deleted(request.object, position.since, merged)
        yield Page(cursor=position.done(), complete=position.mode == "list" and not position.after)

    def _start(self, request: PullRequest) -> datetime:
        started = self.portal.started()
        return min(started, request.now) if request.now else started

    def _records(self, maker: RowMaker, position: Position) -> Iterator[tuple[list[RawRecord], str]]:
        """Pages with the place behind each; an empty place means that the page is the last."""
        if position.mode == "list" or position.since is None:
            yield from list_all(self.portal, maker.object, maker.properties, position.after)
            return
        since = position.since - self._overlap()
        for records in changed(self.portal, maker.object, maker.properties, since, position.after):
            yield records, str(records[-1]["id"])

    def _deleted(self, object: str, since: datetime, merged: set[str]) -> Iterator[Page]:
        for records in list_archived(self.portal, object, since - self._overlap()):
            stones = [
                Tombstone(str(record["id"]), at=moment(record.get("archivedAt")))
                for record in records
                if str(record["id"]) not in merged
            ]
            if stones:
                yield Page(tombstones=stones)

    def _owners(self, request: PullRequest, position: Position) -> Iterator[Page]:
        """Owners cannot be asked for changes: all of them, each time, those of former users included."""
        for rows in owner_rows(self.portal, request):
            yield Page(rows)
        yield Page(cursor=position.done(), complete=True)

    def _overlap(self) -> timedelta:
        return timedelta(minutes=self.portal.settings.overlap_minutes)


def _split(records: Sequence[RawRecord], condition: Condition) -> tuple[list[RawRecord], list[RawRecord]]:
    """Those that meet the condition, and the rest."""
    parts: tuple[list[RawRecord], list[RawRecord]] = ([], [])
    for record in records:
        parts[not condition.holds(record.get("properties") or {})].append(record)
    return parts


def merges(record: RawRecord) -> Sequence[Tombstone]:
    """The records that were merged into this one, as the survivor itself tells."""
    listed = (record.get("properties") or {}).get("hs_merged_object_ids") or ""
    lost = [id.strip() for id in str(listed).split(";")]
    return [Tombstone(id, merged_into=str(record["id"])) for id in lost if id and id != str(record["id"])]
