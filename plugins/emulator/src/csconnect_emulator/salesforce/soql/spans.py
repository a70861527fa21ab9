"""The named spans of days (vendor page "Date Formats and Date Literals"): first day, and the day after the last.

Weeks start on Sunday, fiscal years are calendar years, and days are UTC's: the emulated org's settings.
"""

from __future__ import annotations

from datetime import date, timedelta

from csconnect_emulator.salesforce.soql.parse import malformed

DAY = timedelta(days=1)
_UNITS = {"WEEK": 0, "MONTH": 1, "QUARTER": 3, "YEAR": 12, "FISCAL_QUARTER": 3, "FISCAL_YEAR": 12}


def span(name: str, count: int | None, today: date) -> tuple[date, date]:
    """``[start, end)`` of a literal such as ``TODAY`` or ``LAST_N_DAYS:30``; MALFORMED_QUERY when there is none such."""
    simple = {"TODAY": 0, "YESTERDAY": -1, "TOMORROW": 1}
    if name in simple:
        start = today + simple[name] * DAY
        return start, start + DAY
    if name in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        name, count = name[:5] + "N_DAYS", 90
    side, _, rest = name.partition("_")
    if rest.startswith("N_") and count is not None:
        return _counted(side, rest[2:-1] if rest.endswith("S") else rest[2:], count, today, name)
    if name.startswith("N_DAYS_AGO") and count is not None:
        return today - count * DAY, today - (count - 1) * DAY
    if rest in _UNITS and side in ("LAST", "THIS", "NEXT"):
        shift = {"LAST": -1, "THIS": 0, "NEXT": 1}[side]
        return _unit(rest, today, shift), _unit(rest, today, shift + 1)
    raise malformed(f"unexpected token: '{name}'")


def _counted(side: str, unit: str, count: int, today: date, name: str) -> tuple[date, date]:
    """The last n days include today, the next n start tomorrow; larger units never include the one we are in."""
    if unit == "DAY" and side in ("LAST", "NEXT"):
        tomorrow = today + DAY
        return (today - count * DAY, tomorrow) if side == "LAST" else (tomorrow, tomorrow + count * DAY)
    if unit in _UNITS and side == "LAST":
        return _unit(unit, today, -count), _unit(unit, today, 0)
    if unit in _UNITS and side == "NEXT":
        return _unit(unit, today, 1), _unit(unit, today, count + 1)
    raise malformed(f"unexpected token: '{name}'")


def _unit(unit: str, today: date, shift: int) -> date:
    """The first day of the week, month, quarter or year that lies ``shift`` of them away."""
    if unit == "WEEK":
        return today - ((today.weekday() + 1) % 7) * DAY + 7 * shift * DAY
    months = _UNITS[unit]
    index = (today.year * 12 + today.month - 1) // months * months + shift * months
    return date(index // 12, index % 12 + 1, 1)
