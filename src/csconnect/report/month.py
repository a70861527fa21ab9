"""A closed month: what was stated first, and below it each restatement with what it changed, for whom, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from csconnect.compute.restated import Changed, Move
from csconnect.report.rates import cell_of, cells, percent
from csconnect.report.screen import Screen, counted, plain
from csconnect.stages.month import ClosedMonth, Restatement, Version

REASONS = {
    "late_order": "an order became known later",
    "withdrawn_order": "an order is gone",
    "changed_order": "an order says something else",
    "account": "the account is gone, merged or new",
    "exchange_rate": "another exchange rate",
    "configuration": "other settings, or another way of reckoning",
    "unknown": "unknown",
}
"""What is said of each `csconnect.compute.restated.Reason`."""
FIGURES = {
    "renewal_rate_amount_due": "amount due",
    "renewal_rate_count_due": "count due",
    "ndr": "NDR",
    "grr": "GRR",
    "logo_churn_rate": "logo churn",
    "due_arr": "due ARR",
    "renewed_arr": "renewed ARR",
    "due_customers": "due customers",
    "opening_arr": "opening ARR",
    "closing_arr": "closing ARR",
    "opening_customers": "customers at opening",
}
"""What the figures of `csconnect.compute.restated.HEADLINES` are called."""
FACTS = {
    "opening_arr": "opening ARR",
    "arr": "closing ARR",
    "due_arr": "due ARR",
    "renewed_arr": "renewed ARR",
    "state": "state",
    "deferred": "deferred",
}
"""What of an account may be another."""


def show_month(screen: Screen, found: ClosedMonth, *, by: Sequence[str] = (), base: str = "both", listed: bool) -> None:
    """``by`` are the dimensions to show beside all customers, ``base`` is due, opening or both; ``listed`` shows the
    accounts that were restated."""
    screen.data(as_data(found, listed=listed))
    if screen.json:
        return
    if not found.versions:
        screen.say(_none(found))
        return
    first = found.versions[0]
    money_of = first.currency or "each currency"
    stated = f"{found.month.name} as stated on {first.stated_on}{_reconstructed(first)}"
    screen.say(f"{stated}; as of {first.as_of}, in {money_of}.")
    if base in ("due", "both"):
        _show_due(screen, found, _shown(first.due, by))
    if base in ("opening", "both"):
        _show_opening(screen, _shown(first.opening, by), first, found)
    for each in found.restatements:
        _show_restatement(screen, each, found, listed)


def _none(found: ClosedMonth) -> str:
    there = (
        f"Statements are there of {found.stated[0]} to {found.stated[-1]}." if found.stated else "There is none yet."
    )
    return (
        f"Nothing was stated of {found.month.name}. {there} csconnect sync makes one when a month is over and orders are known; "
        f"csconnect retention --period {found.month.name} reckons it from what is known today."
    )


def _reconstructed(version: Version) -> str:
    return " (reconstructed: the lake did not know that day yet)" if version.reconstructed else ""


def _shown(rows: Iterable[dict[str, Any]], by: Sequence[str]) -> list[dict[str, Any]]:
    return [row for row in rows if row["dimension"] in ("all", *by)]


def _place(row: dict[str, Any], found: ClosedMonth) -> str:
    cell = cell_of(row, found.owners)
    return f"{cell}, {row['currency']}" if row["currency"] else cell


def _show_due(screen: Screen, found: ClosedMonth, rows: list[dict[str, Any]]) -> None:
    screen.say("")
    if not rows:
        screen.say(f"Nothing fell due in {found.month.name}.")
        return
    heads = ["DUE", "RENEWED", "OPEN", "LOST", "RENEWAL RATE, COUNT", "DUE ARR", "RENEWED ARR", "RENEWAL RATE, AMOUNT"]
    screen.table(
        [f"DUE IN {found.month.name}", *heads],
        [
            [
                _place(row, found),
                *cells(row, heads),
            ]
            for row in rows
        ],
    )


def _show_opening(screen: Screen, rows: list[dict[str, Any]], first: Version, found: ClosedMonth) -> None:
    screen.say("")
    if not rows:
        screen.say(f"Nobody was a customer on {found.month.opening}.")
        return
    heads = ["CUSTOMERS", "RETAINED", "DEFERRED", "CHURNED", "LOGO CHURN", "OPENING ARR", "CLOSING ARR", "NDR", "GRR"]
    screen.table(
        [f"CUSTOMERS ON {found.month.opening}", *heads],
        [
            [
                _place(row, found),
                *cells(row, heads),
            ]
            for row in rows
        ],
    )


def _show_restatement(screen: Screen, found: Restatement, month: ClosedMonth, listed: bool) -> None:
    screen.say("")
    screen.say(restated(found), "yellow")
    for name, (before, after) in found.settings.items():
        screen.say(f"  setting {name}: {_told(after)} (was {_told(before)})")
    for reason, accounts in found.reasons.items():
        screen.say(f"  {counted(accounts, 'account')}: {REASONS.get(reason, reason)}")
    if listed and found.changes:
        screen.table(
            ["ACCOUNT", "PRODUCT LINE", "CURRENCY", "WHAT", "WAS", "IS", "WHY"],
            [line for each in found.changes for line in _lines(each, month.names)],
        )


def restated(found: Restatement) -> str:
    """``restated 2026-11-20: amount due 91.2 % (was 90.4 %): 3 accounts``. Rates of all customers, and amounts and counts where no rate
    is another."""
    rates = [each for each in found.moves if _is_rate(each)]
    several = len({each.currency for each in found.moves}) > 1
    said = ", ".join(_move(each, several) for each in rates or found.moves) or "no figure of all customers is another"
    return f"restated {found.stated_on}: {said}: {counted(found.accounts, 'account')}"


def _is_rate(move: Move) -> bool:
    return not move.name.endswith(("_arr", "_customers"))


def _move(move: Move, several: bool) -> str:
    where = f"{move.currency} " if several and move.currency else ""
    before, after = (_figure(move, value) for value in (move.before, move.after))
    return f"{where}{FIGURES.get(move.name, move.name)} {after} (was {before})"


def _figure(move: Move, value: Any) -> str:
    if value is None:
        return "–"
    return (percent(value) or "").strip() if _is_rate(move) else f"{round(value):,}"


def _lines(changed: Changed, names: dict[str, str]) -> Iterable[list[Any]]:
    place = [names.get(changed.account_id, changed.account_id), changed.family or None, changed.currency]
    why = REASONS.get(changed.reason, changed.reason)
    for name, (before, after) in changed.facts.items():
        yield [*place, FACTS.get(name, name), _told(before), _told(after), why]
    if not changed.facts:
        yield [*place, None, None, None, why]


def _told(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if isinstance(value, Decimal) else str(value)


def as_data(found: ClosedMonth, *, listed: bool) -> dict[str, Any]:
    """The same for machines: amounts as text to the cent, rates as parts of one, null where there is no base."""
    return {
        "month": found.month.name,
        "versions": [
            {
                "version": each.number,
                "stated_on": plain(each.stated_on),
                "as_of": plain(each.as_of),
                "reconstructed": each.reconstructed,
                "currency": each.currency,
                "settings": each.settings,
                "due": each.due,
                "opening": each.opening,
            }
            for each in found.versions
        ],
        "restatements": [_restatement(each, found.names, listed) for each in found.restatements],
    }


def _restatement(found: Restatement, names: dict[str, str], listed: bool) -> dict[str, Any]:
    said: dict[str, Any] = {
        "version": found.number,
        "stated_on": plain(found.stated_on),
        "accounts": found.accounts,
        "reasons": found.reasons,
        "settings": {name: {"before": pair[0], "after": pair[1]} for name, pair in found.settings.items()},
        "figures": [vars(each) for each in found.moves],
    }
    if listed:
        said["changes"] = [
            {
                "account_id": each.account_id,
                "account": names.get(each.account_id),
                "product_line": each.family or None,
                "currency": each.currency,
                "reason": each.reason,
                "before": {name: pair[0] for name, pair in each.facts.items()},
                "after": {name: pair[1] for name, pair in each.facts.items()},
            }
            for each in found.changes
        ]
    return said
