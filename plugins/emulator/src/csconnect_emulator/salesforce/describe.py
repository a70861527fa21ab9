"""What describe says of objects and fields (vendor pages "Describe Global" and "sObject Describe")."""

from __future__ import annotations

from typing import Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import SF_PREFIXES
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.schema import SYSTEM, TOOLING_ONLY
from csconnect_emulator.store import RecordStore

_SOAP = {"boolean": "xsd:boolean", "date": "xsd:date", "datetime": "xsd:dateTime", "int": "xsd:int", "id": "tns:ID"}
_SOAP |= {"double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double", "reference": "tns:ID"}
MASTER = "012000000000000AAA"
_NUMBERS = ("double", "currency", "percent", "int")


def global_describe(store: RecordStore, version: str) -> dict[str, Any]:
    objects = [brief(name, version) for name in store.objects(SYSTEM) if name not in TOOLING_ONLY]
    return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}


def brief(name: str, version: str) -> dict[str, Any]:
    """What the list of objects says of one."""
    base, label = f"/services/data/v{version}/sobjects/{name}", name.removesuffix("__c").replace("_", " ")
    can = ("createable", "updateable", "deletable", "queryable", "retrieveable", "searchable", "replicateable")
    return {
        "name": name,
        "label": label,
        "labelPlural": f"{label}s",
        "keyPrefix": SF_PREFIXES.get(name),
        "custom": name.endswith("__c"),
        "activateable": False,
        "customSetting": False,
        "deprecatedAndHidden": False,
        "feedEnabled": False,
        "layoutable": True,
        "mergeable": name in ("Account", "Contact", "Case"),
        "triggerable": True,
        "undeletable": True,
        **dict.fromkeys(can, True),
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


def describe(store: RecordStore, access: Access, name: str, version: str) -> dict[str, Any]:
    """One object with the fields the user can see and the relationships that lead to it."""
    fields = [_field(access, name, field) for field in access.visible(name).values()]
    return {**brief(name, version), "fields": fields, "childRelationships": _children(store, access, name)} | {
        "recordTypeInfos": _record_types(store, name),
        "supportedScopes": [{"label": "All", "name": "everything"}],
    }


def _record_types(store: RecordStore, name: str) -> list[dict[str, Any]]:
    """The object's record types, and the master that every object has."""
    found = store.query(SYSTEM, "RecordType", f"{store.column('SobjectType')} = ?", [name])
    own = [(record.id, record.data["Name"], record.data["DeveloperName"]) for record in found]
    return [
        {"recordTypeId": id, "name": label, "developerName": developer}
        | {"active": True, "available": True, "master": id == MASTER, "defaultRecordTypeMapping": id == MASTER}
        for id, label, developer in (*own, (MASTER, "Master", "Master"))
    ]


def _children(store: RecordStore, access: Access, name: str) -> list[dict[str, Any]]:
    return [
        {"childSObject": object, "field": f.name, "relationshipName": f.children or None, "cascadeDelete": False}
        for object in store.objects(SYSTEM)
        for f in access.visible(object).values()
        if name in f.reference_to
    ]


def _field(access: Access, object: str, field: FieldDef) -> dict[str, Any]:
    writable, number = access.writable(object, field), field.type in _NUMBERS
    kind = "reference" if field.type == "lookup" else field.type
    length = 0 if number or field.type in ("boolean", "date", "datetime") else field.length or 255
    choice = [{"active": True, "defaultValue": v == field.default, "label": v, "value": v} for v in field.choices]
    return {
        "name": field.name,
        "label": field.label,
        "type": kind,
        "soapType": _SOAP.get(kind, "xsd:string"),
        "length": length,
        "byteLength": length * 3,
        "precision": (field.length or 18) if number and field.type != "int" else 0,
        "digits": (field.length or 8) if field.type == "int" else 0,
        "scale": field.scale if number else 0,
        "custom": field.custom,
        "createable": writable,
        "updateable": writable and not field.extra.get("create"),
        "nillable": not field.required and field.type not in ("boolean", "id"),
        "defaultedOnCreate": field.default is not None or field.type == "boolean" or field.name == "OwnerId",
        "defaultValue": field.default,
        "unique": field.unique,
        "externalId": field.external_id,
        "idLookup": field.external_id or field.name == "Id",
        "caseSensitive": False,
        "filterable": not (field.type == "textarea" and (field.length or 0) > 255),
        "sortable": not (field.type == "textarea" and (field.length or 0) > 255),
        "groupable": kind not in ("datetime", "double", "currency", "percent", "textarea", "multipicklist"),
        "aggregatable": kind != "boolean",
        "calculated": bool(field.extra.get("calculated")),
        "autoNumber": bool(field.extra.get("auto")),
        "nameField": field.name == "Name",
        "picklistValues": choice,
        "restrictedPicklist": field.restricted,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship or None,
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "inlineHelpText": field.extra.get("help"),
        "permissionable": field.custom,
        "deprecatedAndHidden": False,
    }
