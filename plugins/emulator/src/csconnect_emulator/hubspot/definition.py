"""What a property is, which values it takes, and how a value is spelled: in HubSpot always text or null."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from csconnect_emulator.hubspot import moments
from csconnect_emulator.hubspot.errors import Refusal

TYPES = ("bool", "date", "datetime", "enumeration", "number", "phone_number", "string")
FIELD_TYPES = (
    "booleancheckbox",
    "calculation_equation",
    "checkbox",
    "date",
    "file",
    "html",
    "number",
    "phonenumber",
    "radio",
    "select",
    "text",
    "textarea",
)
TEXT_LIMIT = 65_536


@dataclass(frozen=True)
class Option:
    """One value an enumeration may take."""

    value: str
    label: str
    description: str = ""
    display_order: int = -1
    hidden: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "label": self.label,
            "value": self.value,
            "description": self.description,
            "displayOrder": self.display_order,
            "hidden": self.hidden,
        }


@dataclass(frozen=True)
class Property:
    """A property definition (vendor page "Properties"). ``external`` options live elsewhere: owners, pipeline stages."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    description: str = ""
    options: tuple[Option, ...] = ()
    unique: bool = False
    read_only: bool = False
    hubspot_defined: bool = False
    external: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    archived: bool = False
    created: int = 0
    updated: int = 0
    indexed: bool = False

    @property
    def several(self) -> bool:
        """Whether one value holds several options, divided by ``;``."""
        return self.type == "enumeration" and self.field_type == "checkbox"

    def to_json(self) -> dict[str, Any]:
        """The definition as the properties endpoints answer it."""
        return {
            "updatedAt": moments.iso(self.updated),
            "createdAt": moments.iso(self.created),
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type,
            "description": self.description,
            "groupName": self.group,
            "options": [option.to_json() for option in self.options],
            "displayOrder": self.display_order,
            "calculated": False,
            "externalOptions": self.external,
            "archived": self.archived,
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.hubspot_defined,
            "modificationMetadata": {
                "archivable": not self.hubspot_defined,
                "readOnlyDefinition": self.hubspot_defined,
                "readOnlyValue": self.read_only,
            },
            "formField": self.form_field,
        }

    def changed(self, **fields: Any) -> Property:
        return replace(self, **fields)


def spell(value: Any) -> str | None:
    """Any stored value as the API answers it."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ";".join(str(item) for item in value) or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def accept(prop: Property, value: Any) -> str | Refusal | None:
    """The value as it is stored, or why it is refused. An empty text clears, and so does null."""
    if isinstance(value, (list, dict)):
        return Refusal(prop.name, "INVALID_VALUE", f"Value for {prop.name} must be a string")
    text = spell(value)
    text = None if text is None else text.strip() if prop.type != "string" else text
    if not text:
        return None
    return _ACCEPT.get(prop.type, _text)(prop, text)


def _text(prop: Property, text: str) -> str | Refusal:
    if len(text) > TEXT_LIMIT:
        return Refusal(prop.name, "INVALID_LENGTH", f"Value for {prop.name} is longer than {TEXT_LIMIT} characters")
    return text


def _number(prop: Property, text: str) -> str | Refusal:
    try:
        finite = Decimal(text).is_finite()
    except InvalidOperation:
        finite = False
    return text if finite else Refusal(prop.name, "INVALID_INTEGER", f"{text} was not a valid number.")


def _bool(prop: Property, text: str) -> str | Refusal:
    if text.lower() in ("true", "false"):
        return text.lower()
    return Refusal(prop.name, "INVALID_BOOLEAN", f"{text} was not one of the allowed options: [true, false]")


def _date(prop: Property, text: str) -> str | Refusal:
    if moments.is_day(text):
        return text
    at = moments.parse(text)
    if at is None:
        return Refusal(prop.name, "INVALID_DATE", f"{text} was not a valid date.")
    if at % 86_400_000:
        message = f"{text} is at {moments.clock_text(at)} UTC, not midnight!"
        return Refusal(prop.name, "INVALID_DATE", message)
    return moments.day(at)


def _datetime(prop: Property, text: str) -> str | Refusal:
    at = moments.parse(text)
    if at is None:
        return Refusal(prop.name, "INVALID_LONG", f"{text} was not a valid long.")
    return moments.iso(at)


def _enumeration(prop: Property, text: str) -> str | Refusal:
    if prop.external:
        return text
    allowed = {option.value for option in prop.options}
    chosen = [part for part in text.split(";") if part] if prop.several else [text]
    for part in chosen:
        if part not in allowed:
            listed = ", ".join(option.value for option in prop.options)
            return Refusal(prop.name, "INVALID_OPTION", f"{part} was not one of the allowed options: [{listed}]")
    return ";".join(chosen) if prop.several else text


_ACCEPT = {
    "number": _number,
    "bool": _bool,
    "date": _date,
    "datetime": _datetime,
    "enumeration": _enumeration,
}
