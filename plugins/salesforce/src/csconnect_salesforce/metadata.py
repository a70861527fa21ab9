"""Wanted fields in the words of the Metadata API ("CustomField" in the Metadata API Developer Guide)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csconnect.connectors.protocols import WantedField

ACTIVITY = frozenset({"Task", "Event"})
LONGEST_LABEL = 40
LONGEST_HELP = 510
MOST_DIGITS = 18
LONG_TEXT = 32_768


def owner_object(object: str) -> str:
    """The object on which a field is created: custom fields of Task and Event belong to Activity."""
    return "Activity" if object in ACTIVITY else object


def full_name(wanted: WantedField) -> str:
    return f"{owner_object(wanted.object)}.{wanted.name}"


def spoken(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else in English, else in any."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def definition(wanted: WantedField, language: str, *, unique: bool = True) -> dict[str, Any]:
    """The field's metadata. ``unique=False`` gives a key that is only an external id, where uniqueness is refused."""
    label = spoken(wanted.label, language) or wanted.name.removesuffix("__c").replace("_", " ")
    told = {"label": label[:LONGEST_LABEL], "inlineHelpText": spoken(wanted.help, language)[:LONGEST_HELP]}
    return {**told, **_shape(wanted, unique)}


def _shape(wanted: WantedField, unique: bool) -> dict[str, Any]:
    number = {"precision": MOST_DIGITS, "unique": False, "externalId": False}
    match wanted.type:
        case "key":
            key = {"type": "Text", "length": min(wanted.length, 255), "externalId": True}
            return {**key, "unique": True, "caseSensitive": True} if unique else {**key, "unique": False}
        case "long_text":
            return {"type": "LongTextArea", "length": max(wanted.length, LONG_TEXT), "visibleLines": 5}
        case "integer":
            return {"type": "Number", **number, "scale": 0}
        case "number":
            return {"type": "Number", **number, "scale": wanted.scale}
        case "money":
            return {"type": "Currency", "precision": MOST_DIGITS, "scale": wanted.scale or 2}
        case "date":
            return {"type": "Date"}
        case "boolean":
            return {"type": "Checkbox", "defaultValue": "false"}
        case "choice":
            values = [{"fullName": choice, "label": choice, "default": False} for choice in wanted.choices]
            return {
                "type": "Picklist",
                "valueSet": {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}},
            }
        case _:
            return {"type": "Text", "length": min(wanted.length, 255), "externalId": False, "unique": False}
