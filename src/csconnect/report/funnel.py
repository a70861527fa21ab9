"""The inverted funnel as a table: a column a year, as the source prints it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from csconnect.compute.funnel import Year, growth
from csconnect.report.rates import money
from csconnect.report.screen import Screen, counted


def show_funnel(screen: Screen, years: Sequence[Year], currency: str) -> None:
    """Base, new, churn and expansion of each year, and the growth of the base."""
    screen.data(as_data(years, currency))
    if screen.json:
        return
    rows = {"base": "base", "new": "new", "churn": "churn", "expansion": "expansion", "closing": "closing"}
    screen.table(
        [currency, "NOW", *(f"YEAR {number}" for number in range(1, len(years)))],
        [[name, *(money(getattr(year, field)) for year in years)] for name, field in rows.items()],
    )
    ndr, grown = years[0].ndr, growth(years)
    if ndr is not None and grown is not None:
        ahead = len(years) - 1
        screen.say(f"NDR {float(ndr):.1%}; the base grows by {float(grown):.1%} in {counted(ahead, 'year')}.", "dim")


def as_data(years: Sequence[Year], currency: str) -> dict[str, Any]:
    """Amounts as text to the cent."""
    grown = growth(years)
    names = ("base", "new", "churn", "expansion", "closing")
    return {
        "currency": currency,
        "years": [{name: f"{getattr(year, name):.2f}" for name in names} for year in years],
        "ndr": None if years[0].ndr is None else float(years[0].ndr),
        "growth": None if grown is None else float(grown),
    }
