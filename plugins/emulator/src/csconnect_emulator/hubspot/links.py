"""Associations between records: checking their types and making them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from csconnect_emulator.associations import Link
from csconnect_emulator.hubspot.errors import ApiError, invalid
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import SYSTEM, LinkType, ObjectType


def type_of(portal: Portal, one: ObjectType, other: ObjectType, spec: Any) -> LinkType:
    """The kind of association that ``{associationCategory, associationTypeId}`` names between two objects."""
    number = spec.get("associationTypeId") if isinstance(spec, dict) else None
    for known in portal.link_types(one, other):
        if str(known.id) == str(number):
            return known
    raise invalid(
        f"Association type {number} is not valid from {one.singular} to {other.singular}",
        context={"type": [str(number)], "fromObjectType": [one.singular], "toObjectType": [other.singular]},
    )


def specification(kind: LinkType) -> dict[str, Any]:
    return {"associationCategory": kind.category, "associationTypeId": kind.id}


def link_new_record(portal: Portal, kind: ObjectType, id: str, given: Sequence[Any]) -> None:
    """Associations that came with a new record: ``[{to: {id}, types: [...]}]``; the types say which object is meant."""
    for one in given:
        to = str((one.get("to") or {}).get("id", "")) if isinstance(one, dict) else ""
        for spec in one.get("types") or [] if isinstance(one, dict) else []:
            other = _target(portal, kind, spec)
            require(portal, other, [to])
            add(portal, kind, id, other, to, [type_of(portal, kind, other, spec)])


def _target(portal: Portal, kind: ObjectType, spec: Mapping[str, Any]) -> ObjectType:
    number = str(spec.get("associationTypeId"))
    for other in portal.kinds():
        if any(str(known.id) == number for known in portal.link_types(kind, other)):
            return other
    raise invalid(f"Association type {number} is not valid from {kind.singular}", context={"type": [number]})


def add(portal: Portal, one: ObjectType, id: str, other: ObjectType, to: str, types: Iterable[LinkType]) -> None:
    """Make the links; a labelled one brings the unlabelled one along, as the vendor does. Records are not touched."""
    keys = {kind.key for kind in types} | {""}
    portal.store.associations.add(SYSTEM, [Link(one.name, id, other.name, to, key) for key in keys])


def missing(portal: Portal, kind: ObjectType, ids: Iterable[str]) -> list[str]:
    """Those of the ids that no record bears, in order."""
    wanted = list(dict.fromkeys(ids))
    found = portal.store.get_many(SYSTEM, kind.name, wanted)
    return [id for id in wanted if id not in found]


def absent(kind: ObjectType, ids: Iterable[str]) -> ApiError:
    """What a call says of records that are not there."""
    text = f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. Check that ids are valid."
    return ApiError(404, "OBJECT_NOT_FOUND", text, context={"ids": list(ids)})


def require(portal: Portal, kind: ObjectType, ids: Iterable[str]) -> None:
    """404 unless all exist."""
    lacking = missing(portal, kind, ids)
    if lacking:
        raise absent(kind, lacking)
