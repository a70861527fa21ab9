"""Dates and instants as HubSpot spells them: ISO 8601 in UTC, or milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS = re.compile(r"-?\d+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def parse(text: str) -> int | None:
    """Milliseconds since 1970 of an ISO date, an ISO instant, or milliseconds as text; None when it is neither."""
    text = text.strip()
    if _MILLISECONDS.fullmatch(text):
        return int(text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return (found - _EPOCH) // timedelta(milliseconds=1)


def iso(milliseconds: int) -> str:
    """``2026-01-01T00:00:00Z``; a fraction of three digits only when there is one."""
    text = (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"


def day(milliseconds: int) -> str:
    """The UTC day, ``YYYY-MM-DD``."""
    return (_EPOCH + timedelta(milliseconds=milliseconds)).date().isoformat()


def is_day(text: str) -> bool:
    """Whether the text is a calendar day."""
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def clock_text(milliseconds: int) -> str:
    """The time of day as the vendor's INVALID_DATE message spells it: ``6:12:58.0``."""
    seconds, fraction = divmod(milliseconds % 86_400_000, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute}:{second}.{fraction}"
