"""Records one at a time: list, read, create, update, archive, merge, search (vendor pages "Objects", "Search the CRM")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from csconnect_emulator.hubspot import search as searching
from csconnect_emulator.hubspot import search_sql, writes
from csconnect_emulator.hubspot.batches import HISTORY
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.links import link_new_record
from csconnect_emulator.hubspot.schema import SYSTEM
from csconnect_emulator.store import Record

PAGE = 100


def listing(call: Call) -> Answer:
    """A page of records, at most 100 (50 with history), in the order they were made."""
    most = HISTORY if call.names("propertiesWithHistory") else PAGE
    kind, limit, after = call.kind, call.number("limit", 10, most), call.cursor()
    found = call.portal.store.query(
        SYSTEM, kind.name, "seq > ? AND deleted = ?", [after, int(call.flag("archived"))],
        limit=limit + 1, include_deleted=True,
    )  # fmt: skip
    page = found[:limit]
    body: dict[str, Any] = {"results": _with_links(call, page)}
    if len(found) > limit:
        body["paging"] = next_page(call.url, str(page[-1].seq))
    return Answer(body)


def read(call: Call) -> Answer:
    record = _named(call, archived=call.flag("archived"))
    return Answer(_with_links(call, [record])[0])


def create(call: Call) -> Answer:
    body = call.object()
    with call.portal.store.transaction():
        record = writes.create(call.portal, call.kind, body.get("properties", {}))
        link_new_record(call.portal, call.kind, record.id, body.get("associations") or [])
    return Answer(call.portal.to_json(call.kind, record, body.get("properties", {})), 201)


def update(call: Call) -> Answer:
    given = call.object().get("properties")
    with call.portal.store.transaction():
        record = writes.update(call.portal, call.kind, _named(call), given)
    return Answer(call.portal.to_json(call.kind, record, given or {}))


def archive(call: Call) -> Answer:
    """204 whether or not the record was there."""
    writes.archive(call.portal, call.kind, call.path["id"])
    return Answer(None, 204)


def merge(call: Call) -> Answer:
    body, portal, kind = call.object(), call.portal, call.kind
    winner, loser = (
        portal.find(kind, str(body.get(name, "")), None) for name in ("primaryObjectId", "objectIdToMerge")
    )
    return Answer(portal.to_json(kind, writes.merge(portal, kind, winner, loser), ["hs_merged_object_ids"]))


def search(call: Call) -> Answer:
    """A page of search results: 200 at most, the first 10,000 only, and new records only after a while."""
    portal, kind, store = call.portal, call.kind, call.portal.store
    wanted = searching.parse(call.object(), portal.properties(kind), portal.limits["search_cap"])
    statement = search_sql.Statement(kind, search_sql.link_names(portal.kinds()))
    where = statement.where(wanted, store.clock.micros() - portal.limits["search_lag_ms"] * 1000)
    total = store.count(SYSTEM, kind.name, where, statement.params)
    found = store.query(
        SYSTEM, kind.name, where, statement.params,
        order=search_sql.order_by(wanted.sort), limit=wanted.limit, offset=wanted.after,
    )  # fmt: skip
    body: dict[str, Any] = {
        "total": total,
        "results": [portal.to_json(kind, record, wanted.properties) for record in found],
    }
    end = wanted.after + len(found)
    if end < total:
        body["paging"] = {"next": {"after": str(end)}}
    return Answer(body)


def next_page(url: str, after: str) -> dict[str, Any]:
    """``paging`` with the cursor and the address of the next page."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "after"]
    link = parts._replace(query=urlencode([*query, ("after", after)])).geturl()
    return {"next": {"after": after, "link": link}}


def _named(call: Call, archived: bool = False) -> Record:
    return call.portal.find(call.kind, call.path["id"], call.query.get("idProperty"), archived)


def _with_links(call: Call, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Records as JSON with the properties and associations that the query asks for."""
    portal, kind = call.portal, call.kind
    bodies = {r.id: portal.to_json(kind, r, call.names("properties")) for r in records}
    for name in call.names("associations"):
        other = portal.kind(name)
        types = {t.key: t for t in portal.link_types(kind, other)}
        for id, links in portal.store.associations.of(SYSTEM, kind.name, bodies, other.name).items():
            stem = f"{kind.singular}_to_{other.singular}"
            plain = f"{stem}_unlabeled" if "primary" in types else stem
            found = [{"id": to, "type": stem if key == "primary" else plain} for to, key in links]
            bodies[id].setdefault("associations", {})[other.name] = {"results": found}
    return list(bodies.values())
