"""The journal of applies and undos: intents before, receipts after, and what can be read off them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select

from csconnect.ledger.schema import intents, receipts, written
from csconnect.ledger.store import Store
from csconnect.model.values import Action, Change, FieldKind, Outcome, Receipt, Scalar

_CHUNK = 500
_NOT_KEPT = "NOT-KEPT"
_text = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Entry:
    """One line of an account's history: what we did to which record, when, and what became of it."""

    run_id: str
    at: str
    connection: str
    object: str
    record_id: str | None
    action: Action
    receipt: Receipt


class Book(Store):
    """The journal that apply and undo write to. Nothing in it is ever changed, only added to."""

    def intend(self, run_id: str, changes: Sequence[Change]) -> None:
        """Write down, durably, that these changes are about to be pushed."""
        at = self._at()
        rows = [
            {"run_id": run_id, "change_id": change.id, "change": change.model_dump_json(), "at": at}
            for change in changes
        ]
        with self._write() as connection:
            connection.execute(insert(intents), rows)

    def record(self, run_id: str, done: Sequence[tuple[Change, Receipt]]) -> None:
        """Write down what became of changes, and remember the values that got through."""
        at = self._at()
        with self._write() as connection:
            intent = _latest_intents(connection, run_id, [change.id for change, _ in done])
            rows = [
                {
                    "run_id": run_id,
                    "change_id": change.id,
                    "intent": intent.get(change.id),
                    "connection": change.connection,
                    "object": change.object,
                    "account": change.account,
                    "action": change.action.value,
                    "key": change.key,
                    "record_id": receipt.record_id or change.record_id,
                    "outcome": receipt.outcome.value,
                    "code": receipt.code,
                    "message": self._scrub(receipt.message),
                    "request_id": receipt.request_id,
                    "at": at,
                }
                for change, receipt in done
            ]
            connection.execute(insert(receipts), rows)
            values = list(_values(run_id, done))
            if values:
                self._upsert(connection, written, values, "value", "run_id")

    def pending(self, run_id: str) -> list[Change]:
        """Changes whose latest intent has no receipt, or only an unknown one."""
        latest = _newest(run_id).subquery()
        answered = select(receipts.c.intent).where(
            receipts.c.outcome != Outcome.UNKNOWN.value, receipts.c.intent == intents.c.number
        )
        statement = (
            select(intents.c.change)
            .where(intents.c.number.in_(select(latest.c.number)), ~answered.exists())
            .order_by(intents.c.number)
        )
        with self._read() as connection:
            return [Change.model_validate_json(text) for text in connection.execute(statement).scalars()]

    def receipts(self, run_id: str) -> list[tuple[Change | None, Receipt]]:
        """Everything recorded for a run, oldest first, with the change as it was last intended."""
        statement = (
            select(receipts, intents.c.change)
            .outerjoin(intents, intents.c.number == receipts.c.intent)
            .where(receipts.c.run_id == run_id)
            .order_by(receipts.c.number)
        )
        with self._read() as connection:
            rows = connection.execute(statement).all()
        return [(Change.model_validate_json(row.change) if row.change else None, _receipt(row)) for row in rows]

    def of_account(self, account: str, limit: int = 50) -> list[Entry]:
        """What csconnect did to an account (canonical key), newest first."""
        statement = (
            select(receipts).where(receipts.c.account == account).order_by(receipts.c.number.desc()).limit(limit)
        )
        with self._read() as connection:
            return [
                Entry(row.run_id, row.at, row.connection, row.object, row.record_id, Action(row.action), _receipt(row))
                for row in connection.execute(statement)
            ]

    def has_written(self) -> bool:
        """Whether anything was ever written: False until the first applied run."""
        statement = select(receipts.c.number).where(receipts.c.outcome == Outcome.WRITTEN.value).limit(1)
        with self._read() as connection:
            return connection.execute(statement).first() is not None

    def first_written_on(self) -> date | None:
        """The day anything was first written; None before the first applied run."""
        with self._read() as connection:
            first = connection.execute(
                select(func.min(receipts.c.at)).where(receipts.c.outcome == Outcome.WRITTEN.value)
            ).scalar()
        return date.fromisoformat(first[:10]) if first else None

    def last_written_run(self) -> str | None:
        """The newest plan of which anything was written, undos left out: what ``undo`` takes back unless told otherwise."""
        statement = (
            select(receipts.c.run_id)
            .where(receipts.c.outcome == Outcome.WRITTEN.value, receipts.c.run_id.not_like("%~undo"))
            .order_by(receipts.c.number.desc())
            .limit(1)
        )
        with self._read() as connection:
            found: str | None = connection.execute(statement).scalar()
        return found

    def last_written_at(self, connection: str) -> datetime | None:
        """The moment of the newest receipt that says that something was written to ``connection``, undoing included."""
        statement = select(func.max(receipts.c.at)).where(
            receipts.c.connection == connection, receipts.c.outcome == Outcome.WRITTEN.value
        )
        with self._read() as reading:
            found = reading.execute(statement).scalar()
        return datetime.fromisoformat(found) if found else None

    def last_writers(self, connection: str, object: str) -> Mapping[str, str]:
        """Record id -> the run that wrote to it last, undos included under their own name."""
        mine = (receipts.c.connection == connection, receipts.c.object == object)
        statement = select(receipts.c.record_id, receipts.c.run_id).where(receipts.c.number.in_(_last_written(*mine)))
        with self._read() as reading:
            return {row.record_id: row.run_id for row in reading.execute(statement)}

    def written(self, connection: str | None = None) -> Mapping[tuple[str, str, str, str], Scalar]:
        """The last value we wrote: (connection, object, record id, field) -> wire value. What an undo put back is not ours."""
        statement = select(written).where(written.c.run_id.not_like("%~undo"))
        if connection is not None:
            statement = statement.where(written.c.connection == connection)
        with self._read() as reading:
            return {
                (row.connection, row.object, row.record_id, row.field): json.loads(row.value)
                for row in reading.execute(statement)
            }

    def withdrawn(self) -> frozenset[tuple[str, str, str]]:
        """Records that we closed and have not written to since: (connection, object, record id)."""
        statement = select(receipts.c.connection, receipts.c.object, receipts.c.record_id).where(
            receipts.c.number.in_(_last_written()), receipts.c.action == Action.CLOSE.value
        )
        with self._read() as connection:
            return frozenset((row[0], row[1], row[2]) for row in connection.execute(statement))

    def made(self) -> Mapping[tuple[str, str], date]:
        """The keys we created: (connection, key) -> day of the first time."""
        statement = (
            select(receipts.c.connection, receipts.c.key, func.min(receipts.c.at))
            .where(
                receipts.c.outcome == Outcome.WRITTEN.value,
                receipts.c.action == Action.CREATE.value,
                receipts.c.key.is_not(None),
            )
            .group_by(receipts.c.connection, receipts.c.key)
        )
        with self._read() as connection:
            return {(row[0], row[1]): date.fromisoformat(row[2][:10]) for row in connection.execute(statement)}


