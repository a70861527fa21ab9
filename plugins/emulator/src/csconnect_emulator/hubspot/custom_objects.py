"""Custom objects (vendor page "Custom objects"): their schemas; their records live on the ordinary object paths."""

from __future__ import annotations

import re
from typing import Any

from csconnect_emulator.hubspot import moments, properties, search_sql
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.errors import conflict, invalid
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import SYSTEM, ObjectType, packaged, to_field

KEY = "hubspot.custom"
_NAME = re.compile(r"[A-Za-z]\w*")
_COMMON = ("hs_object_id", "createdate", "hs_lastmodifieddate", "hubspot_owner_id", "hs_merged_object_ids")


def listing(call: Call) -> Answer:
    """The custom objects; the vendor's own are not listed."""
    return Answer({"results": [_schema(call.portal, kind) for kind in call.portal.kinds() if kind.custom]})


def read(call: Call) -> Answer:
    return Answer(_schema(call.portal, call.kind))


def create(call: Call) -> Answer:
    portal, body = call.portal, call.object()
    name, store = str(body.get("name") or ""), call.portal.store
    if not _NAME.fullmatch(name) or not body.get("labels"):
        raise invalid("A schema needs labels and a name of letters, digits and underscores", code="INVALID_NAME")
    full = f"p{store.get_meta('hubspot.account')['portalId']}_{name}".lower()
    known = store.get_meta(KEY, {})
    if full in known:
        raise conflict(f"An object named {name} already exists")
    labels = body["labels"]
    entry = {
        "id": f"2-{148_000_000 + len(known) + 1}",
        "name": name.lower(),
        "labels": {"singular": labels.get("singular", name), "plural": labels.get("plural", name)},
        "display": str(body.get("primaryDisplayProperty") or ""),
        "searchable": list(body.get("searchableProperties") or []),
        "required": list(body.get("requiredProperties") or []),
        "created": portal.now(),
    }
    with store.transaction():
        common = {prop.name: to_field(prop) for prop in packaged().properties["companies"] if prop.name in _COMMON}
        store.define(SYSTEM, full, common)
        search_sql.index(store, full)
        store.set_meta(KEY, {**known, full: entry})
        kind = portal.kind(full)
        for given in body.get("properties") or []:
            properties.make(portal, kind, {"groupName": kind.group, **given})
    return Answer(_schema(portal, kind), 201)


def _schema(portal: Portal, kind: ObjectType) -> dict[str, Any]:
    entry = portal.store.get_meta(KEY, {}).get(kind.name, {})
    at = moments.iso(entry.get("created", 1_704_067_200_000))
    others = [other for other in packaged().objects.values() if (kind.name, other.name) in packaged().links]
    return {
        "id": kind.id.removeprefix("2-"),
        "objectTypeId": kind.id,
        "fullyQualifiedName": kind.name if kind.custom else kind.singular.upper(),
        "name": kind.singular,
        "labels": {"singular": kind.labels[0], "plural": kind.labels[1]},
        "primaryDisplayProperty": kind.display,
        "secondaryDisplayProperties": [],
        "requiredProperties": list(kind.required),
        "searchableProperties": list(kind.searched),
        "properties": [prop.to_json() for prop in portal.properties(kind).values()],
        "associations": [_association(portal, kind, other) for other in others],
        "createdAt": at,
        "updatedAt": at,
        "archived": False,
    }


def _association(portal: Portal, kind: ObjectType, other: ObjectType) -> dict[str, Any]:
    plain = next(link for link in portal.link_types(kind, other) if not link.key)
    name = f"{kind.singular}_to_{other.singular}"
    return {"id": str(plain.id), "fromObjectTypeId": kind.id, "toObjectTypeId": other.id, "name": name}
