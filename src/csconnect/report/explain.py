"""One account's score, taken apart."""

from __future__ import annotations

from typing import Any

from csconnect.compute.colour import RANKS
from csconnect.compute.earn import LIMITS, START
from csconnect.compute.explain import Driver
from csconnect.compute.lift import Lift, Move, least_score
from csconnect.report.screen import Screen
from csconnect.stages.change import Past
from csconnect.stages.explain import Explanation
from csconnect.stages.score import Judged

OURS = {START: "where the score begins", LIMITS: "cut off at the end of the scale"}


def show_explanation(screen: Screen, found: Explanation, judged: Judged, past: Past | None = None) -> None:
    """Score and band, dimension by dimension, signal by signal; the parts add up to the score."""
    if screen.json:
        return
    score = "no score" if found.score is None else f"{found.score:g} {found.band}"
    if found.score is None and found.band:
        score += f", {found.band}"
    screen.say(
        f"{found.account.name} = {score} · {found.coverage} % of the weight has data · {judged.computed.as_of}", "bold"
    )
    if found.because:
        screen.say(found.because)
    for line in held(found):
        screen.say(line)
    screen.say("")
    _show_drivers(screen, found, judged)
    screen.say("")
    for line in (*_moved(found, judged, past), *lifting(found, judged)):
        screen.say(line)
    if found.level is not None:
        screen.say(f"Stickiness L{found.level}")
    if found.danger.level:
        hopeless = "" if found.danger.savable else " (nothing that we do helps)"
        screen.say(f"Danger {found.danger.level}{hopeless}: {found.danger.said(judged.roster.phrases['en'])}")
    for term in found.terms:
        if term["state"] in ("due", "deferred", "not_due"):
            days = term["days_to_end"]
            when = f"in {days} days" if days > 0 else f"{-days} days ago"
            line = f"{term['product_line']} " if term["product_line"] else ""
            screen.say(f"Term {line}ends {term['end']} ({when}): {term['state'].replace('_', ' ')}")
    screen.say(f"Card {found.card.stamp} · from {', '.join(found.sources)}", "dim")


def held(found: Explanation) -> list[str]:
    """Why the colour is another than the score's own: overrides, the size of the red band, hysteresis."""
    lines = []
    binding = [rule for rule in found.overrides if found.band == rule.band]
    for rule in found.overrides:
        lines.append(
            f"held at {found.band} by: {rule.name} ({rule.because['en']})"
            if rule in binding
            else f"also holds: {rule.name} ({rule.because['en']}), {rule.band} at best"
        )
    if found.score is None or found.band is None or found.band == found.free_band or binding:
        return lines
    free, bands, score = str(found.free_band), found.card.bands, float(found.score)
    if RANKS[free] > RANKS[found.band]:
        edge = least_score(found.card, free)
        lines.append(f"{score:g} would be {free}; held at {found.band} until {edge:g}, for it was {found.band} before")
    elif bands.hold and RANKS[bands.band(score + bands.hold)] >= RANKS[found.band]:
        edge = (bands.green if found.band == "green" else bands.yellow) - bands.hold
        lines.append(f"{score:g} would be {free}; held at {found.band} until it is below {edge:g}")
    else:
        lines.append(
            f"{score:g} would be {free}; {found.band} because the CSM's red accounts are as many as the card allows"
        )
    return lines


def _show_drivers(screen: Screen, found: Explanation, judged: Judged) -> None:
    phrases, since = judged.roster.phrases["en"], found.since
    apart = since is not None and since.apart
    rows: list[list[Any]] = []
    for driver in found.drivers:
        if driver.dimension in OURS:
            points = f"{driver.hundredths / 100:.2f}" if found.score is not None else None
            rows.append([driver.signal.upper(), OURS[driver.dimension], points, *_since_cells(found, driver.signal)])
    for name, dimension in found.card.dimensions.items():
        parts = [driver for driver in found.drivers if driver.dimension == name]
        total = sum(driver.hundredths for driver in parts) / 100
        most = f" of {sum(d.points for d in parts):.2f}" if found.card.method != "points" else ""
        rows.append([dimension.title["en"].upper(), "", f"{total:.2f}{most}", *([""] * (2 if apart else 1))])
        for driver in parts:
            said = phrases.driver(driver.signal, driver.value) if driver.known else unknown(found, driver)
            rows.append([f"  {driver.signal}", said, _points(found, driver), *_since_cells(found, driver.signal)])
    gone = set(since.change.signals) - {driver.signal for driver in found.drivers} if since else set()
    rows += [[f"  {name}", "no longer counts", None, *_since_cells(found, name)] for name in sorted(gone)]
    head = f"SINCE {judged.then_on}" + (" (reconstructed)" if judged.reconstructed else "")
    screen.table(["SIGNAL", "MEASURED", "POINTS", head, *(["BY CONFIGURATION"] if apart else [])], rows)


def unknown(found: Explanation, driver: Driver) -> str:
    """What becomes of a signal without data."""
    if found.card.method == "points":
        return "no data; no points"
    if driver.share is not None:
        return f"no data; counts as {100 * driver.share:g} % of full marks, as the card says"
    return "no data; its weight went to the others"


