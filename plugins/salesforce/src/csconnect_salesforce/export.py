"""The same fields as a folder in source format, for ``sf project deploy start`` (Salesforce DX Developer Guide)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from csconnect.connectors.protocols import WantedField
from csconnect_salesforce.metadata import definition, owner_object, spoken
from csconnect_salesforce.provision import PERMISSION_LABEL, PERMISSION_SET

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
ROOT = "force-app/main/default"
SECTION = {"en": "Customer success", "zh": "客户成功"}


@dataclass(frozen=True)
class View:
    """A list view of accounts of one's own, by one of our fields; it is exported where that field is."""

    name: str
    label: Mapping[str, str]
    field: str
    value: str
    """What it equals: a choice, or a relative date ("Relative Date Filter Reference" in Salesforce Help)."""


VIEWS = (
    View("CSConnect_My_Red_Accounts", {"en": "My red accounts", "zh": "我的红色客户"}, "CSC_Health_Band__c", "Red"),
    View(
        "CSConnect_My_Renewals",
        {"en": "My renewals this quarter", "zh": "我的本季度续约"},
        "CSC_Next_Renewal__c",
        "THIS_QUARTER",
    ),
)


def export(wanted: Sequence[WantedField], *, version: str, language: str) -> dict[str, str]:
    """Relative path -> text: fields, permission set, layout section, list views, manifest, and how to take it all out again."""
    files = {_field_path(field): _xml("CustomField", _field(field, language)) for field in wanted}
    files[f"{ROOT}/permissionsets/{PERMISSION_SET}.permissionset-meta.xml"] = _xml(
        "PermissionSet", _permissions(wanted)
    )
    for object in dict.fromkeys(field.object for field in wanted):
        mine = [field.name for field in wanted if field.object == object]
        files[f"layout-sections/{object}.xml"] = _xml("layoutSections", _section(mine, language))
    own = [field for field in wanted if field.object == "Account"]
    views = [view for view in VIEWS if any(field.name == view.field for field in own)]
    for view in views:
        path = f"{ROOT}/objects/Account/listViews/{view.name}.listView-meta.xml"
        files[path] = _xml("ListView", _list_view(view, own, language))
    files["manifest/package.xml"] = _xml("Package", _package(wanted, version, views))
    files["sfdx-project.json"] = _project(version)
    files["README.md"] = README
    files["UNINSTALL.md"] = _uninstall(wanted, views, language)
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


def _section(names: Sequence[str], language: str) -> dict[str, Any]:
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
        "label": spoken(SECTION, language),
        "layoutColumns": columns,
        "style": "TwoColumnsTopToBottom",
    }


def _list_view(view: View, own: Sequence[WantedField], language: str) -> dict[str, Any]:
    shown = [field.name for field in own if field.type != "long_text"]
    choices = [choice for field in own if field.name == view.field for choice in field.choices]
    value = next((choice for choice in choices if choice.lower() == view.value.lower()), view.value)
    return {
        "fullName": view.name,
        "columns": ["ACCOUNT.NAME", *shown[:10]],
        "filterScope": "Mine",
        "filters": {"field": view.field, "operation": "equals", "value": value},
        "label": spoken(view.label, language),
    }


def _package(wanted: Sequence[WantedField], version: str, views: Sequence[View]) -> dict[str, Any]:
    fields = [f"{owner_object(field.object)}.{field.name}" for field in wanted]
    types = [{"members": fields, "name": "CustomField"}, {"members": [PERMISSION_SET], "name": "PermissionSet"}]
    if views:
        types.append({"members": [f"Account.{view.name}" for view in views], "name": "ListView"})
    return {"types": types, "version": version}


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


def _uninstall(wanted: Sequence[WantedField], views: Sequence[View], language: str) -> str:
    lists = " and ".join(f'"{spoken(view.label, language)}"' for view in views)
    first = f'Remove the section "{spoken(SECTION, language)}" from the page layouts'
    fields = "\n".join(f"- `{owner_object(field.object)}.{field.name}`" for field in wanted)
    return f"""# Taking the fields out again

1. Stop the csconnect job, and close its open tasks and opportunities (`csconnect undo`).
2. {first}{f" and delete the list views {lists}" if lists else ""}.
3. Remove the permission set assignment, then delete the permission set `{PERMISSION_SET}`.
4. Delete these fields in Setup, Object Manager (their values go with them):

{fields}
"""


README = f"""# The fields of csconnect

Deploy with the vendor's command line from this folder: `sf project deploy start --manifest manifest/package.xml`, then assign
the permission set `{PERMISSION_SET}` to the user csconnect runs as, and to everybody who is to see the fields.

The list views show the accounts of which the viewer is the owner. Where another field names the customer success manager, set
their filter to that field after deploying.

Page layouts belong to you: paste each `layout-sections/*.xml` into the layouts in which the fields are to be seen.
Health is 0 at worst and 100 at best.
"""
