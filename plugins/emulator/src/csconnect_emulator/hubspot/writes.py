"""Writing one record: what is checked, what the vendor sets by itself, and what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csconnect_emulator.hubspot import moments, stages
from csconnect_emulator.hubspot.definition import accept
from csconnect_emulator.hubspot.errors import ApiError, Refusal, conflict, invalid, invalid_values
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.schema import SYSTEM, ObjectType
from csconnect_emulator.store import Record

_OWNER = "hubspot_owner_id"


def create(portal: Portal, kind: ObjectType, given: Any) -> Record:
    """Make a record; raises 400 for values that are not accepted and 409 for a contact that exists."""
    _refuse_read_only(kind)
    values = checked(portal, kind, given)
    lacking = [name for name in kind.required if not values.get(name)]
    if lacking:
        raise invalid_values(Refusal(name, "REQUIRED_FIELD", f"{name} is required") for name in lacking)
    _set_defaults(kind, values)
    refused = stages.check(portal, kind, values, values)
    if refused:
        raise invalid_values(refused)
    _refuse_taken(portal, kind, values, "")
    stored = derived(portal, kind, {}, values)
    number = portal.store.next_number(SYSTEM, kind.name)
    return portal.store.insert(SYSTEM, kind.name, str(number), stored)


def update(portal: Portal, kind: ObjectType, record: Record, given: Any) -> Record:
    """Change a record; an empty text clears a property."""
    _refuse_read_only(kind)
    if given == {}:
        raise invalid("No properties found to update, please provide at least one.", context={"properties": ["{}"]})
    values = checked(portal, kind, given)
    refused = stages.check(portal, kind, {**record.data, **values}, values)
    if refused:
        raise invalid_values(refused)
    _refuse_taken(portal, kind, values, record.id)
    return portal.store.update(SYSTEM, kind.name, record.id, derived(portal, kind, record.data, values))


def checked(portal: Portal, kind: ObjectType, given: Any) -> dict[str, str | None]:
    """The values as they are stored (None clears), or 400 with everything that is wrong with them."""
    if not isinstance(given, dict):
        raise invalid("Invalid input JSON: properties must be an object")
    known, values, refused = portal.properties(kind), dict[str, str | None](), list[Refusal]()
    for name, raw in given.items():
        prop = known.get(name)
        if prop is None:
            refused.append(Refusal(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif prop.read_only:
            message = f'"{name}" is a read only property; its value cannot be set.'
            refused.append(Refusal(name, "READ_ONLY_VALUE", message))
        else:
            value = accept(prop, raw)
            if isinstance(value, Refusal):
                refused.append(value)
            else:
                values[name] = value
    refused += _owner(portal, values)
    if refused:
        raise invalid_values(refused)
    return values


def derived(portal: Portal, kind: ObjectType, old: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with what the vendor sets beside them. Also what a person's edit goes through (`State.derive`)."""
    out = dict(values)
    merged = {**old, **values}
    if kind.name == "deals" and "dealstage" in values:
        step = stages.metadata(portal, kind, merged)
        closed = step.get("isClosed") == "true"
        out["hs_is_closed"] = _spelt(closed)
        out["hs_is_closed_won"] = _spelt(closed and step.get("probability") == "1.0")
    if kind.name == "tickets" and "hs_pipeline_stage" in values and "closed_date" not in values:
        closed = stages.metadata(portal, kind, merged).get("isClosed") == "true"
        out["closed_date"] = (old.get("closed_date") or moments.iso(portal.now())) if closed else None
    if kind.name == "tasks" and "hs_task_status" in values:
        done = values["hs_task_status"] == "COMPLETED"
        out["hs_task_completion_date"] = (
            (old.get("hs_task_completion_date") or moments.iso(portal.now())) if done else None
        )
    if kind.name == "companies" and values.get("domain") and not merged.get("website"):
        out["website"] = values["domain"]
    return out


def archive(portal: Portal, kind: ObjectType, id: str) -> None:
    """Put a record in the bin; one that is there already, or never was, is fine."""
    _refuse_read_only(kind)
    portal.store.delete(SYSTEM, kind.name, id)


def merge(portal: Portal, kind: ObjectType, winner: Record, loser: Record) -> Record:
    """Fold ``loser`` into ``winner``: blanks are filled, links move over, and the survivor names whom it swallowed."""
    if winner.id == loser.id:
        raise invalid("A record cannot be merged with itself")
    store = portal.store
    swallowed = [str(winner.data.get("hs_merged_object_ids") or ""), str(loser.data.get("hs_merged_object_ids") or "")]
    ids = [id for text in swallowed for id in text.split(";") if id] + [loser.id]
    blanks = {name: value for name, value in loser.data.items() if name not in winner.data}
    with store.transaction():
        store.associations.move(SYSTEM, kind.name, loser.id, winner.id)
        store.merge(SYSTEM, kind.name, loser.id, winner.id)
        return store.update(SYSTEM, kind.name, winner.id, {**blanks, "hs_merged_object_ids": ";".join(ids)})


def _refuse_read_only(kind: ObjectType) -> None:
    if kind.readonly:
        raise ApiError(405, "VALIDATION_ERROR", f"{kind.labels[1]} can only be read through the API")


def _set_defaults(kind: ObjectType, values: dict[str, str | None]) -> None:
    if kind.name == "tasks":
        values.setdefault("hs_task_status", "NOT_STARTED")
        values.setdefault("hs_task_priority", "NONE")
        values.setdefault("hs_task_type", "TODO")


def _owner(portal: Portal, values: Mapping[str, str | None]) -> list[Refusal]:
    """An owner must exist and be active (trap: an inactive owner refuses the whole record)."""
    owner = values.get(_OWNER)
    if not owner or portal.store.get(SYSTEM, "owners", owner):
        return []
    return [Refusal(_OWNER, "INVALID_OWNER_ID", f"Owner {owner} does not exist or is deactivated")]


def _refuse_taken(portal: Portal, kind: ObjectType, values: Mapping[str, str | None], id: str) -> None:
    """Values of unique properties belong to one record each."""
    for name, value in values.items():
        if not value or not portal.properties(kind)[name].unique:
            continue
        other = portal.by_key(kind, name, [value]).get(value.lower())
        if other is None or other.id == id:
            continue
        if kind.name == "contacts" and name == "email" and not id:
            raise conflict(f"Contact already exists. Existing ID: {other.id}")
        message = f"Cannot set {name} to {value} on {id or 'a new record'}. {other.id} already has that value."
        raise invalid_values([Refusal(name, "CONFLICTING_UNIQUE_VALUE", message)])


def _spelt(value: bool) -> str:
    return "true" if value else "false"
