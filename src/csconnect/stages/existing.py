"""What the CRM says, as this run's pull saw it: the lake is the state (architecture, decision 4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from csconnect.writeback.keys import rule_of
from csconnect.writeback.values import Existing, State

if TYPE_CHECKING:
    from csconnect.lake import Snapshot


def existing_records(snapshot: Snapshot) -> Iterator[Existing]:
    """Every account, opportunity and task that write-back may have to know, in the words of write-back; deleted ones included,
    because a task that a person deleted asks for silence."""
    for row in _rows(snapshot, "account"):
        if not row["_deleted"]:
            yield Existing(
                "account", row["_connection"], row["id"], row["_record"], owned=_owned(row), label=row["name"] or ""
            )
    for entity in ("opportunity", "task"):
        for row in _rows(snapshot, entity):
            yield Existing(
                entity,
                row["_connection"],
                row["account_id"] or "",
                row["_record"],
                key=row["key"],
                rule=rule_of(row["key"]),
                owned=_owned(row),
                status=State.GONE if row["_deleted"] else State(row["status"]),
                closed_on=_day(row["_known_at"] if row["_deleted"] else row["closed_at"]),
                seen_on=_day(row["_known_at"]),
                parent=_bare(row.get("contract_id")),
                kind=row.get("kind"),
                close_on=row.get("close_on"),
                label=row.get("name") or row.get("subject") or "",
            )


def _rows(snapshot: Snapshot, entity: str) -> Iterator[dict[str, Any]]:
    for batch in snapshot.existing(entity, gone=True).to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def _owned(row: dict[str, Any]) -> dict[str, Any]:
    return json.loads(row["_owned"]) if row["_owned"] else {}


def _bare(key: str | None) -> str | None:
    return key.split(":", 1)[1] if key else None


def _day(instant: datetime | None) -> date | None:
    return instant.date() if instant else None
