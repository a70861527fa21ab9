"""How values are spelled on the wire: HubSpot takes text for everything, and the empty text clears a property."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from csconnect.model.values.change import Scalar

DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


def spell(value: Scalar, type: str = "string", zone: tzinfo = UTC) -> str:
    """``value`` as text for a property of HubSpot's ``type``.

    A day for a ``datetime`` property (a task's ``hs_timestamp``, a deal's ``closedate``) becomes noon UTC of that day:
    from UTC-12 to UTC+11:59 no user sees another day, where midnight would slip back a day in all the Americas. Where
    the portal's own ``zone`` lies further east, it becomes noon there. An instant is told in UTC, wherever it was read.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _plain(value)
    text = str(value)
    if type == "datetime":
        return _noon(text, zone) if DAY.match(text) else _utc(text)
    return text


def local(text: str, zone: tzinfo) -> str:
    """The same instant as a clock in ``zone`` shows it, so that its day is the one people there see; else ``text``."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if moment.tzinfo is None else moment.astimezone(zone).isoformat()


def _noon(day: str, zone: tzinfo) -> str:
    noon = f"{day}T12:00:00Z"
    if local(noon, zone)[:10] == day:
        return noon
    return _utc(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=zone).isoformat())


def _utc(text: str) -> str:
    return local(text, UTC).replace("+00:00", "Z")


def _plain(value: float) -> str:
    """Without exponent and without a trailing ``.0``, as HubSpot itself answers numbers."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
