"""The part of the Tooling API that makes custom fields."""

from __future__ import annotations

import re
from typing import Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import to_18
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.errors import ApiError, not_found
from csconnect_emulator.salesforce.org import hide_field, note_field
from csconnect_emulator.salesforce.schema import ACTIVITIES, SYSTEM
from csconnect_emulator.salesforce.wire import Answer, Call
from csconnect_emulator.state import State
from csconnect_emulator.store import RecordStore

TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Html": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
}
"""Metadata type -> describe type (vendor page "Metadata Field Types")."""
_NEEDS = {"Text": ("length",), "LongTextArea": ("length", "visibleLines"), "Number": ("precision", "scale")}
_NEEDS |= {"Currency": ("precision", "scale"), "Percent": ("precision", "scale"), "Checkbox": ("defaultValue",)}
_NEEDS |= {
    "Lookup": ("referenceTo", "relationshipName"),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet",),
}
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*__c$")


class Tooling:
    """Handlers of ``tooling/sobjects/CustomField``."""

    def __init__(self, store: RecordStore, access: Access, state: State) -> None:
        self._store = store
        self._access = access
        self._state = state

    def create_field(self, call: Call) -> Answer:
        """Make a field. Nobody sees it until a permission set grants it."""
        body = call.object()
        full, metadata = str(body.get("FullName", "")), body.get("Metadata") or {}
        table, _, name = full.partition(".")
        field = self._field(table, name, metadata)
        with self._store.transaction():
            id = ""
            for object in self._objects(table):
                if name.lower() in {known.lower() for known in self._store.fields(SYSTEM, object)}:
                    message = f"There is already a field named {name.removesuffix('__c')} on {table}."
                    raise ApiError("DUPLICATE_DEVELOPER_NAME", message, ["DeveloperName"])
                self._store.add_field(SYSTEM, object, field)
                id = note_field(self._store, object, field, metadata)
        return Answer(201, {"id": id, "success": True, "errors": [], "warnings": [], "infos": []})

    def read_field(self, call: Call, id: str) -> Answer:
        """One field with its whole definition, which a query gives of one field only as well."""
        record = self._store.get(SYSTEM, "CustomField", to_18(id))
        if record is None:
            raise not_found()
        url = f"/services/data/v{call.version}/tooling/sobjects/CustomField/{record.id}"
        return Answer(200, {"attributes": {"type": "CustomField", "url": url}, "Id": record.id, **record.data})

    def delete_field(self, call: Call, id: str) -> Answer:
        """Take a field away, with its grants; the values that records hold are lost."""
        record = self._store.get(SYSTEM, "CustomField", to_18(id))
        if record is None:
            raise not_found()
        table, _, name = record.data["FullName"].partition(".")
        with self._store.transaction():
            for object in self._objects(table):
                hide_field(self._store, object, name)
                self._store.drop_field(SYSTEM, object, name)
                self._store.delete(SYSTEM, "FieldDefinition", f"{object}.{name}")
            self._store.delete(SYSTEM, "CustomField", record.id)
        return Answer(204)

    def _objects(self, table: str) -> tuple[str, ...]:
        if table == "Activity":
            return ACTIVITIES
        object = self._access.object(table)
        if object is None or object in ACTIVITIES:
            message = f"Entity Enumeration Or ID: bad value for restricted picklist field: {table}"
            raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ["TableEnumOrId"])
        return (object,)

    def _field(self, table: str, name: str, metadata: dict[str, Any]) -> FieldDef:
        if not _NAME.match(name) or len(name) > 43:
            raise ApiError("INVALID_FULL_NAME", f"The object name {table}.{name} is not valid", ["FullName"])
        kind = metadata.get("type")
        if kind not in TYPES:
            raise ApiError(
                "JSON_PARSER_ERROR", f"Cannot deserialize instance of fieldType from VALUE_STRING value {kind}"
            )
        for needed in ("label", *_NEEDS.get(kind, ())):
            if metadata.get(needed) is None:
                raise ApiError("REQUIRED_FIELD_MISSING", f"Required field is missing: {needed}", [needed])
        unique = bool(metadata.get("unique"))
        if unique and table == "Activity" and not self._state.limits["salesforce"]["activity_unique"]:
            message = "Can not specify 'unique' for a CustomField of this entity"
            raise ApiError("FIELD_INTEGRITY_EXCEPTION", message, ["unique"])
        return _definition(name, kind, metadata)


def _definition(name: str, kind: str, metadata: dict[str, Any]) -> FieldDef:
    values = ((metadata.get("valueSet") or {}).get("valueSetDefinition") or {}).get("value") or []
    target = metadata.get("referenceTo")
    return FieldDef(
        name,
        metadata["label"],
        TYPES[kind],
        custom=True,
        unique=bool(metadata.get("unique")),
        external_id=bool(metadata.get("externalId")),
        choices=tuple(value.get("valueName") or value.get("fullName") or value["label"] for value in values),
        length=metadata.get("precision") or metadata.get("length") or (18 if target else 255),
        scale=metadata.get("scale") or 0,
        required=bool(metadata.get("required")),
        restricted=bool((metadata.get("valueSet") or {}).get("restricted")),
        reference_to=(target,) if target else (),
        relationship=f"{name[:-1]}r" if target else "",
        children=f"{metadata['relationshipName']}__r" if target else "",
        default=(metadata.get("defaultValue") in (True, "true")) if kind == "Checkbox" else None,
        extra={"help": metadata.get("inlineHelpText")},
    )
