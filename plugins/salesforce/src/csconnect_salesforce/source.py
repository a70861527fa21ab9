"""Reading: pages of rows by SystemModstamp, their own and their parents'; deletions and merges by queryAll."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from csconnect.connectors.protocols import FieldInfo, ObjectSchema, PullRequest
from csconnect.model.values import Page, Tombstone
from csconnect_salesforce.cursor import Cursor, Overlap
from csconnect_salesforce.derived import asked, derive
from csconnect_salesforce.parents import STAMP, parent_stamps
from csconnect_salesforce.session import ARCHIVED, COLLECTION, Session
from csconnect_salesforce.soql import IN_ROOM, LONGEST, field_groups, instant, one_of, select, value_groups
from csconnect_salesforce.visibility import Visibility


class Reader:
    """Describes and pulls objects of one org."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._visibility = Visibility(session)
        self._width = timedelta(minutes=session.settings.overlap_minutes)

    def describe(self, object: str) -> ObjectSchema:
        """The object as our user sees it."""
        raw = self._session.describe(object)
        fields = {name: field_info(field) for name, field in self._session.fields(object).items()}
        return ObjectSchema(str(raw["name"]), str(raw["label"]), fields)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Deletions first, under the old cursor, then rows: a run that stops half-way loses neither."""
        known = self._session.fields(request.object)
        wanted, request = request.fields, replace(request, fields=asked(request.object, request.fields, known))
        self._visibility.demand(request.object, request.fields)
        start = Cursor.read(request.cursor) if request.cursor and STAMP in known else None
        overlap = Overlap(self._width, start, self._session.began())
        if start:
            yield from self._tombstones(request, start, overlap, known)
        withdrawn = self._session.settings.withdrawn_stage
        since = None if self._rereads(request, known) else start
        for page in self._pages(request, since, overlap, known):
            for row in page.rows:
                derive(request.object, wanted, row, withdrawn)
            yield page
        if since is None:
            overlap.finish()
            # What is out of scope now was never delivered, so the next look-back must not report it as gone.
            lately = self._since(overlap.at) if overlap.at and STAMP in known else ""
            for record in self._outside(request, lately):
                overlap.outside(record["Id"], record[STAMP])
            yield Page(cursor=overlap.cursor() if STAMP in known else None, complete=True)

    def _rereads(self, request: PullRequest, known: dict[str, dict[str, Any]]) -> bool:
        """Formula and roll-up fields change without moving SystemModstamp, so objects with them are read whole."""
        formulas = [name for name in request.fields if known.get(name, {}).get("calculated")]
        if formulas and request.cursor and self._session.settings.reread_formulas:
            self._session.context.note(f"{request.object} is read whole: {', '.join(formulas)} move no timestamp")
        return bool(formulas) and self._session.settings.reread_formulas

    def _pages(
        self, request: PullRequest, start: Cursor | None, overlap: Overlap, known: dict[str, dict[str, Any]]
    ) -> Iterator[Page]:
        """Everything; or what changed by its own stamp, then what shows or is chosen by a parent that changed."""
        yield from self._rows(request, self._since(start.at) if start else "", overlap, known)
        stamps = parent_stamps(self._session, request.object, request.fields, request.where) if start else []
        if start and stamps:
            yield from self._rows(request, self._since(start.parents or start.at, stamps), overlap, known)
            overlap.parents_read()
            yield Page(cursor=overlap.cursor())

    def _rows(
        self, request: PullRequest, since: str, overlap: Overlap, known: dict[str, dict[str, Any]]
    ) -> Iterator[Page]:
        conditions = [request.where, since]
        archived = request.object in ARCHIVED and "IsDeleted" in known
        if archived:
            conditions.append("IsDeleted = false")
        stamped = STAMP in known
        fields = list(dict.fromkeys(["Id", *([STAMP] if stamped else []), *request.fields]))
        first, *others = field_groups(request.object, fields, LONGEST - len(request.where))
        soql = select(request.object, first, conditions, f"{STAMP}, Id" if stamped else "Id")
        for records in self._session.query(soql, everything=archived):
            rows = self._widened(request.object, [flat(record, first) for record in records], others, archived)
            # Asked for everything, every row is wanted, even one that an earlier pull has delivered.
            news = [not stamped or overlap.row(row["Id"], row[STAMP], row) or not since for row in rows]
            rows = [row for row, new in zip(rows, news, strict=True) if new]
            yield Page(rows, cursor=overlap.cursor() if stamped else None)

    def _widened(
        self, object: str, rows: list[dict[str, Any]], groups: Sequence[list[str]], archived: bool
    ) -> list[dict[str, Any]]:
        """``rows`` with the fields that did not fit into the first query, joined by Id."""
        by_id = {row["Id"]: row for row in rows}
        for fields in groups:
            for row in rows:
                row.update(dict.fromkeys(fields))
            for ids in value_groups(list(by_id), IN_ROOM, COLLECTION):
                soql = select(object, ["Id", *fields], [one_of("Id", ids)])
                for records in self._session.query(soql, everything=archived):
                    for record in records:
                        by_id[record["Id"]].update(flat(record, fields))
        return rows

    def _tombstones(
        self, request: PullRequest, start: Cursor, overlap: Overlap, known: dict[str, dict[str, Any]]
    ) -> Iterator[Page]:
        """Deleted and merged records, and those that a changed field put outside the mapping's ``where``."""
        if "IsDeleted" in known:
            master = ["MasterRecordId"] if "MasterRecordId" in known else []
            conditions = ["IsDeleted = true", self._since(start.gone)]
            soql = select(request.object, ["Id", STAMP, *master], conditions, f"{STAMP}, Id")
            for records in self._session.query(soql, everything=True):
                gone = [_tombstone(record) for record in records if overlap.deleted(record["Id"], record[STAMP])]
                yield Page(tombstones=gone)
        by_parent = parent_stamps(self._session, request.object, (), request.where)
        lately = [self._since(start.at), self._since(start.parents or start.at, by_parent)]
        outside = self._outside(request, " OR ".join(filter(None, lately)))
        left = [record for record in outside if overlap.outside(record["Id"], record[STAMP])]
        yield Page(tombstones=[_tombstone(record) for record in left])

    def _outside(self, request: PullRequest, lately: str) -> Iterator[dict[str, Any]]:
        """Records changed ``lately`` that the mapping's ``where`` does not want."""
        if request.where and lately:
            conditions = [lately, f"NOT ({request.where})"]
            for records in self._session.query(select(request.object, ["Id", STAMP], conditions)):
                yield from records

    def _since(self, at: datetime, stamps: Sequence[str] = (STAMP,)) -> str:
        """The condition that any of ``stamps`` is as late as ``at`` or within the look-back before it."""
        return " OR ".join(f"{stamp} >= {instant(at - self._width)}" for stamp in stamps)


def flat(record: dict[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    """The wanted paths of a nested record; a path over an empty relation is null."""
    row: dict[str, Any] = {}
    for path in fields:
        value: Any = record
        for step in path.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        row[path] = value
    return row


def field_info(field: dict[str, Any]) -> FieldInfo:
    """One field of a describe in the core's shape."""
    choices = tuple(item["value"] for item in field.get("picklistValues") or () if item.get("active", True))
    return FieldInfo(
        name=field["name"],
        label=field.get("label") or field["name"],
        type=field["type"],
        writable=bool(field.get("updateable") or field.get("createable")),
        unique=bool(field.get("unique")),
        choices=choices,
        length=field.get("length") or None,
    )


def _tombstone(record: dict[str, Any]) -> Tombstone:
    return Tombstone(record["Id"], record.get("MasterRecordId"), datetime.fromisoformat(record[STAMP]))
