"""Rules of the permission objects: a grant names a field that exists, and nothing is granted or assigned twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.store import RecordStore

_ONCE = {
    "FieldPermissions": ("ParentId", "Field"),
    "PermissionSetAssignment": ("PermissionSetId", "AssigneeId"),
}


def check_permissions(store: RecordStore, object: str, values: Mapping[str, Any]) -> None:
    """Refuse a row of a permission object that the vendor would refuse."""
    if object == "FieldPermissions":
        _field_exists(store, str(values["Field"]), str(values["SobjectType"]))
    keys = _ONCE.get(object)
    if keys:
        where = " AND ".join(f"{store.column(key)} = ? COLLATE NOCASE" for key in keys)
        if store.query(SYSTEM, object, where, [values[key] for key in keys], limit=1):
            message = "duplicate value found: <unknown> duplicates value on record with id: <unknown>"
            raise ApiError("DUPLICATE_VALUE", message)


def _field_exists(store: RecordStore, name: str, object: str) -> None:
    table, _, field = name.partition(".")
    known = {o.lower(): o for o in store.objects(SYSTEM)}
    proper = known.get(table.lower())
    if proper is None or table.lower() != object.lower() or field not in store.fields(SYSTEM, proper):
        message = f"Field Name: bad value for restricted picklist field: {name}"
        raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ["Field"])
