"""A row a CSM: whom they reach, what they found, and what their prepaid customers consume."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from csconnect.report.plan import cut
from csconnect.report.rates import money, percent
from csconnect.report.screen import Screen, counted, plain
from csconnect.stages.team import Team

Key = tuple[str, str | None]
"""A CSM, or ``all``, and a currency."""


def show_team(screen: Screen, found: Team) -> None:
    """Reach is of customers and stands in the first row of each CSM; amounts have a row a currency."""
    screen.data(as_data(found))
    if screen.json:
        return
    reach = {row["value"]: row for row in found.reach.to_pylist()}
    expansion, consumption = _by_key(found.expansion), _by_key(found.consumption)
    rows = []
    for who in _people(found):
        currencies = sorted(
            {currency for value, currency in {**expansion, **consumption} if value == who}, key=_last_if_none
        )
        for place, currency in enumerate(currencies or [None]):
            first = [_name(found, who), *_reached(reach.get(who, {}))] if not place else [None] * 4
            key = (who, currency)
            rows.append([*first, currency, *_money(expansion.get(key, {}), consumption.get(key, {}))])
    heads = ["CSM", "REACHED", "OF", "REACH RATE", "", "EXPANSION WON", "FOUND BY CSM", "OF KNOWN ORIGIN"]
    screen.table([*heads, "CONTRACT MRR", "CONSUMED MRR"], rows)
    screen.say("")
    for line in _notes(found):
        screen.say(line, "dim")


def _reached(row: dict[str, Any]) -> list[Any]:
    return [row.get("touched"), row.get("customers"), percent(row.get("reach_rate"))]


def _money(won: dict[str, Any], used: dict[str, Any]) -> list[Any]:
    found = [money(won.get("won_amount")), money(won.get("csm_amount")), percent(won.get("csm_expansion_share"))]
    return [*found, money(used.get("contract_mrr")), money(used.get("consumed_mrr"))]


def _last_if_none(currency: str | None) -> str:
    return currency or "~"


def _by_key(table: pa.Table) -> dict[Key, dict[str, Any]]:
    return {(row["value"], row["currency"]): row for row in table.to_pylist()}


def _people(found: Team) -> list[str]:
    tables: Iterable[pa.Table] = (found.reach, found.expansion, found.consumption)
    known = {value for table in tables for value in table["value"].to_pylist()} - {"all"}
    return ["all", *sorted(known, key=lambda value: (value == "unknown", _name(found, value)))]


def _name(found: Team, value: str) -> str:
    return cut(found.names.get(value, value), 24)


def _notes(found: Team) -> list[str]:
    """What the columns are of, and what they leave out."""
    whole = {name: _first(table) for name, table in (("reach", found.reach), ("consumption", found.consumption))}
    month = whole["consumption"].get("month")
    said = [f"Reached by {found.as_of} within the contact cycle of their tier; expansions won in {found.period.name}"]
    said[0] += f"; MRR of prepaid customers in {month}." if month else "; nobody is known to pay in advance."
    if untold := whole["reach"].get("untold"):
        said.append(f"Of {untold:,} customers no touchpoints are delivered: they are not in the reach rate.")
    dark = sum(row["untold"] for row in found.expansion.to_pylist() if row["value"] == "all")
    if dark:
        said.append(f"{dark:,} expansions won have no amount that can be told.")
    if unsaid := sum(row["untold"] for row in found.consumption.to_pylist() if row["value"] == "all"):
        said.append(
            f"Of {counted(unsaid, 'prepaid customer')} an amount of that month cannot be told: they are in neither MRR."
        )
    return said


def _first(table: pa.Table) -> dict[str, Any]:
    rows: list[dict[str, Any]] = table.slice(0, 1).to_pylist()
    return rows[0] if rows else {}


def as_data(found: Team) -> dict[str, Any]:
    """The same for machines: amounts as text, rates as parts of one, null where there is no base."""
    return {
        "as_of": plain(found.as_of),
        "period": {"name": found.period.name, "start": plain(found.period.start), "end": plain(found.period.end)},
        "currency": found.currency,
        "reach": [_told(found, row) for row in found.reach.to_pylist()],
        "expansion": [_told(found, row) for row in found.expansion.to_pylist()],
        "consumption": [_told(found, row) for row in found.consumption.to_pylist()],
    }


def _told(found: Team, row: dict[str, Any]) -> dict[str, Any]:
    rest = {name: round(value, 10) if isinstance(value, float) else value for name, value in row.items()}
    owner: str = row["value"]
    del rest["dimension"], rest["value"]
    return {"csm": owner, "name": found.names.get(owner), **rest}
