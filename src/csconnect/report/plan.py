"""The plan as a person reads it: account, field, now, planned, why. It renders exactly what would be executed."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.text import Text

from csconnect.compute.change import BandChanges
from csconnect.model.values import Action, Change, FieldKind, Plan, Scalar
from csconnect.report.screen import COLOURS, Screen, counted, tame


def show_plan(
    screen: Screen, plan: Plan, limit: int | None = None, held: int = 0, bands: BandChanges | None = None
) -> None:
    """Table of changes (the first ``limit`` lines), the totals, what guards said, the fingerprint; ``held`` accounts are in none
    of it. ``bands`` says why bands change, where another card judges than before."""
    screen.data(plan.model_dump(mode="json"))
    if screen.json:
        return
    if not plan.changes:
        screen.say("nothing to change", "green")
    else:
        lines = [line for change in plan.changes for line in change_lines(change)]
        shown = lines if limit is None else lines[:limit]
        screen.table(["ACCOUNT", "FIELD", "NOW", "", "PLANNED", "WHY"], shown)
        if len(shown) < len(lines):
            screen.say(f"… and {len(lines) - len(shown):,} more lines (csconnect plan --all)", "dim")
    if plan.changes:
        screen.say(totals(plan))
    if bands:
        change = "band changes" if bands.card == 1 else "bands change"
        screen.say(f"{bands.card:,} {change} because of the card, {bands.customers:,} because of customers")
    if held:
        screen.say(
            f"{counted(held, 'account')} held since an undo: nothing is planned there until csconnect undo --release",
            "yellow",
        )
    for guard in plan.guards:
        kept = f", {guard.stopped:,} changes held back" if guard.stopped else ""
        screen.say(f"guard {guard.name}: {guard.measured} (limit {guard.limit}){kept}. {guard.remedy}", "yellow")


def change_lines(change: Change) -> list[list[Any]]:
    """One line a field for updates; one line a record for what is created or closed."""
    if change.action is Action.UPDATE:
        main = [name for name in change.values if change.kinds.get(name) != FieldKind.PASSENGER]
        return [
            [
                label(change) if place == 0 else Text(),
                short(name),
                value(change.before.get(name)),
                "→",
                value(change.values[name]),
                change.why if place == 0 else Text(),
            ]
            for place, name in enumerate(main)
        ]
    sign = {Action.CREATE: "+", Action.CLOSE: "×"}[change.action]
    return [[label(change), f"{sign} {change.entity}", Text(), "→", Text(headline(change)), change.why]]


def label(change: Change) -> str:
    """The account's name, cut where it would leave no room for anything else."""
    return cut(change.label, 40)


def headline(change: Change) -> str:
    """What a created or closed record is, in a few words taken from its own values."""
    texts = [found for found in change.values.values() if isinstance(found, str) and len(found) > 3]
    named = [text for text in texts if change.label and change.label[:40] in text]
    few = [text for text in texts if len(text) <= 120]
    said = (sorted(named, key=len) or few or texts or [change.record_id or ""])[0]
    return cut(said.replace(change.label, label(change)) if change.label else said, 80)


def cut(text: str, length: int) -> str:
    """``text`` on one line of at most ``length`` characters."""
    text = tame(text)
    return text if len(text) <= length else text[: length - 1] + "…"


def short(field: str) -> str:
    """A CRM field's name without our prefix and suffix."""
    return field.removeprefix("CSC_").removesuffix("__c").removeprefix("csc_").replace("_", " ").lower()


def value(found: Scalar) -> Text:
    """A wire value in a cell; long texts are cut, colours are the bands'."""
    if found is None or found == "":
        return Text("–", style="dim")
    text = cut(str(found), 60)
    return Text(text, style=COLOURS.get(text, ""))


def totals(plan: Plan) -> str:
    """How much of what, the calls it will spend, and the fingerprint."""
    fields = sum(len(change.values) for change in plan.changes if change.entity == "account")
    made = Counter((change.entity, change.action) for change in plan.changes if change.entity != "account")
    accounts = sum(change.entity == "account" for change in plan.changes)
    parts = [f"{counted(fields, 'field')} of {counted(accounts, 'account')}"] if accounts else []
    plural = {"opportunity": "opportunities"}
    verbs = {Action.CREATE: "new", Action.UPDATE: "escalated", Action.CLOSE: "closed"}
    said = {
        ("opportunity", Action.UPDATE): "updated"
    }  # what is said about it; the opportunity itself is the salesperson's
    parts += [
        counted(count, f"{verb} {entity}", f"{verb} {plural.get(entity, entity + 's')}")
        for (entity, action), count in sorted(made.items())
        for verb in [said.get((entity, action), verbs[action])]
    ]
    calls = ", ".join(f"{counted(count, 'call')} to {name}" for name, count in sorted(plan.calls.items()))
    return " · ".join([", ".join(parts), *([calls] if calls else []), f"fingerprint {plan.fingerprint[:12]}"])
