"""The associations endpoints (vendor page "Associations v4"; the same shapes under date-based paths)."""

from __future__ import annotations

from typing import Any

from csconnect_emulator.associations import Link
from csconnect_emulator.hubspot import links, moments
from csconnect_emulator.hubspot.batches import inputs
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.errors import ApiError, Multi, invalid
from csconnect_emulator.hubspot.objects import next_page
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import SYSTEM, LinkType, ObjectType

READ_BATCH, WRITE_BATCH, PAGE = 1000, 2000, 500


def pair(call: Call) -> tuple[ObjectType, ObjectType]:
    """The two objects named in the path."""
    return call.portal.kind(call.path["type"]), call.portal.kind(call.path["to_type"])


def listing(call: Call) -> Answer:
    """What one record is associated with."""
    one, other = pair(call)
    id, limit, after = call.path["id"], call.number("limit", PAGE, PAGE), call.cursor()
    links.require(call.portal, one, [id])
    found = _targets(call.portal, one, other, [id]).get(id, [])
    body: dict[str, Any] = {"results": found[after : after + limit]}
    if after + limit < len(found):
        body["paging"] = next_page(call.url, str(after + limit))
    return Answer(body)


def put_default(call: Call) -> Answer:
    """Associate two records without a label; doing it again changes nothing."""
    one, other = pair(call)
    id, to = call.path["id"], call.path["to_id"]
    links.require(call.portal, one, [id])
    links.require(call.portal, other, [to])
    return _batch(call, _associate(call.portal, one, id, other, to))


def put(call: Call) -> Answer:
    """Associate two records with the types in the body."""
    one, other = pair(call)
    id, to = call.path["id"], call.path["to_id"]
    types = [links.type_of(call.portal, one, other, spec) for spec in call.body or []]
    links.require(call.portal, one, [id])
    links.require(call.portal, other, [to])
    links.add(call.portal, one, id, other, to, types)
    return Answer(_labelled(one, id, other, to, types), 201)


def delete(call: Call) -> Answer:
    one, other = pair(call)
    link = Link(one.name, call.path["id"], other.name, call.path["to_id"])
    call.portal.store.associations.remove(SYSTEM, [link], any_label=True)
    return Answer(None, 204)


def batch_read(call: Call) -> Answer:
    """Per record what it is associated with; a record with nothing is an error of a 207 (recorded)."""
    one, other = pair(call)
    given = {str(entry.get("id", "")): str(entry.get("after") or "0") for entry in inputs(call, READ_BATCH)}
    found, results, parts = _targets(call.portal, one, other, list(given)), [], []
    for id, after in given.items():
        if id not in found:
            parts.append(_nothing(one, id, other))
            continue
        start = int(after) if after.isdigit() else 0
        result: dict[str, Any] = {"from": {"id": id}, "to": found[id][start : start + PAGE]}
        if start + PAGE < len(found[id]):
            result["paging"] = next_page(call.url, str(start + PAGE))
        results.append(result)
    return _batch(call, results, Multi(parts))


def batch_create(call: Call) -> Answer:
    one, other = pair(call)

    def make(entry: dict[str, Any], id: str, to: str) -> list[dict[str, Any]]:
        types = [links.type_of(call.portal, one, other, spec) for spec in entry.get("types") or []]
        links.add(call.portal, one, id, other, to, types)
        return [_labelled(one, id, other, to, types)]

    return _pairs(call, make, 201)


def batch_default(call: Call) -> Answer:
    one, other = pair(call)
    return _pairs(call, lambda _entry, id, to: _associate(call.portal, one, id, other, to), 200)


def batch_archive_labels(call: Call) -> Answer:
    """Take labels away and leave the plain association; the plain one takes its labels with it."""
    one, other = pair(call)
    with call.portal.store.transaction():
        for entry in inputs(call, WRITE_BATCH):
            link = Link(one.name, _end(entry.get("from")), other.name, _end(entry.get("to")))
            for kind in [links.type_of(call.portal, one, other, spec) for spec in entry.get("types") or []]:
                labelled = link._replace(label=kind.key)
                call.portal.store.associations.remove(SYSTEM, [labelled], any_label=not kind.key)
    return Answer(None, 204)


