"""Labels of associations: the vendor's own, and those that a company adds (vendor page "Associations v4")."""

from __future__ import annotations

from typing import Any

from csconnect_emulator.associations import Link
from csconnect_emulator.hubspot.associations import pair
from csconnect_emulator.hubspot.calls import Answer, Call
from csconnect_emulator.hubspot.errors import conflict, invalid, not_found
from csconnect_emulator.hubspot.schema import SYSTEM, LinkType

KEY = "hubspot.labels"
FIRST_ID = 100_000
"""Above every type id that the vendor or this emulator gives on its own."""


def listing(call: Call) -> Answer:
    """Which kinds of association there are between two objects; read this instead of trusting constants."""
    return Answer({"results": [kind.to_json() for kind in call.portal.link_types(*pair(call))]})


def create(call: Call) -> Answer:
    """A label of the company's own, in both directions."""
    (one, other), body = pair(call), call.object()
    label, name = str(body.get("label") or ""), str(body.get("name") or "")
    if not label or not name:
        raise invalid("label and name are required", code="REQUIRED_FIELD")
    store, key = call.portal.store, f"user:{name}"
    with store.transaction():
        made = store.get_meta(KEY, {})
        there, back = (made.setdefault(f"{a.name}>{b.name}", []) for a, b in ((one, other), (other, one)))
        if any(entry["key"] == key for entry in there):
            raise conflict(f"Association label {name} already exists")
        numbers = [FIRST_ID + store.next_number(SYSTEM, "labels") % 1_000_000 for _ in range(2)]
        there.append({"id": numbers[0], "label": label, "key": key})
        if back is not there:
            back.append({"id": numbers[1], "label": str(body.get("inverseLabel") or label), "key": key})
        store.set_meta(KEY, made)
    return Answer({"results": [LinkType(numbers[0], label, "USER_DEFINED", key).to_json()]}, 201)


def update(call: Call) -> Answer:
    """Rename a label, and with ``inverseLabel`` its other direction."""
    body, store = call.object(), call.portal.store
    with store.transaction():
        made = store.get_meta(KEY, {})
        there, back, key = _named(call, made, str(body.get("associationTypeId")))
        for entries, word in ((there, body.get("label")), (back, body.get("inverseLabel"))):
            for entry in entries:
                if entry["key"] == key and word:
                    entry["label"] = str(word)
        store.set_meta(KEY, made)
    return Answer(None, 204)


def remove(call: Call) -> Answer:
    """Take a label away, from its definitions and from every pair that bears it."""
    (one, other), store = pair(call), call.portal.store
    with store.transaction():
        made = store.get_meta(KEY, {})
        there, back, key = _named(call, made, call.path["label_id"])
        for entries in (there, back):
            entries[:] = [entry for entry in entries if entry["key"] != key]
        store.set_meta(KEY, made)
        ids = [record.id for record in store.query(SYSTEM, one.name)]
        borne = store.associations.of(SYSTEM, one.name, ids, other.name).items()
        gone = [Link(one.name, id, other.name, to, key) for id, many in borne for to, label in many if label == key]
        store.associations.remove(SYSTEM, gone)
    return Answer(None, 204)


def _named(call: Call, made: dict[str, Any], number: str) -> tuple[list[Any], list[Any], str]:
    """The company's labels of both directions, and the key of the one with this type id; 404 when there is none."""
    one, other = pair(call)
    there, back = (made.get(f"{a.name}>{b.name}", []) for a, b in ((one, other), (other, one)))
    for entry in there:
        if str(entry["id"]) == number:
            return there, back, str(entry["key"])
    raise not_found(f"Association label {number} does not exist")
