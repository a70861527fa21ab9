"""The properties endpoints: definitions, one and in batches (vendor page "Properties")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from csconnect_emulator.hubspot import groups, moments
from csconnect_emulator.hubspot.batches import inputs
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.definition import FIELD_TYPES, TYPES, Option, Property
from csconnect_emulator.hubspot.errors import ApiError, Multi, conflict, invalid, not_found
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import SYSTEM, ObjectType, from_field

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLAIN = {
    "label": "label",
    "groupName": "group",
    "description": "description",
    "hidden": "hidden",
    "formField": "form_field",
    "displayOrder": "display_order",
    "type": "type",
    "fieldType": "field_type",
    "externalOptions": "external",
}
"""What a caller may set -> what it is called here."""


def listing(call: Call) -> Answer:
    if call.flag("archived"):
        every = map(from_field, call.portal.store.fields(SYSTEM, call.kind.name).values())
        return Answer({"results": [prop.to_json() for prop in every if prop.archived]})
    return Answer({"results": [prop.to_json() for prop in call.portal.properties(call.kind).values()]})


def read(call: Call) -> Answer:
    return Answer(_named(call.portal, call.kind, call.path["name"]).to_json())


def create(call: Call) -> Answer:
    return Answer(make(call.portal, call.kind, call.object()).to_json(), 201)


def update(call: Call) -> Answer:
    portal, kind, body = call.portal, call.kind, call.object()
    prop = _named(portal, kind, call.path["name"])
    if prop.hubspot_defined and set(body) - {"options", "label", "description", "displayOrder", "hidden"}:
        raise invalid(f"{prop.name} is defined by HubSpot and cannot be changed", code="READ_ONLY_DEFINITION")
    changes = _read(portal, kind, body)
    return Answer(portal.save_property(kind, prop.changed(**changes, updated=portal.now())).to_json())


def archive(call: Call) -> Answer:
    prop = call.portal.properties(call.kind).get(call.path["name"])
    if prop is not None:
        _archive(call.portal, call.kind, prop)
    return Answer(None, 204)


def batch_create(call: Call) -> Answer:
    """Those that exist already, or are wrong, are errors of a 207; the others are made."""
    results, multi = [], Multi()
    for given in inputs(call):
        try:
            results.append(make(call.portal, call.kind, given).to_json())
        except ApiError as error:
            multi.parts.append(error.to_part({"name": [str(given.get("name", ""))]}))
    return _batch(call, results, multi, 201)


def batch_read(call: Call) -> Answer:
    known, results, multi = call.portal.properties(call.kind), [], Multi()
    for given in inputs(call):
        name = str(given.get("name", ""))
        if name in known:
            results.append(known[name].to_json())
        else:
            multi.parts.append(not_found(f"Property {name} does not exist").to_part({"name": [name]}))
    return _batch(call, results, multi, 200)


def batch_archive(call: Call) -> Answer:
    known = call.portal.properties(call.kind)
    for name in [str(given.get("name", "")) for given in inputs(call)]:
        if name in known:
            _archive(call.portal, call.kind, known[name])
    return Answer(None, 204)


def make(portal: Portal, kind: ObjectType, body: Mapping[str, Any]) -> Property:
    """A new property; 400 when its definition is wrong, 409 when there is one of that name."""
    lacking = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
    if lacking:
        raise invalid(f"{', '.join(lacking)} required", context={"missing": lacking}, code="REQUIRED_FIELD")
    name = str(body["name"])
    if not _NAME.fullmatch(name):
        raise invalid(
            f"{name} is not a valid property name: lower-case letters, digits and underscores", code="INVALID_NAME"
        )
    if name in portal.properties(kind):
        raise conflict(f'A property named "{name}" already exists.')
    values, unique, now = _read(portal, kind, body), bool(body.get("hasUniqueValue")), portal.now()
    if unique:
        _check_unique(portal, kind, values["type"])
    return portal.save_property(kind, Property(name=name, unique=unique, created=now, updated=now, **values))


def _read(portal: Portal, kind: ObjectType, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the body says of a definition, checked."""
    values = {ours: body[theirs] for theirs, ours in _PLAIN.items() if body.get(theirs) is not None}
    if values.get("type", "string") not in TYPES:
        raise invalid(f"{values['type']} is not one of the types {', '.join(TYPES)}", code="INVALID_TYPE")
    if values.get("field_type", "text") not in FIELD_TYPES:
        raise invalid(
            f"{values['field_type']} is not one of the field types {', '.join(FIELD_TYPES)}", code="INVALID_TYPE"
        )
    if "group" in values and values["group"] not in {group["name"] for group in groups.load(portal, kind)}:
        raise invalid(f"Property group {values['group']} does not exist", context={"groupName": [str(values["group"])]})
    if "options" in body:
        values["options"] = tuple(_option(given, index) for index, given in enumerate(body["options"] or []))
        if len({option.value for option in values["options"]}) < len(values["options"]):
            raise invalid("Two options have the same value", code="DUPLICATE_OPTION")
    if values.get("type") == "enumeration" and not values.get("options") and not values.get("external"):
        raise invalid("An enumeration needs options", code="INVALID_OPTION")
    return values


def _option(given: Any, index: int) -> Option:
    if not isinstance(given, dict) or not given.get("label") or given.get("value") in (None, ""):
        raise invalid("Every option needs a label and a value", code="INVALID_OPTION")
    order = given.get("displayOrder")
    return Option(
        str(given["value"]),
        str(given["label"]),
        str(given.get("description") or ""),
        index if order is None else int(order),
        bool(given.get("hidden")),
    )


def _check_unique(portal: Portal, kind: ObjectType, type: str) -> None:
    """At most ten unique properties an object; only text and numbers can be unique."""
    most = portal.limits["unique_properties"]
    own = [prop for prop in portal.properties(kind).values() if prop.unique and not prop.hubspot_defined]
    if len(own) >= most:
        raise invalid(f"An object can have at most {most} properties with unique values", code="LIMIT_EXCEEDED")
    if type not in ("string", "number"):
        raise invalid("Only string and number properties can have unique values", code="INVALID_TYPE")


def _named(portal: Portal, kind: ObjectType, name: str) -> Property:
    prop = portal.properties(kind).get(name)
    if prop is None:
        raise not_found(f"Property {name} does not exist")
    return prop


def _archive(portal: Portal, kind: ObjectType, prop: Property) -> None:
    if prop.hubspot_defined:
        raise invalid(f"{prop.name} is defined by HubSpot and cannot be archived", code="READ_ONLY_DEFINITION")
    portal.save_property(kind, prop.changed(archived=True, updated=portal.now()))


def _batch(call: Call, results: list[dict[str, Any]], multi: Multi, status: int) -> Answer:
    now = moments.iso(call.portal.now())
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if multi.parts:
        body |= {"numErrors": len(multi.parts), "errors": multi.parts}
    return Answer(body, 207 if multi.parts else status)