def batch_archive(call: Call) -> Answer:
    """Take associations away, whatever their labels."""
    one, other = pair(call)
    gone = [
        Link(one.name, _end(entry.get("from")), other.name, _end(to))
        for entry in inputs(call, WRITE_BATCH)
        for to in entry.get("to") or []
    ]
    call.portal.store.associations.remove(SYSTEM, gone, any_label=True)
    return Answer(None, 204)


def _targets(portal: Portal, one: ObjectType, other: ObjectType, ids: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Per id: ``{toObjectId, associationTypes}`` of every living record it is linked to."""
    types = {kind.key: kind for kind in portal.link_types(one, other)}
    found = portal.store.associations.of(SYSTEM, one.name, ids, other.name)
    alive = portal.store.get_many(SYSTEM, other.name, {to for pairs in found.values() for to, _ in pairs})
    out: dict[str, list[dict[str, Any]]] = {}
    for id, pairs in found.items():
        keys: dict[str, list[str]] = {}
        for to, key in pairs:
            if to in alive and key in types:
                keys.setdefault(to, []).append(key)
        if keys:
            out[id] = [
                {"toObjectId": to, "associationTypes": [types[key].to_json() for key in found_keys]}
                for to, found_keys in keys.items()
            ]
    return out


def _associate(portal: Portal, one: ObjectType, id: str, other: ObjectType, to: str) -> list[dict[str, Any]]:
    """Link without label; the answer names both directions."""
    there, back = (
        next(kind for kind in portal.link_types(*two) if not kind.key) for two in ((one, other), (other, one))
    )
    links.add(portal, one, id, other, to, [there])
    return [
        {"from": {"id": id}, "to": {"id": to}, "associationSpec": links.specification(there)},
        {"from": {"id": to}, "to": {"id": id}, "associationSpec": links.specification(back)},
    ]


def _pairs(call: Call, make: Any, status: int) -> Answer:
    """A batch of ``{from: {id}, to: {id}}``; pairs with a record that is not there are errors of a 207."""
    one, other = pair(call)
    given = [(entry, _end(entry.get("from")), _end(entry.get("to"))) for entry in inputs(call, WRITE_BATCH)]
    lost_from = set(links.missing(call.portal, one, [id for _, id, _ in given]))
    lost_to = set(links.missing(call.portal, other, [to for _, _, to in given]))
    results, multi = [], Multi()
    with call.portal.store.transaction():
        for entry, id, to in given:
            if id in lost_from or to in lost_to:
                error = links.absent(one, [id]) if id in lost_from else links.absent(other, [to])
                multi.parts.append(error.to_part({"fromObjectId": [id], "toObjectId": [to]}))
            else:
                results.extend(make(entry, id, to))
    return _batch(call, results, multi, status)


def _end(given: Any) -> str:
    """The id of one end of a pair, ``{id}``; 400 when it is anything else."""
    if not isinstance(given, dict) or "id" not in given:
        raise invalid("from and to must be objects with an id", code="REQUIRED_FIELD")
    return str(given["id"])


def _labelled(one: ObjectType, id: str, other: ObjectType, to: str, types: list[LinkType]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": one.id,
        "fromObjectId": id,
        "toObjectTypeId": other.id,
        "toObjectId": to,
        "labels": [kind.label for kind in types if kind.label],
    }


def _nothing(one: ObjectType, id: str, other: ObjectType) -> dict[str, Any]:
    message = f"No {other.singular} is associated with {one.singular} {id}."
    context = {"fromObjectId": [id], "fromObjectType": [one.singular], "toObjectType": [other.singular]}
    part = ApiError(404, "OBJECT_NOT_FOUND", message).to_part(context)
    return {**part, "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND"}


def _batch(call: Call, results: list[dict[str, Any]], multi: Multi | None = None, status: int = 200) -> Answer:
    now = moments.iso(call.portal.now())
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    errors = multi.parts if multi else []
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return Answer(body, 207 if errors else status)
