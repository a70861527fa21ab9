"""Fields that the vendor sets beside the ones that are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from csconnect_emulator.salesforce.org import API_USER, PERSON
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.salesforce.soql.shape import stamp_text
from csconnect_emulator.store import RecordStore

Fields = dict[str, Any]


class Derived:
    """Adds derived fields to the values of a write; ``old`` is the record as it stands, empty on create."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._rules: dict[str, Callable[[Fields, Fields], None]] = {
            "Opportunity": self._opportunity,
            "Task": self._task,
            "Event": self._activity,
            "Case": self._case,
            "Contact": _full_name,
            "User": _full_name,
            "Contract": _contract,
            "Order": _status_code,
            "OrderItem": _order_item,
        }

    def by_api(self, object: str, old: Fields, new: Fields) -> Fields:
        """What to store when the API user writes ``new``."""
        return self._add(object, old, new, API_USER)

    def by_person(self, object: str, old: Fields, new: Fields) -> Fields:
        """What to store when a person edits by hand."""
        return self._add(object, old, new, str(new.get("LastModifiedById", PERSON)))

    def _add(self, object: str, old: Fields, new: Fields, user: str) -> Fields:
        values = {**new, "LastModifiedById": user} | ({} if old else {"CreatedById": user})
        rule = self._rules.get(object)
        if rule:
            rule(old, values)
        return values

    def _now(self) -> str:
        return stamp_text(self._store.clock.micros())

    def _opportunity(self, old: Fields, new: Fields) -> None:
        if "StageName" not in new:
            return
        where = f"{self._store.column('ApiName')} = ?"
        stages = self._store.query(SYSTEM, "OpportunityStage", where, [new["StageName"]])
        shown = stages[0].data if stages else {}
        new["IsClosed"], new["IsWon"] = bool(shown.get("IsClosed")), bool(shown.get("IsWon"))
        if new["StageName"] != old.get("StageName"):
            new["LastStageChangeDate"] = self._now() if old else None

    def _task(self, old: Fields, new: Fields) -> None:
        self._activity(old, new)
        if "Priority" in new:
            new["IsHighPriority"] = new["Priority"] == "High"
        if "Status" in new:
            closed = new["Status"] == "Completed"
            new["IsClosed"] = closed
            if closed != bool(old.get("IsClosed")):
                new["CompletedDateTime"] = self._now() if closed else None

    def _case(self, old: Fields, new: Fields) -> None:
        if "Status" in new:
            closed = new["Status"] == "Closed"
            new["IsClosed"] = closed
            if closed != bool(old.get("IsClosed")):
                new["ClosedDate"] = self._now() if closed else None

    def _activity(self, old: Fields, new: Fields) -> None:
        """The account of an activity follows its WhatId, else that of its contact."""
        if not {"WhatId", "WhoId"} & set(new):
            return
        what = new.get("WhatId", old.get("WhatId")) or ""
        who = new.get("WhoId", old.get("WhoId")) or ""
        if what.startswith("001"):
            new["AccountId"] = what
            return
        for object, prefix, id in [(o, p, what) for o, p in _PARENTS] + [("Contact", "003", who)]:
            parent = self._store.get(SYSTEM, object, id) if id.startswith(prefix) else None
            if parent is not None:
                new["AccountId"] = parent.data.get("AccountId")
                return
        new["AccountId"] = None


_PARENTS = (("Opportunity", "006"), ("Contract", "800"), ("Order", "801"), ("Case", "500"))


def _full_name(old: Fields, new: Fields) -> None:
    if {"FirstName", "LastName"} & set(new):
        parts = (new.get(name, old.get(name)) for name in ("FirstName", "LastName"))
        new["Name"] = " ".join(part for part in parts if part)


def _status_code(old: Fields, new: Fields) -> None:
    """The category of a status. An org may rename and add statuses, never categories; here they bear the same names."""
    if "Status" in new:
        new["StatusCode"] = new["Status"]


def _contract(old: Fields, new: Fields) -> None:
    """The end follows from start and term unless it was given."""
    _status_code(old, new)
    both = {**old, **new}
    start, months = both.get("StartDate"), both.get("ContractTerm")
    if {"StartDate", "ContractTerm"} & set(new) and not new.get("EndDate") and start and months:
        first = date.fromisoformat(start)
        year, month = divmod(first.year * 12 + first.month - 1 + int(months), 12)
        last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        new["EndDate"] = (date(year, month + 1, min(first.day, last)) - timedelta(days=1)).isoformat()


def _order_item(old: Fields, new: Fields) -> None:
    both = {**old, **new}
    if {"Quantity", "UnitPrice"} & set(new):
        new["TotalPrice"] = round((both.get("Quantity") or 0) * (both.get("UnitPrice") or 0), 2)
