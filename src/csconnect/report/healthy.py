"""Healthy ARR of a month, drawn and told, and whose it is."""

from __future__ import annotations

from typing import Any

from csconnect.compute.healthy import HealthyArr, healthy_arr_mom, healthy_arr_rate_mom
from csconnect.report import waterfall
from csconnect.report.rates import money, percent
from csconnect.report.screen import Screen, plain
from csconnect.stages.healthy import HealthyMonth


def show_healthy(screen: Screen, found: HealthyMonth, language: str = "en") -> None:
    """The waterfall, the rates below it, and a row a CSM."""
    screen.data(as_data(found))
    if screen.json:
        return
    then, now = found.then_on.isoformat(), found.as_of.isoformat()
    waterfall.show_waterfall(screen, found.bridge, then=then, now=now, currency=found.currency, language=language)
    rate, mom = found.now.rate.value, healthy_arr_mom(found.then, found.now).value
    of_rates = healthy_arr_rate_mom(found.then, found.now)
    screen.say("")
    screen.line("healthy", f"{_said(rate)} of all ARR; {money(found.now.unknown):,} of it unknown")
    screen.line(
        "month",
        f"{_said(mom)} of last month's healthy ARR; the rate is {_said(of_rates)} of last month's",
    )
    if found.earners:
        screen.say("")
        screen.table(
            ["CSM", "HEALTHY ARR", "OF ALL", "MONTH ON MONTH", "COMMISSION"],
            [
                [
                    each.name,
                    money(each.now.healthy),
                    percent(_float(each.now.rate.value)),
                    percent(_float(healthy_arr_mom(each.then, each.now).value)),
                    None if each.commission is None else f"{each.commission:,.2f}",
                ]
                for each in found.earners
            ],
        )


def _said(value: Any) -> str:
    return (percent(_float(value)) or "–").strip()


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def as_data(found: HealthyMonth) -> dict[str, Any]:
    """The same for machines: amounts as text, rates as parts of one."""
    return {
        "as_of": plain(found.as_of),
        "then": plain(found.then_on),
        "currency": found.currency,
        "healthy_arr": _month(found.now),
        "healthy_arr_then": _month(found.then),
        "healthy_arr_mom": healthy_arr_mom(found.then, found.now).plain(),
        "healthy_arr_rate_mom": _float(healthy_arr_rate_mom(found.then, found.now)),
        "waterfall": waterfall.as_data(found.bridge),
        "csms": [
            {
                "owner": each.owner_id,
                "name": each.name,
                "healthy_arr": _month(each.now),
                "healthy_arr_mom": healthy_arr_mom(each.then, each.now).plain(),
                "commission": plain(each.commission),
            }
            for each in found.earners
        ],
    }


def _month(arr: HealthyArr) -> dict[str, Any]:
    return {"rate": arr.rate.plain(), "unknown": str(arr.unknown), "untold": arr.untold}
