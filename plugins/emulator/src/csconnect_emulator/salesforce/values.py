"""Values on their way in: JSON to what the store keeps, or the refusal that the vendor gives."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import is_id, to_18
from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.soql.columns import kind_of

_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
MAX_TEXT = 131_072


def incoming(field: FieldDef, value: Any) -> Any:
    """The value as stored; empty text is no value. Raises `ApiError` with the code and wording of the vendor."""
    if value is None or value == "":
        return False if field.type == "boolean" else None
    kind = kind_of(field)
    if kind == "boolean":
        return _boolean(value)
    if kind == "number":
        return _number(field, value)
    if kind in ("date", "datetime"):
        return _moment(kind, value)
    if kind == "id":
        return reference(field, value)
    return _text(field, value)


def _unfit(kind: str, value: Any) -> ApiError:
    token = {bool: "VALUE_TRUE" if value else "VALUE_FALSE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT"}
    token |= {str: "VALUE_STRING", list: "START_ARRAY", dict: "START_OBJECT"}
    shown = f" value {value}" if isinstance(value, str) else ""
    where = "or request may be missing a required field at [line:1, column:1]"
    return ApiError(
        "JSON_PARSER_ERROR", f"Cannot deserialize instance of {kind} from {token[type(value)]}{shown} {where}"
    )


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise _unfit("boolean", value)


def _number(field: FieldDef, value: Any) -> float | int:
    """A number within the field's precision, rounded to its scale. Numbers in text are accepted."""
    kind = "int" if field.type == "int" else "double"
    try:
        number = float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError):
        number = None
    if number is None or number != number:
        raise _unfit(kind, value)
    whole = (field.length or 18) - field.scale
    if abs(number) >= 10**whole:
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
    rounded = round(number, field.scale)
    return int(rounded) if field.type == "int" or rounded == int(rounded) else rounded


def _moment(kind: str, value: Any) -> str:
    """A date as ``YYYY-MM-DD``; an instant as UTC text to the second."""
    if not isinstance(value, str):
        raise _unfit(kind, value)
    try:
        if kind == "date":
            return date.fromisoformat(value[:10]).isoformat()
        moment = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", value))
    except ValueError as error:
        raise _unfit(kind, value) from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def reference(field: FieldDef, value: Any) -> str:
    """An 18-character id; whether the record exists is checked elsewhere."""
    if not is_id(value):
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", [field.name])
    return to_18(value)


def _text(field: FieldDef, value: Any) -> str:
    if isinstance(value, (list, dict)):
        raise _unfit("string", value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    limit = field.length or (MAX_TEXT if field.type == "textarea" else 255)
    if field.type == "multipicklist":
        return _choices(field, text)
    if len(text) > limit:
        message = f"{field.label}: data value too large: {text[:255]} (max length={limit})"
        raise ApiError("STRING_TOO_LONG", message, [field.name])
    if field.type == "email" and not _EMAIL.match(text):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", [field.name])
    if field.restricted and field.choices and text not in field.choices:
        raise bad_choice(field, text)
    return text


def _choices(field: FieldDef, text: str) -> str:
    parts = list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
    for part in parts if field.restricted else ():
        if part not in field.choices:
            raise bad_choice(field, part)
    return ";".join(parts)


def bad_choice(field: FieldDef, text: str) -> ApiError:
    message = f"{field.label}: bad value for restricted picklist field: {text}"
    return ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])
