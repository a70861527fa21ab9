"""Owned values on their way to the system, and how two of them are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csconnect.errors import MappingError
from csconnect.mapping.casts import CASTS, TransformError, rounded, to_boolean, to_date, to_decimal, to_text
from csconnect.mapping.spec import Mapping as MappingFile
from csconnect.mapping.spec import OwnedField
from csconnect.mapping.vocabulary import OWNED
from csconnect.mapping.words import suggest
from csconnect.model.values.change import Scalar

_ELLIPSIS = "…"
_REFERENCES = frozenset(name for names in OWNED.values() for name, owned in names.items() if owned.type == "reference")
"""Names whose values are canonical keys (``connection:id``), whatever type of field they are written to."""


def to_wire(mapping: MappingFile, values: Mapping[str, object]) -> dict[str, Scalar]:
    """The system's fields and values for ``values`` by owned name.

    Owned names that the mapping leaves out are dropped; an empty value is left out too, or sent as null where the field says
    ``null: clear``. Decimals and dates travel as text; keys of other records lose their ``connection:``. Raises `MappingError` for
    a name that is not the core's and for a value that the field's type cannot hold.
    """
    return {
        owned.to: wire
        for owned, value in _owned(mapping, values)
        if owned.to and ((wire := wire_value(owned, value)) is not None or owned.null == "clear")
    }


def to_links(mapping: MappingFile, values: Mapping[str, object]) -> dict[str, str]:
    """Records to associate on create: the system's object -> bare id, for the fields that say ``link``."""
    return {
        owned.link: str(wire)
        for owned, value in _owned(mapping, values)
        if owned.link and (wire := wire_value(owned, value)) is not None
    }


def _owned(mapping: MappingFile, values: Mapping[str, object]) -> list[tuple[OwnedField, object]]:
    known = OWNED.get(mapping.entity, {})
    for name in values:
        if name not in known:
            raise MappingError(
                f"csconnect owns no field '{name}' of {mapping.entity}", where=mapping.file, remedy=suggest(name, known)
            )
    return [(mapping.write[name], value) for name, value in values.items() if name in mapping.write]


def wire_value(owned: OwnedField, value: object) -> Scalar:
    """One value as it travels; null for an empty one."""
    if value is None or value == "":
        return None
    try:
        return _wire(owned, _bare(value) if owned.name in _REFERENCES else value)
    except TransformError as error:
        raise MappingError(
            f"The value for '{owned.name}' cannot be sent as {owned.type}: {error}",
            remedy=f"Give '{owned.name}' another 'type' in the mapping's write section",
        ) from None


def _bare(key: object) -> str:
    text = to_text(key)
    return text.partition(":")[2] or text


def _wire(owned: OwnedField, value: Any) -> Scalar:
    if owned.type == "choice":
        word = to_text(value)
        if owned.choices and word not in owned.choices:
            raise TransformError("a word that 'choices' does not list")
        return owned.choices.get(word, word)
    if owned.type in ("integer", "number", "boolean"):
        wire: Scalar = _scaled(owned, CASTS[owned.type](value))
        return wire
    if owned.type == "money":
        return format(_scaled(owned, to_decimal(value)), "f")
    if owned.type == "date":
        return to_date(value).isoformat()
    return _cut(to_text(value), owned.length)


def _scaled(owned: OwnedField, value: Any) -> Any:
    if owned.scale is None or isinstance(value, bool):
        return value
    result = rounded(to_decimal(value), owned.scale)
    return result if owned.type == "money" else type(value)(result)


def _cut(text: str, length: int | None) -> str:
    if length is None or len(text) <= length:
        return text
    return text[: max(length - 1, 0)].rstrip() + _ELLIPSIS


def compare_as(owned: OwnedField, wire: object) -> object:
    """``wire`` in a form in which two values that mean the same are equal.

    Never raises: what does not read as the field's type is compared as the text it is, so it differs from every value of ours.
    """
    if wire is None or (isinstance(wire, str) and not wire.strip()):
        return None
    try:
        return _comparable(owned, wire)
    except TransformError:
        return _even(str(wire))


def _comparable(owned: OwnedField, wire: object) -> object:
    match owned.type:
        case "integer":
            number = to_decimal(wire)
            return int(number) if number == number.to_integral_value() else number
        case "number" | "money":
            number = to_decimal(wire)
            return number if owned.scale is None else rounded(number, owned.scale)
        case "date":
            return to_date(wire)
        case "boolean":
            return to_boolean(wire)
        case "choice" | "key" | "reference":
            return to_text(wire).strip()
    return _even(to_text(wire))


def _even(text: str) -> str:
    """Line ends as newlines, without the spaces at a line's end that systems drop."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip()