def _last_written(*which: ColumnElement[bool]) -> Select[tuple[int]]:
    """The number of the newest receipt of each record that was written."""
    return (
        select(func.max(receipts.c.number))
        .where(receipts.c.outcome == Outcome.WRITTEN.value, receipts.c.record_id.is_not(None), *which)
        .group_by(receipts.c.connection, receipts.c.object, receipts.c.record_id)
    )


def _newest(run_id: str) -> Select[Any]:
    return (
        select(intents.c.change_id, func.max(intents.c.number).label("number"))
        .where(intents.c.run_id == run_id)
        .group_by(intents.c.change_id)
    )


def _latest_intents(connection: Connection, run_id: str, change_ids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(change_ids), _CHUNK):
        chunk = change_ids[start : start + _CHUNK]
        found |= {row[0]: row[1] for row in connection.execute(_newest(run_id).where(intents.c.change_id.in_(chunk)))}
    return found


def _values(run_id: str, done: Sequence[tuple[Change, Receipt]]) -> Iterator[dict[str, object]]:
    for change, receipt in done:
        record_id = receipt.record_id or change.record_id
        # What the system did not keep is nothing that a person could have edited.
        if receipt.outcome is Outcome.WRITTEN and receipt.code != _NOT_KEPT and record_id:
            for field, value in change.values.items():
                # Only scores are compared later; the others are a person's, or travel along unasked.
                if change.kinds.get(field, FieldKind.SCORE) is not FieldKind.SCORE:
                    continue
                yield {
                    "connection": change.connection,
                    "object": change.object,
                    "record_id": record_id,
                    "field": field,
                    "value": _text(value),
                    "run_id": run_id,
                }


def _receipt(row: Any) -> Receipt:
    return Receipt(
        change_id=row.change_id,
        outcome=Outcome(row.outcome),
        record_id=row.record_id,
        code=row.code,
        message=row.message,
        request_id=row.request_id,
    )
