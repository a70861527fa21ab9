"""Property groups: a property must stand in one that exists."""

from __future__ import annotations

import re
from typing import Any

from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.errors import conflict, invalid, not_found
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import ObjectType

KEY = "hubspot.groups"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def load(portal: Portal, kind: ObjectType) -> list[dict[str, Any]]:
    """``{name, label, displayOrder, archived}`` of every group, the vendor's own first."""
    own = {"name": kind.group, "label": f"{kind.labels[0]} information", "displayOrder": 0, "archived": False}
    return [own, *portal.store.get_meta(KEY, {}).get(kind.name, [])]


def listing(call: Call) -> Answer:
    return Answer({"results": load(call.portal, call.kind)})


def read(call: Call) -> Answer:
    return Answer(_named(call))


def create(call: Call) -> Answer:
    body = call.object()
    name, label = str(body.get("name") or ""), str(body.get("label") or "")
    if not _NAME.fullmatch(name) or not label:
        raise invalid(
            "A group needs a label and a name of lower-case letters, digits and underscores", code="INVALID_NAME"
        )
    if name in {group["name"] for group in load(call.portal, call.kind)}:
        raise conflict(f'A property group named "{name}" already exists.')
    group = {"name": name, "label": label, "displayOrder": int(body.get("displayOrder") or -1), "archived": False}
    _save(call, [*_own(call), group])
    return Answer(group, 201)


def update(call: Call) -> Answer:
    body, group = call.object(), _named(call)
    changed = group | {name: body[name] for name in ("label", "displayOrder") if name in body}
    _save(call, [changed if one["name"] == group["name"] else one for one in _own(call)])
    return Answer(changed)


def archive(call: Call) -> Answer:
    name = call.path["name"]
    if any(prop.group == name for prop in call.portal.properties(call.kind).values()):
        raise invalid(f"Property group {name} still has properties", context={"groupName": [name]})
    _save(call, [one for one in _own(call) if one["name"] != name])
    return Answer(None, 204)


def _own(call: Call) -> list[dict[str, Any]]:
    return load(call.portal, call.kind)[1:]


def _save(call: Call, groups: list[dict[str, Any]]) -> None:
    store = call.portal.store
    with store.transaction():
        store.set_meta(KEY, {**store.get_meta(KEY, {}), call.kind.name: groups})


def _named(call: Call) -> dict[str, Any]:
    for group in load(call.portal, call.kind):
        if group["name"] == call.path["name"]:
            return group
    raise not_found(f"Property group {call.path['name']} does not exist")
