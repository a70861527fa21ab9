"""One account's score, taken apart."""

from __future__ import annotations

from typing import Any

from csconnect.report.screen import Screen
from csconnect.stages.explain import Explanation
from csconnect.stages.score import Judged


def show_explanation(screen: Screen, found: Explanation, judged: Judged) -> None:
    """Score and band, dimension by dimension, signal by signal; the parts add up to the score."""
    screen.data(as_data(found, judged))
    if screen.json:
        return
    score = "no score" if found.score is None else f"{found.score} {found.band}"
    screen.say(
        f"{found.account.name} = {score} · {found.coverage} % of the weight has data · {judged.computed.as_of}", "bold"
    )
    if found.because:
        screen.say(found.because)
    card, phrases = found.card, judged.roster.phrases["en"]
    screen.say("")
    rows: list[list[Any]] = []
    for name, dimension in card.dimensions.items():
        parts = [driver for driver in found.drivers if driver.dimension == name]
        total = sum(driver.hundredths for driver in parts) / 100
        rows.append([dimension.title["en"].upper(), "", f"{total:.2f} of {sum(d.points for d in parts):.2f}", ""])
        for driver in parts:
            said = (
                phrases.driver(driver.signal, driver.value)
                if driver.known
                else "no data; its weight went to the others"
            )
            points = (
                f"{driver.hundredths / 100:.2f} of {driver.points:.2f}"
                if driver.known and found.score is not None
                else None
            )
            moved = found.moved.get(driver.signal)
            rows.append([f"  {driver.signal}", said, points, f"{moved / 100:+.2f}" if moved else ""])
    since = f"SINCE {judged.then_on}" + (" (reconstructed)" if judged.reconstructed else "")
    screen.table(["SIGNAL", "MEASURED", "POINTS", since], rows)
    screen.say("")
    if found.lift:
        needed = ", ".join(f"{driver.signal} (+{driver.lost:.0f})" for driver in found.lift)
        screen.say(f"Would be {found.next_band} with full marks in: {needed}")
    if found.level is not None:
        screen.say(f"Stickiness L{found.level}")
    if found.danger.level:
        hopeless = "" if found.danger.savable else " (nothing that we do helps)"
        screen.say(f"Danger {found.danger.level}{hopeless}: {found.danger.said(phrases)}")
    for term in found.terms:
        if term["state"] in ("due", "deferred", "not_due"):
            days = term["days_to_end"]
            when = f"in {days} days" if days > 0 else f"{-days} days ago"
            line = f"{term['product_line']} " if term["product_line"] else ""
            screen.say(f"Term {line}ends {term['end']} ({when}): {term['state'].replace('_', ' ')}")
    screen.say(f"Card {card.stamp} · from {', '.join(found.sources)}", "dim")


def as_data(found: Explanation, judged: Judged) -> dict[str, Any]:
    """The same for machines; contributions in hundredths of a point."""
    return {
        "account": found.account.id,
        "name": found.account.name,
        "as_of": judged.computed.as_of,
        "score": found.score,
        "band": found.band,
        "coverage": found.coverage,
        "because": found.because,
        "stickiness": found.level,
        "danger": {
            "level": found.danger.level,
            "causes": [cause.name for cause in found.danger.causes],
            "savable": found.danger.savable,
        },
        "drivers": [
            {
                "dimension": driver.dimension,
                "signal": driver.signal,
                "value": driver.value,
                "points": round(driver.points, 4),
                "contribution": driver.hundredths if driver.known else None,
                "change": found.moved.get(driver.signal),
            }
            for driver in found.drivers
        ],
        "since": judged.then_on,
        "reconstructed": judged.reconstructed,
        "lift": [driver.signal for driver in found.lift],
        "terms": found.terms,
        "sources": found.sources,
        "scorecard": found.card.stamp,
        "free_band": found.free_band,
        "overrides": [rule.name for rule in found.overrides],
    }
