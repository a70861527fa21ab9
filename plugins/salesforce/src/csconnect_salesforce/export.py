"""The same fields as a folder in source format, for ``sf project deploy start`` (Salesforce DX Developer Guide)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from csconnect.connectors.protocols import WantedField
from csconnect_salesforce.metadata import definition, owner_object
from csconnect_salesforce.provision import PERMISSION_LABEL, PERMISSION_SET

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
ROOT = "force-app/main/default"
SECTION = "Customer success"
BAND = "CSC_Health_Band__c"
LIST_VIEW = "CSConnect_My_Red_Accounts"


def export(wanted: Sequence[WantedField], *, version: str, language: str) -> dict[str, str]:
    """Relative path -> text: fields, permission set, layout section, list view, manifest, and how to take it all out again."""
    files = {_field_path(field): _xml("CustomField", _field(field, language)) for field in wanted}
    files[f"{ROOT}/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"] = _xml(
        "PermissionSet", _permissions(wanted)
    )
    for object in dict.fromkeys(field.object for field in wanted):
        mine = [field.name for field in wanted if field.object == object]
        files[f"layout-sections/{object}.xml"] = _xml("layoutSections", _section(mine))
    if any(field.object == "Account" and field.name == BAND for field in wanted):
        files[f"{ROOT}/objects/Account/listViews/{LIST_VIEW}.listView-meta.xml"] = _xml("ListView", _list_view(wanted))
    files["manifest/package.xml"] = _xml(
        "Package", _package(wanted, version, f"Account.{LIST_VIEW}" if _has_view(files) else "")
    )
    files["sfdx-project.json"] = _project(version)
    files["README.md"] = README
    files["UNINSTALL.md"] = _uninstall(wanted)
    return files


def _field_path(field: WantedField) -> str:
    return f"{ROOT}/objects/{owner_object(field.object)}/fields/{field.name}.field-meta.xml"


def _field(field: WantedField, language: str) -> dict[str, Any]:
    # Uniqueness on Activity may be refused, which would fail the whole deployment.
    unique = owner_object(field.object) == field.object
    return {"fullName": field.name, **definition(field, language, unique=unique)}


def _permissions(wanted: Sequence[WantedField]) -> dict[str, Any]:
    grants = [{"editable": True, "field": f"{field.object}.{field.name}", "readable": True} for field in wanted]
    return {"fieldPermissions": grants, "hasActivationRequired": False, "label": PERMISSION_LABEL}


def _section(names: Sequence[str]) -> dict[str, Any]:
    """Two columns, filled from the left; layouts belong to the org, so the section is to be pasted into them."""
    middle = -(-len(names) // 2)
    columns = [
        {"layoutItems": [{"behavior": "Readonly", "field": name} for name in part]}
        for part in (names[:middle], names[middle:])
    ]
    return {
        "customLabel": True,
        "detailHeading": True,
        "editHeading": True,
        "label": SECTION,
        "layoutColumns": columns,
        "style": "TwoColumnsTopToBottom",
    }


def _list_view(wanted: Sequence[WantedField]) -> dict[str, Any]:
    own = [field.name for field in wanted if field.object == "Account" and field.type != "long_text"]
    red = next((c for field in wanted if field.name == BAND for c in field.choices if c.lower() == "red"), "red")
    return {
        "fullName": LIST_VIEW,
        "columns": ["ACCOUNT.NAME", *own[:10]],
        "filterScope": "Mine",
        "filters": {"field": BAND, "operation": "equals", "value": red},
        "label": "My red accounts",
    }


def _has_view(files: Mapping[str, str]) -> bool:
    return any(LIST_VIEW in path for path in files)


def _package(wanted: Sequence[WantedField], version: str, view: str) -> dict[str, Any]:
    fields = [f"{owner_object(field.object)}.{field.name}" for field in wanted]
    types = [{"members": fields, "name": "CustomField"}, {"members": [PERMISSION_SET], "name": "PermissionSet"}]
    return {"types": [*types, *([{"members": [view], "name": "ListView"}] if view else [])], "version": version}


def _project(version: str) -> str:
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "name": "csconnect-fields",
        "sourceApiVersion": version,
    }
    return json.dumps(project, indent=2) + "\n"


def _xml(root: str, content: Mapping[str, Any]) -> str:
    element = ElementTree.Element(root, xmlns=NAMESPACE)
    _fill(element, content)
    ElementTree.indent(element, "    ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(element, encoding="unicode") + "\n"


def _fill(element: ElementTree.Element, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            child = ElementTree.SubElement(element, name)
            if isinstance(item, Mapping):
                _fill(child, item)
            else:
                child.text = str(item).lower() if isinstance(item, bool) else str(item)


def _uninstall(wanted: Sequence[WantedField]) -> str:
    fields = "\n".join(f"- `{owner_object(field.object)}.{field.name}`" for field in wanted)
    return f"""# Taking the fields out again

1. Stop the csconnect job, and close its open tasks and opportunities (`csconnect undo`).
2. Remove the section "{SECTION}" from the page layouts and delete the list view "My red accounts".
3. Remove the permission set assignment, then delete the permission set `{PERMISSION_SET}`.
4. Delete these fields in Setup, Object Manager (their values go with them):

{fields}
"""


README = f"""# The fields of csconnect

Deploy with the vendor's command line from this folder: `sf project deploy start --manifest manifest/package.xml`, then assign
the permission set `{PERMISSION_SET}` to the user csconnect runs as, and to everybody who is to see the fields.

Page layouts belong to you: paste each `layout-sections/*.xml` into the layouts in which the fields are to be seen.
Health is 0 at worst and 100 at best.
"""
