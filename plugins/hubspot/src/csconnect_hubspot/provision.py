"""Making the properties that write-back needs: group first, then what is missing; twice does nothing the second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from csconnect.connectors.protocols import FieldInfo, ProvisionStep, WantedField
from csconnect.errors import ExternalError
from csconnect_hubspot.portal import Portal
from csconnect_hubspot.problem import Refused

GROUP = "csconnect"
GROUP_LABEL = "Customer success (csconnect)"

TYPES: dict[str, tuple[str, str]] = {
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "key": ("string", "text"),
    "reference": ("string", "text"),
    "integer": ("number", "number"),
    "number": ("number", "number"),
    "money": ("number", "number"),
    "date": ("date", "date"),
    "choice": ("enumeration", "select"),
    "boolean": ("bool", "booleancheckbox"),
}
"""Our type -> HubSpot's ``type`` and ``fieldType`` (vendor page "Properties")."""
YES_NO = (("true", "Yes"), ("false", "No"))


def provision(portal: Portal, wanted: Sequence[WantedField], *, apply: bool) -> list[ProvisionStep]:
    """One step a field, in the order of ``wanted``. With ``apply`` what is missing is made."""
    steps: list[ProvisionStep] = []
    made: set[str] = set()
    for field in wanted:
        steps += _field(portal, field, apply, made)
    for object in made:
        portal.forget_schema(object)
    return steps


def property_body(field: WantedField, language: str) -> dict[str, Any]:
    """The body that creates the property; the help text becomes its description."""
    kind, shape = TYPES[field.type]
    body: dict[str, Any] = {
        "name": field.name,
        "label": _in(field.label, language) or field.name,
        "description": _in(field.help, language),
        "groupName": GROUP,
        "type": kind,
        "fieldType": shape,
        "formField": False,
        "hasUniqueValue": field.type == "key",
    }
    if field.type == "choice":
        body["options"] = options((choice, choice) for choice in field.choices)
    elif field.type == "boolean":
        body["options"] = options(YES_NO)
    return body


def options(pairs: Any) -> list[dict[str, Any]]:
    """Options of an enumeration from (value, label) pairs, in order."""
    return [
        {"value": value, "label": label, "displayOrder": place, "hidden": False}
        for place, (value, label) in enumerate(pairs)
    ]


def _field(portal: Portal, field: WantedField, apply: bool, made: set[str]) -> Iterator[ProvisionStep]:
    there = portal.schema(field.object).fields.get(field.name)
    if there is not None:
        yield _present(portal, field, there, apply, made)
    elif not apply:
        yield ProvisionStep(field.name, field.object, "missing")
    else:
        yield _made(portal, field, made)


def _present(portal: Portal, field: WantedField, there: FieldInfo, apply: bool, made: set[str]) -> ProvisionStep:
    kind = TYPES[field.type][0]
    if there.type != kind:
        return _failed(field, f"it exists as {there.type}, but {kind} is needed: archive it in HubSpot, then try again")
    if field.type == "key" and not there.unique:
        return _failed(
            field, "it exists but is not unique, which cannot be changed: archive it in HubSpot, then try again"
        )
    lacking = [choice for choice in field.choices if choice not in there.choices] if kind == "enumeration" else []
    if not lacking:
        return ProvisionStep(field.name, field.object, "present")
    if not apply:
        return ProvisionStep(field.name, field.object, "missing", f"options {', '.join(lacking)}")
    pairs = [(choice, choice) for choice in (*there.choices, *lacking)]
    return _add_options(portal, field, pairs, made)


def _add_options(portal: Portal, field: WantedField, pairs: list[tuple[str, str]], made: set[str]) -> ProvisionStep:
    try:
        portal.patch(portal.paths.properties(field.object, field.name), {"options": options(pairs)})
    except ExternalError as error:
        return _failed(field, error.what)
    made.add(field.object)
    return ProvisionStep(field.name, field.object, "created", "options added")


def _made(portal: Portal, field: WantedField, made: set[str]) -> ProvisionStep:
    try:
        if field.object not in made:
            _post(portal, portal.paths.properties(field.object, "groups"), {"name": GROUP, "label": GROUP_LABEL})
        made.add(field.object)
        body = property_body(field, portal.settings.language)
        new = _post(portal, portal.paths.properties(field.object), body)
    except ExternalError as error:
        return _failed(field, error.what)
    return ProvisionStep(field.name, field.object, "created" if new else "present")


def _post(portal: Portal, path: str, body: Mapping[str, Any]) -> bool:
    """Whether it was made; False when somebody has made it before (409)."""
    try:
        portal.post(path, dict(body))
    except Refused as error:
        if error.status != 409:
            raise
        return False
    return True


def _failed(field: WantedField, why: str) -> ProvisionStep:
    return ProvisionStep(field.name, field.object, "failed", why)


def _in(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language``, else in English, else in whichever there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
