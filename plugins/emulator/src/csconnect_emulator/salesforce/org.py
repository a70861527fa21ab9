"""The demo org: its identity, its API user, and who may see which field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import RUNTIME_BASE, SF_PREFIXES, salesforce_id
from csconnect_emulator.salesforce.schema import ACTIVITIES, DEFINITIONS, SYSTEM, definitions
from csconnect_emulator.store import RecordStore

API_USER = salesforce_id("005", RUNTIME_BASE - 1)
PERSON = salesforce_id("005", RUNTIME_BASE - 2)
"""The administrator who makes edits by hand."""
ORG_ID = salesforce_id("00D", 1)
STANDARD_SET = salesforce_id("0PS", RUNTIME_BASE - 1)
DEFAULT_CREDENTIALS = {
    "client_id": "csconnect-emulator",
    "client_secret": "emulator-secret",  # public by design: it opens a server on this machine only
    "session_id": f"{ORG_ID[:15]}!AQEAQEmulatorSessionOfTheApiUser",
    "username": "integration@northwind-cloud.example",
}
STAGES = (
    ("Prospecting", False, False),
    ("Proposal", False, False),
    ("Negotiation", False, False),
    ("Closed Won", True, True),
    ("Closed Lost", True, False),
    ("Withdrawn", True, False),
)


def install(store: RecordStore) -> None:
    """Define the objects and, in a store that has no org yet, make the org, its users and the standard permissions."""
    with store.transaction():
        for name, fields in definitions().items():
            if name not in store.objects(SYSTEM):
                store.define(SYSTEM, name, fields)
        if store.get_meta("salesforce.credentials") is None:
            store.set_meta("salesforce.credentials", DEFAULT_CREDENTIALS)
            _people(store)
            _metadata(store)


def set_org(store: RecordStore, *, name: str, sandbox: bool = False, id: str = ORG_ID) -> None:
    """Make the one Organization record this."""
    for old in store.query(SYSTEM, "Organization"):
        store.delete(SYSTEM, "Organization", old.id)
    row = {"Id": id, "Name": name, "IsSandbox": sandbox, "OrganizationType": "Enterprise Edition"}
    place = {"InstanceName": "EMU1", "TimeZoneSidKey": "America/Los_Angeles", "FiscalYearStartMonth": 1}
    tongue = {"DefaultLocaleSidKey": "en_US", "LanguageLocaleKey": "en_US"}
    store.load(SYSTEM, "Organization", [{**row, **place, **tongue}])


def org_id(store: RecordStore) -> str:
    found = store.query(SYSTEM, "Organization", limit=1)
    return found[0].id if found else ORG_ID


def hide_field(store: RecordStore, object: str, field: str) -> None:
    """Take a field from the API user: no trace of it in describe, queries or writes until somebody grants it again."""
    name = f"{object}.{field}"
    for record in store.query(SYSTEM, "FieldPermissions", f"{store.column('Field')} = ? COLLATE NOCASE", [name]):
        store.delete(SYSTEM, "FieldPermissions", record.id)
    if not store.fields(SYSTEM, object)[field].custom:
        store.set_meta("salesforce.hidden", sorted({*store.get_meta("salesforce.hidden", []), name}))


def add_record_type(store: RecordStore, object: str, name: str) -> str:
    """Give an object a record type; its id. Without any, an object has no RecordTypeId."""
    link = {"reference_to": ("RecordType",), "relationship": "RecordType", "length": 18}
    with store.transaction():
        if "RecordTypeId" not in store.fields(SYSTEM, object):
            field = FieldDef("RecordTypeId", "Record Type ID", "reference", **link)  # type: ignore[arg-type]
            store.add_field(SYSTEM, object, field)
            note_field(store, object, field)
        id = salesforce_id(SF_PREFIXES["RecordType"], store.next_number(SYSTEM, "RecordType"))
        row = {"Name": name, "DeveloperName": name.replace(" ", "_"), "SobjectType": object, "IsActive": True}
        store.insert(SYSTEM, "RecordType", id, row)
    return id


def grant(store: RecordStore, names: Iterable[str], *, parent: str = STANDARD_SET) -> None:
    """Let a permission set read and edit fields, given as ``Object.Field``."""
    for name in names:
        row = {"ParentId": parent, "SobjectType": name.partition(".")[0], "Field": name}
        number = store.next_number(SYSTEM, "FieldPermissions")
        id = salesforce_id(SF_PREFIXES["FieldPermissions"], number)
        store.insert(SYSTEM, "FieldPermissions", id, {**row, "PermissionsRead": True, "PermissionsEdit": True})


def note_field(store: RecordStore, object: str, field: FieldDef, metadata: dict[str, Any] | None = None) -> str:
    """Keep the definition records of a field up to date; the id of its CustomField record, "" for a standard field."""
    label = {"QualifiedApiName": field.name, "DeveloperName": field.name.removesuffix("__c"), "Label": field.label}
    kind = {"DataType": field.type, "EntityDefinitionId": object, "DurableId": f"{object}.{field.name}"}
    store.load(SYSTEM, "FieldDefinition", [{"Id": f"{object}.{field.name}", **label, **kind}])
    if not field.custom:
        return ""
    table = "Activity" if object in ACTIVITIES else object
    full = f"{table}.{field.name}"
    known = store.query(SYSTEM, "CustomField", f"{store.column('FullName')} = ? COLLATE NOCASE", [full])
    id = known[0].id if known else salesforce_id("00N", store.next_number(SYSTEM, "CustomField"))
    shape = metadata or {"label": field.label, "type": field.type, "length": field.length}
    row = {"DeveloperName": field.name.removesuffix("__c"), "TableEnumOrId": table, "FullName": full, "Metadata": shape}
    store.load(SYSTEM, "CustomField", [{"Id": id, **row}])
    return id


def _people(store: RecordStore) -> None:
    set_org(store, name="Northwind Cloud")
    shared = {"IsActive": True, "UserType": "Standard"}
    api = {"FirstName": "CS", "LastName": "Integration", "Name": "CS Integration", "Alias": "csint"}
    api["Username"] = api["Email"] = DEFAULT_CREDENTIALS["username"]
    person = {"FirstName": "Ada", "LastName": "Admin", "Name": "Ada Admin", "Alias": "aadmin"}
    person["Username"] = person["Email"] = "admin@northwind-cloud.example"
    store.load(SYSTEM, "User", [{"Id": API_USER, **shared, **api}, {"Id": PERSON, **shared, **person}])
    rows = [
        {"Id": salesforce_id("01J", n), "MasterLabel": label, "ApiName": label, "SortOrder": n, "IsActive": True}
        | {"IsClosed": closed, "IsWon": won}
        for n, (label, closed, won) in enumerate(STAGES, 1)
    ]
    store.load(SYSTEM, "OpportunityStage", rows)


def _metadata(store: RecordStore) -> None:
    """Definition records of everything, and a permission set that lets the API user see every custom field."""
    custom = []
    for name, fields in definitions().items():
        entity = {"QualifiedApiName": name, "Label": name, "KeyPrefix": SF_PREFIXES.get(name)}
        store.load(SYSTEM, "EntityDefinition", [{"Id": name, **entity}])
        for field in fields.values() if name not in DEFINITIONS else ():
            note_field(store, name, field)
            custom += [f"{name}.{field.name}"] if field.custom else []
    store.load(SYSTEM, "PermissionSet", [{"Id": STANDARD_SET, "Name": "Standard", "Label": "Standard"}])
    grant(store, custom)
    id = salesforce_id("0Pa", RUNTIME_BASE - 1)
    store.load(SYSTEM, "PermissionSetAssignment", [{"Id": id, "PermissionSetId": STANDARD_SET, "AssigneeId": API_USER}])
