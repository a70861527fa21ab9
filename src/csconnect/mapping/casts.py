"""A value of any system read as one of the canonical kinds, one value at a time.

These functions are total: they give a value of their kind or raise `TransformError`, whose text never holds the value.
The columnar twins are in `csconnect.mapping.columnar`; a test keeps them agreeing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?"
DAY = r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|([0-9]{2})([0-9]{2}))"
_TIME = r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?\s?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"

_number = re.compile(NUMBER)
_day = re.compile(DAY)
_instant = re.compile(f"{DAY}(?:{_TIME})?")
_epoch = re.compile(r"-?[0-9]{12,14}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_FROM = 10**11
_INT64 = range(-(2**63), 2**63)
_WIDE = Context(prec=60)
_STORED = Context(prec=38)

TRUE = frozenset({"true", "yes", "1", "y", "t"})
FALSE = frozenset({"false", "no", "0", "n", "f"})


class TransformError(ValueError):
    """A value does not fit; the message is a reason without the value."""


def class_of(value: Any) -> str:
    """What kind of value something is, in words that give nothing of it away."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    if isinstance(value, (list, tuple)):
        return f"list of {len(value)}"
    names = ((bool, "boolean"), ((int, float, Decimal), "number"), (datetime, "instant"), (date, "date"))
    return next((name for kind, name in names if isinstance(value, kind)), "object")


def to_text(value: Any) -> str:
    """Any single value in its canonical spelling."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TransformError("not a finite number")
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    if isinstance(value, Decimal):
        return format(to_decimal(value).normalize(_WIDE), "f")
    if isinstance(value, int):
        return str(to_integer(value))
    if isinstance(value, datetime):
        return to_instant(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TransformError("not a single value")


def to_decimal(value: Any) -> Decimal:
    """A finite number of at most 29 digits before the point; one that begins after the 28th decimal place is zero."""
    if isinstance(value, bool):
        raise TransformError("not a number")
    if isinstance(value, float):
        value = repr(float(value))
    if isinstance(value, int):
        if value.bit_length() > 128:
            raise TransformError("number out of range")
        value = Decimal(value)
    if isinstance(value, str):
        match = _number.fullmatch(value.strip())
        if not match:
            raise TransformError("not a number")
        value = Decimal(match[0])
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TransformError("not a number")
    if value and value.adjusted() > 28:
        raise TransformError("number out of range")
    return value if not value or value.adjusted() >= -28 else Decimal(0)


def to_integer(value: Any) -> int:
    """A whole number of 64 bits; 54.0 is one, 54.5 is not."""
    number = to_decimal(value)
    if number != number.to_integral_value():
        raise TransformError("not a whole number")
    whole = int(number)
    if whole not in _INT64:
        raise TransformError("number out of range")
    return whole


def to_number(value: Any) -> float:
    """A finite double."""
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    return float(to_decimal(value))


def to_boolean(value: Any) -> bool:
    """True and false in the spellings of exports and CRMs."""
    if isinstance(value, bool):
        return value
    word = to_text(value).strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise TransformError("neither true nor false")


def to_date(value: Any) -> date:
    """A day; of an instant the day as it is written there, so that no zone moves it (HubSpot's dates are midnights in UTC)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and _epoch.fullmatch(value.strip())):
        return _since_1970(value).date()
    match = _instant.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise TransformError("not a date; write YYYY-MM-DD")
    return _day_of(match)


def to_instant(value: Any) -> datetime:
    """An aware instant in UTC; what has no zone is taken as UTC, a day as its midnight."""
    if isinstance(value, datetime):
        return _in_utc(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    if isinstance(value, (int, float, Decimal)) or (isinstance(value, str) and _epoch.fullmatch(value.strip())):
        return _since_1970(value)
    match = _instant.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise TransformError("not an instant; write YYYY-MM-DDTHH:MM:SSZ")
    hour, minute, second, fraction, zone = match.groups()[7:]
    try:
        clock = time(int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "0")[:6].ljust(6, "0")))
    except ValueError:
        raise TransformError("no such time of day") from None
    try:
        return datetime.combine(_day_of(match), clock, UTC) - _offset(zone)
    except OverflowError:
        raise TransformError("instant out of range") from None


def _offset(zone: str | None) -> timedelta:
    if not zone or zone == "Z":
        return timedelta()
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    if minutes >= 24 * 60:
        raise TransformError("no such time zone")
    return timedelta(minutes=minutes if zone[0] == "+" else -minutes)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise TransformError("instant out of range") from None


def _since_1970(value: Any) -> datetime:
    milliseconds = to_integer(value)
    # Fewer digits are a day written as a number, a row number or seconds: guessing would be wrong without a sound.
    if abs(milliseconds) < _EPOCH_FROM:
        raise TransformError("a number, but not one of milliseconds since 1970")
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise TransformError("instant out of range") from None


def _day_of(match: re.Match[str]) -> date:
    year, *rest = match.groups()[:7]
    month, day = (int(part) for part in rest if part is not None)
    try:
        return date(int(year), month, day)
    except ValueError:
        raise TransformError("no such day in the calendar") from None


def rounded(value: Decimal, scale: int) -> Decimal:
    """``value`` at ``scale`` decimal places, half to even; at most the 38 digits that a column of decimals holds."""
    try:
        return value.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_EVEN, _STORED)
    except InvalidOperation:
        raise TransformError("number out of range") from None


CASTS: dict[str, Callable[[Any], Any]] = {
    "text": to_text,
    "choice": to_text,
    "integer": to_integer,
    "number": to_number,
    "decimal": to_decimal,
    "boolean": to_boolean,
    "date": to_date,
    "instant": to_instant,
}
"""Kind of a canonical field (`csconnect.model.fields`) -> its cast."""
