"""What an object consists of, by the properties endpoint; owners, which have no such endpoint, by a fixed list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from csconnect.connectors.protocols import FieldInfo, ObjectSchema
from csconnect.errors import MissingFieldError
from csconnect_hubspot.derived import derived

RELATION = "associations."
KEY = "csc_key"
"""Our deterministic key, the same on every object that we create; the packaged mappings name it so."""
RELATED = ("companies", "contacts", "deals", "tickets", "line_items")
OWNER_FIELDS = ("id", "email", "firstName", "lastName", "userId", "createdAt", "updatedAt", "archived")


def schema_of(object: str, listed: Iterable[dict[str, Any]]) -> ObjectSchema:
    """The schema of ``object`` from the properties that HubSpot listed, with the paths that this connector adds."""
    fields = {info.name: info for info in map(field_info, listed)}
    for name in _added(object):
        fields.setdefault(name, FieldInfo(name, name, "string", writable=False))
    return ObjectSchema(object, object.replace("_", " "), fields)


def owners_schema() -> ObjectSchema:
    """Owners have no properties endpoint; these are the fields of the vendor page "Owners"."""
    fields = {name: FieldInfo(name, name, "bool" if name == "archived" else "string", False) for name in OWNER_FIELDS}
    for name in derived("owners"):
        fields[name] = FieldInfo(name, name, "string", False)
    return ObjectSchema("owners", "owners", fields)


def field_info(listed: dict[str, Any]) -> FieldInfo:
    """One property; ``type`` is HubSpot's: string, number, date, datetime, enumeration, bool, phone_number."""
    fixed = (listed.get("modificationMetadata") or {}).get("readOnlyValue") or listed.get("calculated")
    return FieldInfo(
        name=str(listed["name"]),
        label=str(listed.get("label") or listed["name"]),
        type=str(listed.get("type") or "string"),
        writable=not fixed,
        unique=bool(listed.get("hasUniqueValue")),
        choices=tuple(str(option.get("value")) for option in listed.get("options") or ()),
    )


def require(schema: ObjectSchema, fields: Iterable[str], *, where: str) -> None:
    """`MissingFieldError` that names every one of ``fields`` that is not there: HubSpot itself just leaves them out."""
    missing = sorted({name for name in fields if name not in schema.fields and not is_relation(name)})
    if not missing:
        return
    ours = [name for name in missing if name.startswith("csc_")]
    remedy = (
        "Run csconnect provision for this connection"
        if ours == missing
        else f"Create them (Settings > Properties > {schema.label}), mark them optional in the mapping, or map other ones"
    )
    raise MissingFieldError(f"{schema.name} have no property {', '.join(missing)}", where=where, remedy=remedy)


def is_relation(name: str) -> bool:
    return name.startswith(RELATION) and len(name) > len(RELATION)


def _added(object: str) -> list[str]:
    relations = [RELATION + other for other in RELATED if other != object]
    return ["id", *derived(object), *relations]
