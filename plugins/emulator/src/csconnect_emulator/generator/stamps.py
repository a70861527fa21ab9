"""When a record was made and last changed, as the two systems spell it. All in the past of the world's ``as_of``."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from csconnect_emulator.generator.dice import mix32

BULK_EDIT_DAYS = 20
"""So long ago somebody changed many accounts at once, all within one second."""


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def morning(day: date) -> datetime:
    """The usual hour at which people make records."""
    return midnight(day) + timedelta(hours=6)


def changed(created: datetime, now: datetime, *numbers: int) -> datetime:
    """Some moment between ``created`` and ``now``, always the same for the same numbers."""
    roll = 0x9E3779B9
    for number in numbers:
        roll = mix32(roll ^ mix32(number))
    passed = (now - created) // timedelta(milliseconds=1)
    return created + timedelta(milliseconds=max(0, passed - 60_000) * (roll >> 12) // (1 << 20))


def bulk_edited(n: int) -> bool:
    """Whether the account was part of the bulk edit: one in seven."""
    return n % 7 == 3


def sf_text(moment: datetime) -> str:
    """``2026-01-01T00:00:00.000+0000``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def hs_text(moment: datetime) -> str:
    """``2026-01-01T00:00:00.000Z``."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def sf_stamps(as_of: date, created: datetime, *numbers: int, still: bool = False) -> dict[str, str]:
    """The stamps of a Salesforce record; ``still`` ones were never touched again."""
    modified = sf_text(created if still else changed(created, midnight(as_of), *numbers))
    return {"CreatedDate": sf_text(created), "LastModifiedDate": modified, "SystemModstamp": modified}


def hs_stamps(as_of: date, created: datetime, *numbers: int, name: str = "hs_lastmodifieddate") -> dict[str, str]:
    """The stamps of a HubSpot record; contacts call theirs ``lastmodifieddate``."""
    return {"createdate": hs_text(created), name: hs_text(changed(created, midnight(as_of), *numbers))}


def day_text(day: date | None) -> str | None:
    """``YYYY-MM-DD``, as both systems spell dates."""
    return None if day is None else day.isoformat()
