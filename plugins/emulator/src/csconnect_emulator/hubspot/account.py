"""Owners, the account itself, its quota and its limits."""

from __future__ import annotations

import zlib
from typing import Any

from csconnect_emulator.hubspot import moments
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.errors import not_found
from csconnect_emulator.hubspot.objects import next_page
from csconnect_emulator.hubspot.schema import SYSTEM
from csconnect_emulator.store import Record

_DAY = 86_400_000
_ALLOWED = {
    "custom-properties": 1000,
    "custom-object-types": 10,
    "pipelines": 100,
    "associations/labels": 50,
    "records": 15_000_000,
}


def owners(call: Call) -> Answer:
    """A page of owners (100 unless asked for up to 500); ``archived=true`` gives the deactivated ones."""
    limit, after = call.number("limit", 100, 500), call.cursor()
    where = "seq > ? AND deleted = ?"
    params: list[Any] = [after, int(call.flag("archived"))]
    if call.query.get("email"):
        where, params = (
            f"{where} AND lower({call.portal.store.column('email')}) = ?",
            [*params, call.query["email"].lower()],
        )
    found = call.portal.store.query(SYSTEM, "owners", where, params, limit=limit + 1, include_deleted=True)
    page = found[:limit]
    body: dict[str, Any] = {"results": [_owner(record) for record in page]}
    if len(found) > limit:
        body["paging"] = next_page(call.url, str(page[-1].seq))
    return Answer(body)


def owner(call: Call) -> Answer:
    """One owner by id; ``idProperty=userId`` by user."""
    id, archived = call.path["id"], call.flag("archived")
    found = call.portal.store.query(SYSTEM, "owners", "deleted = ?", [int(archived)], include_deleted=True)
    key = "userId" if call.query.get("idProperty") == "userId" else "id"
    for body in map(_owner, found):
        if str(body[key]) == id:
            return Answer(body)
    raise not_found(f"Owner {id} does not exist")


def details(call: Call) -> Answer:
    """Which account this is; what a client pins."""
    account = call.portal.store.get_meta("hubspot.account")
    return Answer({name: value for name, value in account.items() if name != "name"})


def daily_usage(call: Call) -> Answer:
    """How much of the day's quota is spent."""
    now, limits = call.portal.now(), call.portal.limits
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": limits["max"],
        "currentUsage": limits["used"],
        "collectedAt": moments.iso(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": moments.iso(now - now % _DAY + _DAY),
    }
    return Answer({"results": [usage]})


def limits(call: Call) -> Answer:
    """Use of one of the account's limits: custom properties, object types, pipelines, labels, records."""
    what = call.path["what"]
    if what not in _ALLOWED:
        raise not_found(f"There is no limit called {what}")
    if what == "custom-object-types":
        return Answer(_usage(len([kind for kind in call.portal.kinds() if kind.custom]), _ALLOWED[what]))
    by_type = [
        {"objectTypeId": kind.id, "singularLabel": kind.labels[0], "pluralLabel": kind.labels[1]}
        | _usage(_used(call, what, kind.name), _ALLOWED[what])
        for kind in call.portal.kinds()
    ]
    total = _usage(sum(int(one["usage"]) for one in by_type), _ALLOWED[what] * len(by_type))
    overall = {f"overall{name.capitalize()}": value for name, value in total.items()}
    key = "hubspotDefinedObjectTypes" if what == "records" else "byObjectType"
    return Answer({key: by_type, **overall})


def _used(call: Call, what: str, name: str) -> int:
    portal = call.portal
    if what == "records":
        return portal.store.count(SYSTEM, name)
    if what == "pipelines":
        return len(portal.store.get_meta("hubspot.pipelines", {}).get(name, []))
    if what == "associations/labels":
        made = portal.store.get_meta("hubspot.labels", {})
        return sum(len(entries) for pair, entries in made.items() if pair.startswith(f"{name}>"))
    return sum(not prop.hubspot_defined for prop in portal.properties(portal.kind(name)).values())


def _usage(used: int, most: int) -> dict[str, int | float]:
    return {"limit": most, "usage": used, "percentage": round(100 * used / most, 2)}


def _owner(record: Record) -> dict[str, Any]:
    user = record.data.get("userId") or zlib.crc32(record.id.encode()) % 90_000_000
    return {
        "id": record.id,
        "email": record.data.get("email"),
        "type": "PERSON",
        "firstName": record.data.get("firstName") or "",
        "lastName": record.data.get("lastName") or "",
        "userId": None if record.deleted else int(user),
        "userIdIncludingInactive": int(user),
        "createdAt": moments.iso(record.created // 1000),
        "updatedAt": moments.iso(record.modified // 1000),
        "archived": record.deleted,
    }
