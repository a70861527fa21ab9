"""Writing: one batch at a time through the collections resources, a receipt for each record, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from csconnect.connectors.http import UNKNOWN_OUTCOME
from csconnect.connectors.protocols import Lookup
from csconnect.errors import CsconnectError, ExternalError, MissingFieldError, ScopeError, UnreachableError
from csconnect.model.values import Action, Change, Outcome, Receipt, Record
from csconnect_salesforce.ids import checked_id, checked_name, is_id
from csconnect_salesforce.session import ARCHIVED, COLLECTION, Session
from csconnect_salesforce.soql import IN_ROOM, one_of, select, value_groups
from csconnect_salesforce.source import flat
from csconnect_salesforce.wire import on_the_wire

LOCK_BATCH = 20
"""Rows that met a lock are tried once more in batches of this size, one after another."""
GONE = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND"})
CALLS_PER_BATCH = 3
"""Each batch is read before, written, and read back."""


@dataclass
class _Result:
    """What Salesforce said of one record."""

    outcome: Outcome
    record_id: str | None = None
    code: str = ""
    message: str = ""
    request_id: str = ""

    @property
    def locked(self) -> bool:
        return self.code == "UNABLE_TO_LOCK_ROW" or "Too many future calls" in self.message


@dataclass
class _Job:
    """One record of a batch on its way."""

    change: Change
    body: dict[str, Any] = field(default_factory=dict)
    result: _Result | None = None


class Writer:
    """Reads and writes few records of one org, live."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def existing(self, lookup: Lookup) -> Iterator[Record]:
        """The records of ``lookup`` as they stand now."""
        by_id = lookup.field.lower() == "id"
        if by_id and not any("." in name for name in lookup.fields):
            ids = [checked_id(value) for value in lookup.values]
            for start in range(0, len(ids), COLLECTION):
                for raw in self._session.retrieve(
                    lookup.object, ids[start : start + COLLECTION], ["Id", *lookup.fields]
                ):
                    yield Record(lookup.object, raw["Id"], flat(raw, lookup.fields))
            return
        key = "Id" if by_id else lookup.field
        names = list(dict.fromkeys([*lookup.fields, key]))
        archived = lookup.object in ARCHIVED
        for values in value_groups(lookup.values, IN_ROOM, COLLECTION):
            conditions = [one_of(key, values), "IsDeleted = false" if archived else ""]
            soql = select(lookup.object, dict.fromkeys(["Id", *names]), conditions)
            for records in self._session.query(soql, everything=archived):
                for raw in records:
                    yield Record(lookup.object, raw["Id"], flat(raw, names))

    def push(self, batch: Sequence[Change]) -> list[Receipt]:
        """Write changes of one object and one action; receipts in the order of ``batch``."""
        jobs = [_Job(change) for change in batch]
        if not jobs:
            return []
        self._session.org()
        object, action = checked_name(batch[0].object), batch[0].action
        described = self._session.fields(object)
        for job in jobs:
            _prepare(job, described)
        # Rows of one account side by side lock its parent once, not once in each of several parallel batches.
        ready = sorted((job for job in jobs if job.result is None), key=lambda job: job.change.account)
        key = _upsert_key(batch[0], described) if action is Action.CREATE else ""
        self._send(object, action, key, ready, COLLECTION)
        locked = [job for job in ready if job.result and job.result.locked]
        self._send(object, action, key, locked, LOCK_BATCH)
        return [_receipt(job) for job in jobs]

    def cost(self, changes: Sequence[Change]) -> int:
        """Calls for these changes, the describe of each object and the reads before and after included."""
        batches: dict[tuple[str, Action], int] = {}
        for change in changes:
            batches[change.object, change.action] = batches.get((change.object, change.action), 0) + 1
        return sum(CALLS_PER_BATCH * -(-count // COLLECTION) for count in batches.values()) + len(
            {o for o, _ in batches}
        )

    def _send(self, object: str, action: Action, key: str, jobs: Sequence[_Job], size: int) -> None:
        path, method = "composite/sobjects", "PATCH"
        if action is Action.CREATE:
            path, method = (f"{path}/{object}/{checked_name(key)}", "PATCH") if key else (path, "POST")
        for start in range(0, len(jobs), size):
            part = jobs[start : start + size]
            body = {"allOrNone": False, "records": [job.body for job in part]}
            try:
                answer = self._session.call(method, path, json=body)
            except CsconnectError as error:
                if not _refusal(error):
                    raise
                for job in part:
                    job.result = _Result(Outcome.REFUSED, code=error.error_code, message=error.what)
                continue
            results = answer.json()
            if not isinstance(results, list) or len(results) != len(part):
                raise UnreachableError(
                    "Salesforce gave another number of results than records; what was written is not known",
                    remedy="The records are read back",
                    code=UNKNOWN_OUTCOME,
                )
            for job, raw in zip(part, results, strict=True):
                job.result = _result(job.change, raw, answer.request_id)


def _prepare(job: _Job, described: Mapping[str, Mapping[str, Any]]) -> None:
    """The body of one record: only the values of its change, and its id or key."""
    change = job.change
    job.body = {"attributes": {"type": change.object}, **on_the_wire(change.values, described)}
    if change.action is Action.CREATE:
        if change.key_field and change.key:
            job.body[checked_name(change.key_field)] = change.key
    elif is_id(change.record_id):
        job.body["id"] = change.record_id
    else:
        job.result = _Result(Outcome.REFUSED, code="MALFORMED_ID", message="the record's id is not a Salesforce id")


def _upsert_key(change: Change, described: Mapping[str, Mapping[str, Any]]) -> str:
    """The key field when the org makes it unique, so that even two runs at once create one record; else empty."""
    info = described.get(change.key_field or "", {})
    return change.key_field or "" if info.get("externalId") and info.get("unique") else ""


def _refusal(error: CsconnectError) -> bool:
    """Whether Salesforce refused the whole batch knowingly, so that each row was certainly not written."""
    return isinstance(error, (MissingFieldError, ScopeError)) or type(error) is ExternalError


def _result(change: Change, raw: Mapping[str, Any], request_id: str) -> _Result:
    if raw.get("success"):
        return _Result(Outcome.WRITTEN, str(raw.get("id") or change.record_id or "") or None, request_id=request_id)
    errors = raw.get("errors") or [{}]
    code = str(errors[0].get("statusCode") or errors[0].get("errorCode") or "UNKNOWN")
    message = "; ".join(_sentence(error) for error in errors)
    # A wrong reference among the values has its field named; without one it is the record itself that is gone.
    gone = code in GONE and change.action is not Action.CREATE and not errors[0].get("fields")
    return _Result(Outcome.GONE if gone else Outcome.REFUSED, change.record_id, code, message, request_id)


def _sentence(error: Mapping[str, Any]) -> str:
    fields = ", ".join(error.get("fields") or ())
    return f"{error.get('message', '')}{f' [{fields}]' if fields else ''}"


def _receipt(job: _Job) -> Receipt:
    result = job.result or _Result(Outcome.UNKNOWN)
    return Receipt(
        change_id=job.change.id,
        outcome=result.outcome,
        record_id=result.record_id,
        code=result.code,
        message=result.message,
        request_id=result.request_id,
    )
