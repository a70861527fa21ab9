"""Working days. Monday to Friday; public holidays are not known here and are said so in the docs."""

from __future__ import annotations

from datetime import date, timedelta


def working_day(day: date) -> date:
    """``day`` itself when it is a working day, else the next Monday."""
    return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= 5 else 0)


def working_days_after(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``."""
    for _ in range(count):
        day = working_day(day + timedelta(days=1))
    return day
