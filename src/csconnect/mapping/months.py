"""Month arithmetic: the only place in csconnect that reckons in months (architecture, decision 18)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

DAYS_A_MONTH = Decimal("30.4375")
"""365.25 / 12."""

_PLACES = Decimal("0.000001")


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole months; a day that the month lacks becomes its last one. `OverflowError` outside years 1 to 9999."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        raise OverflowError("year out of range")
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def months_until(start: date, end: date) -> Decimal:
    """Length of ``[start, end)`` in months, 6 decimals: whole months, then the days over as parts of 30.4375.

    2020-01-01 until 2025-01-01 is exactly 60. Negative where ``end`` is before ``start``.
    """
    if end < start:
        return -months_until(end, start)
    whole = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, whole) > end:
        whole -= 1
    rest = (end - add_months(start, whole)).days
    return (whole + rest / DAYS_A_MONTH).quantize(_PLACES, ROUND_HALF_EVEN)


def months_through(start: date, last: date) -> Decimal:
    """`months_until` the day after ``last``, for systems that store the last covered day."""
    return months_until(start, last + timedelta(days=1))
