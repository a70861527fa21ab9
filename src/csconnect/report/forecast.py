"""How right forecasts were: by owner and in all, two weeks before renewals closed and two weeks before quarters ended."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from csconnect.compute.forecast_error import TOLERANCE, Forecast, Summed
from csconnect.report.rates import money, percent
from csconnect.report.screen import Screen, plain
from csconnect.stages.forecast import ForecastErrors


def show_forecast(screen: Screen, found: ForecastErrors) -> None:
    screen.data(as_data(found))
    if screen.json:
        return
    if found.first is None:
        screen.say("No open renewal was noted yet: csconnect sync notes them once a week.")
        return
    if not found.closing and not found.quarters:
        screen.say(
            f"Open renewals are noted since {found.first} ({found.weeks} times). None has closed, and no quarter ended, "
            "two weeks after it was noted; until then nothing can be compared."
        )
        return
    if found.closing:
        _show(screen, "two weeks before the close", found.closing_sums, found.names)
    for name, sums in found.quarters.items():
        screen.say("")
        _show(screen, f"two weeks before the end of {name}", sums, found.names)
    screen.say(f"A hit was won for as much as was expected, give or take {100 * TOLERANCE:.0f} %; all in ARR.", "dim")


def _show(screen: Screen, title: str, sums: Sequence[Summed], names: dict[str, str]) -> None:
    screen.table(
        [title.upper(), "CURRENCY", "RENEWALS", "HITS", "EXPECTED ARR", "WON ARR", "ERROR"],
        [
            [
                _whose(each, names),
                each.currency,
                each.forecasts,
                each.hits,
                money(each.expected),
                money(each.won),
                _signed(each.error),
            ]
            for each in sums
        ],
    )


def _whose(found: Summed, names: dict[str, str]) -> str:
    return "all" if found.whole else names.get(found.owner_id or "", found.owner_id or "unknown")


def _signed(error: Decimal | None) -> str | None:
    """``+10.0 %``: more was expected than came."""
    return None if error is None else f"{'+' if error > 0 else ''}{(percent(float(error)) or '').strip()}"


def as_data(found: ForecastErrors) -> dict[str, Any]:
    """The same for machines, with each forecast; amounts as text, errors as parts of one, null where nothing was won."""
    return {
        "as_of": plain(found.as_of),
        "first": plain(found.first) if found.first else None,
        "snapshots": found.weeks,
        "before_close": {
            "sums": [_sum(each, found.names) for each in found.closing_sums],
            "renewals": [_forecast(each) for each in found.closing],
        },
        "before_quarter_end": {
            name: [_sum(each, found.names) for each in sums] for name, sums in found.quarters.items()
        },
        "history": [_forecast(each) for each in found.history],
    }


def _sum(found: Summed, names: dict[str, str]) -> dict[str, Any]:
    return {
        "owner": "all" if found.whole else found.owner_id,
        "name": None if found.whole else names.get(found.owner_id or ""),
        "currency": found.currency,
        "renewals": found.forecasts,
        "hits": found.hits,
        "expected_arr": str(found.expected),
        "won_arr": str(found.won),
        "error": _plain(found.error),
    }


def _forecast(found: Forecast) -> dict[str, Any]:
    return {
        "opportunity_id": found.opportunity_id,
        "account_id": found.account_id,
        "owner_id": found.owner_id,
        "currency": found.currency,
        "day": plain(found.day),
        "closed_on": plain(found.until),
        "expected_arr": str(found.expected),
        "won_arr": str(found.won),
        "error": _plain(found.error),
        "hit": found.hit,
    }


def _plain(error: Decimal | None) -> float | None:
    return None if error is None else round(float(error), 10)
