"""The due list, the most urgent first."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from rich.text import Text

from csconnect.report.plan import cut
from csconnect.report.rates import money
from csconnect.report.screen import COLOURS, Screen, counted, plain
from csconnect.stages.renewals import Renewals

SAYS = {
    "nothing_open": "nothing open",
    "several_open": "several open",
    "still_first": "still in its first stage",
    "past_close": "past its close date",
    "above_cap": "above the price cap",
    "won_without_order": "won, no order",
    "lost_but_renewed": "lost, but renewed",
}


def show_renewals(screen: Screen, found: Renewals, limit: int | None) -> None:
    """A row a contract and product line that falls due together."""
    screen.data(as_data(found))
    if screen.json:
        return
    if not found.rows:
        screen.say(f"Nothing is due on {found.as_of}.")
        return
    shown = found.rows[:limit]
    screen.table(
        [
            "LAST DAY",
            "DAYS",
            "STATE",
            "ACCOUNT",
            "LINE",
            "DUE ARR",
            "",
            "HEALTH",
            "OUTLOOK",
            "OWNER",
            "OPEN",
            "NOT RIGHT",
        ],
        [
            [
                row["last_day"],
                row["days"],
                row["state"],
                cut(row["account"], 40),
                row["product_line"],
                money(row["due_arr"]),
                row["currency"],
                _health(row),
                row["outlook"],
                cut(row["owner"] or "", 24),
                _open(row),
                Text(", ".join(SAYS[flag] for flag in row["flags"]), style=COLOURS["warning"])
                if row["flags"]
                else None,
            ]
            for row in shown
        ],
    )
    screen.say("")
    screen.say(_closing(found, len(shown)), "dim")


def _health(row: dict[str, Any]) -> Text | None:
    if row["band"] is None:
        return None
    said = row["band"] if row["score"] is None else f"{row['score']:.0f} {row['band']}"
    return Text(said, style=COLOURS[row["band"]])


def _open(row: dict[str, Any]) -> str | None:
    if row["opportunity_id"] is None:
        return None
    stage = cut(row["stage"] or "", 24) if row["status"] == "open" else row["status"]
    return f"{stage}, {row['close_on']}" if row["close_on"] else stage


def _closing(found: Renewals, shown: int) -> str:
    amounts: Counter[str] = Counter()
    for row in found.rows:
        if row["due_arr"] is not None and row["currency"]:
            amounts[row["currency"]] += row["due_arr"]
    told = ", ".join(f"{money(Decimal(total)):,} {currency}" for currency, total in sorted(amounts.items()))
    rest = f", {len(found.rows) - shown:,} not shown" if shown < len(found.rows) else ""
    return f"{counted(len(found.rows), 'renewal')} on {found.as_of}{rest}" + (f" · {told} a year" if told else "")


def as_data(found: Renewals) -> dict[str, Any]:
    """The same for machines, amounts as text."""
    return {"as_of": plain(found.as_of), "renewals": found.rows}
