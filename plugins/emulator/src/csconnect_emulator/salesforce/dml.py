"""Writing one record: checks as the vendor makes them, then the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import SF_PREFIXES, is_id, salesforce_id, to_18
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.derive import Derived
from csconnect_emulator.salesforce.errors import ApiError, no_column_in_write, not_found
from csconnect_emulator.salesforce.org import API_USER, org_id
from csconnect_emulator.salesforce.rules import check_permissions
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.salesforce.values import incoming
from csconnect_emulator.store import Record, RecordStore

Row = Mapping[str, Any]


class Ambiguous(Exception):
    """Several records carry the external id."""

    def __init__(self, object: str, ids: list[str]) -> None:
        super().__init__(f"{len(ids)} records of {object}")
        self.object = object
        self.ids = ids


class Writer:
    """Inserts, updates, upserts and deletes as the API user. Every method is one transaction and raises `ApiError`."""

    def __init__(self, store: RecordStore, access: Access) -> None:
        self._store = store
        self._access = access
        self._derived = Derived(store)

    def insert(self, object: str, row: Row) -> str:
        """The new record's id."""
        with self._store.transaction():
            values = self._checked(object, row, None)
            fields = self._store.fields(SYSTEM, object)
            number = self._store.next_number(SYSTEM, object)
            values = self._defaults(fields, number) | values
            _require(fields, values)
            self._unique(object, values, "")
            check_permissions(self._store, object, values)
            id = salesforce_id(SF_PREFIXES.get(object) or self._prefix(object), number)
            self._store.insert(SYSTEM, object, id, self._derived.by_api(object, {}, values))
            return id

    def update(self, object: str, id: str, row: Row) -> None:
        with self._store.transaction():
            record = self.record(object, id)
            values = self._checked(object, row, record)
            fields = self._store.fields(SYSTEM, object)
            _require(fields, {**record.data, **values}, set(values))
            self._unique(object, values, record.id)
            values = self._derived.by_api(object, record.data, values)
            self._store.update(SYSTEM, object, record.id, values)

    def delete(self, object: str, id: str) -> None:
        with self._store.transaction():
            self._store.delete(SYSTEM, object, self.record(object, id).id)

    def upsert(self, object: str, field: FieldDef, key: str, row: Row) -> tuple[str, bool]:
        """(id, created). `Ambiguous` when several records carry the key."""
        with self._store.transaction():
            found = self.by_key(object, field, key)
            if len(found) > 1:
                raise Ambiguous(object, [record.id for record in found])
            if found:
                self.update(object, found[0].id, row)
                return found[0].id, False
            return self.insert(object, {**row, field.name: key}), True

    def record(self, object: str, id: Any) -> Record:
        """A record to be written, with the refusals for ids that are none, wrong, unknown or deleted."""
        if not is_id(id):
            raise ApiError("MALFORMED_ID", f"malformed id {id}")
        found = self._store.get(SYSTEM, object, to_18(id), include_deleted=True)
        if found is None:
            prefix = SF_PREFIXES.get(object)
            if prefix and not str(id).startswith(prefix):
                raise not_found("Provided external ID field does not exist or is not accessible: " + str(id))
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        if found.deleted:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return found

    def by_key(self, object: str, field: FieldDef, key: str) -> list[Record]:
        """The living records whose external id is ``key``, without regard to case."""
        value = incoming(field, key)
        where = f"{self._store.column(field.name)} = ? COLLATE NOCASE"
        return self._store.query(SYSTEM, object, where, [value]) if value is not None else []

    def key_field(self, object: str, name: str) -> FieldDef:
        """A field that records can be named by."""
        field = self._access.visible(object).get(name.lower())
        if field is None or not (field.external_id or field.name == "Id"):
            raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
        return field

    def _checked(self, object: str, row: Row, record: Record | None) -> dict[str, Any]:
        """The values of a row, by proper field name, each checked."""
        visible, values = self._access.visible(object), dict[str, Any]()
        for name, value in row.items():
            if name == "attributes" or (name.lower() == "id" and record is not None):
                continue
            field = visible.get(name.lower())
            if field is None and isinstance(value, Mapping):
                name, value = self._by_parent_key(object, name, value)
                field = visible.get(name.lower())
            if field is None:
                raise no_column_in_write(name, object)
            if not self._access.writable(object, field) or (record is not None and field.extra.get("create")):
                raise _read_only([field.name])
            values[field.name] = incoming(field, value)
        for name, value in values.items():
            if visible[name.lower()].reference_to and value:
                self._refer(object, visible[name.lower()], value)
        return values

    def _by_parent_key(self, object: str, relationship: str, value: Row) -> tuple[str, Any]:
        """``{"Account": {"Ref__c": "x"}}``: a parent named by its external id."""
        for field in self._access.visible(object).values():
            if field.relationship.lower() == relationship.lower() and len(field.reference_to) == 1:
                parent = field.reference_to[0]
                pairs = [(k, v) for k, v in value.items() if k != "attributes"]
                if len(pairs) != 1:
                    break
                found = self.by_key(parent, self.key_field(parent, pairs[0][0]), pairs[0][1])
                if len(found) != 1:
                    message = (
                        f"Foreign key external ID: {pairs[0][1]} not found for field {pairs[0][0]} in entity {parent}"
                    )
                    raise ApiError("INVALID_FIELD", message)
                return field.name, found[0].id
        raise no_column_in_write(relationship, object)

    def _refer(self, object: str, field: FieldDef, id: str) -> None:
        """The record that a reference names must be there, of the right kind and, for owners, active."""
        kind = next((o for o in field.reference_to if id.startswith(SF_PREFIXES.get(o, "?"))), None)
        if kind is None:
            message = f"{field.label}: id value of incorrect type: {id}"
            raise ApiError("FIELD_INTEGRITY_EXCEPTION", message, [field.name])
        parent = self._store.get(SYSTEM, kind, id, include_deleted=True)
        if parent is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field.name])
        if parent.deleted:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", [field.name])
        if kind == "RecordType" and parent.data.get("SobjectType") != object:
            message = f"{field.label}: this ID value isn't valid for the user: {id}"
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", message, [field.name])
        if kind == "User" and field.name == "OwnerId" and not parent.data.get("IsActive"):
            message = f"operation performed with inactive user [{id[:15]}] as owner of {object.lower()}"
            raise ApiError("INACTIVE_OWNER_OR_USER", message, [field.name])

    def _defaults(self, fields: Mapping[str, FieldDef], number: int) -> dict[str, Any]:
        out = {f.name: f.default for f in fields.values() if f.default is not None}
        out |= {f.name: f"{number % 100_000_000:08d}" for f in fields.values() if f.extra.get("auto")}
        return out | ({"OwnerId": API_USER} if "OwnerId" in fields else {})

    def _unique(self, object: str, values: Row, me: str) -> None:
        for field in self._store.fields(SYSTEM, object).values():
            if not field.unique or values.get(field.name) is None:
                continue
            other = next((r for r in self.by_key(object, field, values[field.name]) if r.id != me), None)
            if other is not None:
                message = f"duplicate value found: {field.name} duplicates value on record with id: {other.id[:15]}"
                raise ApiError("DUPLICATE_VALUE", message)

    def _prefix(self, object: str) -> str:
        """A custom object without a prefix of its own borrows one from its place among the objects."""
        return f"a{self._store.objects(SYSTEM).index(object):02d}"

    @property
    def org(self) -> str:
        return org_id(self._store)


def _require(fields: Mapping[str, FieldDef], values: Row, touched: set[str] | None = None) -> None:
    """Every required field has a value; an update is asked only about the fields it touches."""
    missing = [
        f.name
        for f in fields.values()
        if f.required and f.writable and values.get(f.name) is None and (touched is None or f.name in touched)
    ]
    if missing:
        names = ", ".join(missing)
        raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{names}]", missing)


def _read_only(names: list[str]) -> ApiError:
    return ApiError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and verify"
        " that it is read/write for your profile or permission set.",
        names,
    )
