"""Who may be asked to buy more, whom nothing holds back first."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from csconnect.report.plan import cut
from csconnect.report.rates import money
from csconnect.report.screen import COLOURS, Screen, counted, plain
from csconnect.stages.expansion import Expansions

REASONS = {"seats": "{seat_saturation:.0f} % of its seats in use", "quota": "{quota_saturation:.0f} % of a quota used"}
NEEDS = {
    "more_accounts": "more accounts",
    "upgrade": "a larger edition",
    "new_tenant": "one more tenant",
    "new_product": "another product",
    "cross_line": "another line of business",
    "other": "more",
}
HOLDS = {
    "stage": "is in {stage}",
    "with_renewal": "goes with the renewal",
    "stickiness_unknown": "stickiness unknown",
    "stickiness": "stickiness L{level}",
    "score_unknown": "health unknown",
    "score": "health {score:.0f}",
    "red_light": "red light",
    "roi": "return {roi:.0f} %",
    "open_already": "one is open",
    "another_first": "another first",
}
"""What is said of each hold of `csconnect.compute.expansion.HOLDS`."""


def show_expansions(screen: Screen, found: Expansions, limit: int | None) -> None:
    """A row an account, and one more for each product line of which it stated a need."""
    screen.data(as_data(found))
    if screen.json:
        return
    if not found.rows:
        screen.say(f"Nobody to ask for more on {found.as_of}.")
        return
    shown = sorted(found.rows, key=lambda row: bool(row["held_by"]))[:limit]
    screen.table(
        ["ACCOUNT", "LINE", "WHY", "MAY BE ASKED", "A YEAR", "", "OPEN", "OWNER"],
        [
            [
                cut(row["account"], 40),
                row["product_line"],
                why(row),
                _gate(row),
                money(row["amount"]),
                row["currency"],
                cut(row["opportunity"] or row["opportunity_id"] or "", 32),
                cut(row["owner"] or "", 24),
            ]
            for row in shown
        ],
    )
    screen.say("")
    free = sum(not row["held_by"] for row in found.rows)
    rest = f", {len(found.rows) - len(shown):,} not shown" if len(shown) < len(found.rows) else ""
    off = "" if found.enabled else " · expansion.enabled is off: no opportunity is made of them"
    screen.say(
        f"{counted(len(found.rows), 'reason')} to ask on {found.as_of}, {free:,} that nothing holds back{rest}{off}",
        "dim",
    )


def why(row: dict[str, Any]) -> str:
    """The reasons of a row, for people."""
    said = [text.format(**row) for name, text in REASONS.items() if name in row["reasons"]]
    if row["needs"]:
        said.append(f"wants {', '.join(NEEDS[kind] for kind in row['needs'])}")
    return "; ".join(said)


def _gate(row: dict[str, Any]) -> Text:
    if not row["held_by"]:
        return Text("yes", style=COLOURS["green"])
    return Text("no: " + ", ".join(HOLDS[name].format(**row) for name in row["held_by"]), style=COLOURS["warning"])


def as_data(found: Expansions) -> dict[str, Any]:
    """The same for machines, amounts as text."""
    return {"as_of": plain(found.as_of), "enabled": found.enabled, "expansions": found.rows}