def _points(found: Explanation, driver: Driver) -> str | None:
    if found.score is None or (not driver.known and driver.share is None):
        return None
    most = f" of {driver.points:.2f}" if found.card.method != "points" else ""
    return f"{driver.hundredths / 100:.2f}{most}"


def _since_cells(found: Explanation, signal: str) -> list[str]:
    """By customers (or altogether), and by configuration where that is told apart."""
    since = found.since
    part = since.change.signals.get(signal) if since else None
    if since is None or part is None:
        return ["", ""] if since and since.apart else [""]
    cells = [part.customer, part.configuration] if since.apart else [part.total]
    return [f"{hundredths / 100:+.2f}" if hundredths else "" for hundredths in cells]


def _moved(found: Explanation, judged: Judged, past: Past | None) -> list[str]:
    since = found.since
    if since is None:
        return []
    whole, lines = since.change.score, []
    if since.apart:
        lines.append(
            f"{since.score:g} on {judged.then_on}, {found.score:g} now: {whole.customer / 100:+g} by what customers did, "
            f"{whole.configuration / 100:+g} by the configuration (judged then by {since.card})"
        )
    elif since.reconfigured:
        lines.append(
            f"{since.score:g} on {judged.then_on}, {found.score:g} now; the configuration has changed since, and by that of then "
            "there would be no score today, so the two cannot be told apart"
        )
    if past and not past.recorded:
        lines.append(
            f"No run on or before {judged.then_on} left behind what judged then: judged by today's configuration"
        )
    return lines


def lifting(found: Explanation, judged: Judged) -> list[str]:
    """What would lift the band, in words."""
    way = found.lift
    if way is None:
        return []
    lines = [
        f"First put out: {rule.name} ({rule.because['en']}), which holds while {rule.when}" for rule in way.put_out
    ]
    if way.moves:
        moves = ", ".join(_said(move, judged) for move in way.moves)
        lines.append(f"Would be {way.band} with: {moves}")
    elif not way.possible and found.score is not None:
        lines.append(f"Not even full marks wherever there is data would make it {way.band}")
    elif way.put_out and found.score is not None:
        lines.append(f"Then the score is enough for {way.band}")
    return lines


def _said(move: Move, judged: Judged) -> str:
    signal = judged.signals.get(move.signal)
    unit = f" {signal.header.unit}" if signal else ""
    if move.to is None:
        return f"{move.signal} (+{move.gain:.1f} points)"
    return f"{move.signal} from {move.value:g} to {move.to:g}{unit}"


def as_data(found: Explanation, judged: Judged, past: Past) -> dict[str, Any]:
    """The same for machines; contributions and changes in hundredths of a point."""
    return {
        "account": found.account.id,
        "name": found.account.name,
        "as_of": judged.computed.as_of,
        "score": found.score,
        "band": found.band,
        "free_band": found.free_band,
        "held": held(found),
        "overrides": [rule.name for rule in found.overrides],
        "coverage": found.coverage,
        "because": found.because,
        "stickiness": found.level,
        "danger": {
            "level": found.danger.level,
            "causes": [cause.name for cause in found.danger.causes],
            "savable": found.danger.savable,
        },
        "drivers": [_driver_data(found, driver) for driver in found.drivers],
        "since": judged.then_on,
        "reconstructed": judged.reconstructed,
        "change": _change_data(found, past),
        "lift": _lift_data(found.lift),
        "terms": found.terms,
        "sources": found.sources,
        "scorecard": found.card.stamp,
    }


def _driver_data(found: Explanation, driver: Driver) -> dict[str, Any]:
    return {
        "dimension": driver.dimension,
        "signal": driver.signal,
        "value": driver.value,
        "points": round(driver.points, 4),
        "contribution": driver.hundredths
        if driver.known or driver.share is not None or driver.dimension in OURS
        else None,
        "change": found.moved.get(driver.signal),
    }


def _change_data(found: Explanation, past: Past) -> dict[str, Any] | None:
    since = found.since
    if since is None:
        return None
    whole, apart = since.change.score, since.apart or not since.reconfigured
    return {
        "score_then": since.score,
        "card_then": since.card,
        "recorded": past.recorded,
        "total": whole.total,
        "customer": whole.customer if apart else None,
        "configuration": whole.configuration if apart else None,
        "signals": {
            name: {
                "total": part.total,
                "customer": part.customer if apart else None,
                "configuration": part.configuration if apart else None,
            }
            for name, part in since.change.signals.items()
        },
    }


def _lift_data(way: Lift | None) -> dict[str, Any] | None:
    if way is None:
        return None
    return {
        "band": way.band,
        "possible": way.possible,
        "put_out": [
            {"override": rule.name, "when": rule.when.model_dump(by_alias=True, exclude_none=True)}
            for rule in way.put_out
        ],
        "moves": [
            {"signal": move.signal, "from": move.value, "to": move.to, "gain": round(move.gain, 4)}
            for move in way.moves
        ],
    }
