"""Cards nobody would write, drawn at random, and what they say of an account, reckoned by hand: for `test_random_cards`."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from typing import Any

from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.scorecard import CardSignal, Scorecard

SIGNALS = tuple("abcdefg")
RANKS = ("red", "yellow", "green")
Values = Mapping[str, float | None]


def curve(dice: random.Random, points: bool) -> dict[str, Any]:
    """Any shape; between 0 and 1, or up to 40 points either way."""

    def earns() -> float:
        return round(dice.uniform(-40, 40), 1) if points else dice.choice([0, 0.25, 0.3, 0.5, 0.7, 1])

    ends = sorted(dice.sample(range(0, 101, 5), 3))
    shapes: list[dict[str, Any]] = [
        {"at_least": {str(end): earns() for end in ends}, "otherwise": earns()},
        {"linear": {"from": ends[0], "to": ends[2]}},
        {"linear": {"from": ends[2], "to": ends[0]}},
        {"through": [[end, earns()] for end in ends]},
        {"intervals": [{"to": ends[0], "earns": earns()}, {"from": ends[0], "to": ends[1], "earns": earns()},
                       {"from": ends[1], "earns": earns()}], "edge": dice.choice(["lower", "upper"])},
        {"intervals": [{"from": ends[0], "to": ends[1], "earns": earns()}, {"from": ends[1], "to": ends[2], "earns": earns()}],
         "edge": dice.choice(["lower", "upper"]), "otherwise": earns()},
    ]  # fmt: skip
    return dice.choice([*shapes, {"times": dice.choice([0.1, -0.2, 0.335])}] if points else shapes)


def condition(dice: random.Random, deep: int = 2) -> dict[str, Any]:
    """A comparison, or others put together."""
    form = dice.choice(["plain", "plain", "all", "any", "not"]) if deep else "plain"
    if form == "plain":
        how = dice.choice(["below", "at_most", "at_least", "above", "equals", "unknown"])
        return {
            "signal": dice.choice(SIGNALS),
            how: dice.random() < 0.5 if how == "unknown" else dice.randrange(0, 101, 5),
        }
    if form == "not":
        return {"not": condition(dice, deep - 1)}
    return {form: [condition(dice, deep - 1) for _ in range(dice.randint(1, 3))]}


def drawn_card(dice: random.Random) -> Scorecard:
    """A card of any method, with everything that the engine knows of, events apart."""
    method = dice.choice(["weighted", "weighted", "points", "rules"])
    low, high = dice.choice([(0, 100), (0, 10), (-50, 50), (1, 5)])
    decimals = dice.choice([0, 0, 1, 2])
    names = dice.sample(SIGNALS, dice.randint(2, 6))
    cut = dice.randint(1, len(names) - 1)
    dimensions: dict[str, Any] = {}
    for dimension, inside in (("one", names[:cut]), ("two", names[cut:])):
        parts: dict[str, Any] = {}
        for name in inside:
            parts[name] = {"curve": curve(dice, method == "points")}
            if method != "points":
                parts[name]["weight"] = dice.choice([1, 3, 7, 22, 0.5])
                if dice.random() < 0.2:
                    parts[name]["unknown"] = dice.choice(["share", 0, 0.5, 1])
        dimensions[dimension] = {"title": {"en": dimension}, "signals": parts}
        if method != "points" and dice.random() < 0.4:
            dimensions[dimension]["weight"] = dice.choice([1, 10, 33])
    step = (high - low) / 10
    yellow, green = sorted(round(low + step * dice.randint(1, 10), 1) for _ in range(2))
    green = green if green > yellow else yellow
    yellow = yellow if yellow < green else round(yellow - step / 2, 2)
    ends = ["lower", "upper"]
    bands: dict[str, Any] = {
        "green": green,
        "yellow": yellow,
        "edge": {"green": dice.choice(ends), "yellow": dice.choice(ends)},
    }
    if dice.random() < 0.5:
        bands["hold"] = round((green - yellow) * dice.choice([0.1, 0.3, 0.45]), 2)
    if dice.random() < 0.4:
        bands["most_red"] = dice.choice([{"accounts": 2}, {"percent": 15}])
    data = {
        "scorecard": "drawn", "version": 1, "title": {"en": "Drawn"}, "method": method, "weights": "relative",
        "scale": {"from": low, "to": high, "decimals": decimals}, "coverage": dice.choice([0, 30, 50, 100]), "bands": bands,
        "parents": dice.choice(["own", "own", "children", "family"]), "dimensions": dimensions,
        "overrides": [
            {"name": f"rule_{n}", "when": condition(dice), "band": dice.choice(["red", "yellow"]), "because": {"en": "so"}}
            for n in range(dice.randint(0, 3))
        ],
    }  # fmt: skip
    if method == "points":
        data |= {"start": dice.choice([0, 5, round(low + step * 5.5, 1)]), "clamp": dice.random() < 0.7}
        data.pop("weights")
    else:
        data["unknown"] = dice.choice(["share", "share", 0, 0.5])
        data["rules"] = {"good": 0.7, "poor": 0.3}
    return parse_scorecard(json.dumps(data), "drawn.yaml", SIGNALS)


def drawn_values(dice: random.Random) -> Values:
    """At, near and between the numbers that cards ask for; a quarter unknown."""
    return {
        name: None
        if dice.random() < 0.25
        else round(dice.randrange(0, 105, 5) + dice.choice([0, 0, -0.01, 0.01, 2.37]), 2)
        for name in SIGNALS
    }


def assumed(card: Scorecard, signal: CardSignal, value: float | None) -> float | None:
    """What the signal earns: by its curve, or what the card says of the unknown."""
    if value is not None:
        return signal.curve.earned(value)
    return None if card.method == "points" else card.unknown_share(signal)


def parts_of(card: Scorecard, given: Values) -> dict[str, float]:
    """Unrounded points of every signal that counts, and of ``start`` and ``limits``; empty where nothing counts."""
    live = {
        dimension: {
            name: (card.weight(signal), earned)
            for name, signal in part.signals.items()
            if (earned := assumed(card, signal, given.get(name))) is not None
        }
        for dimension, part in card.dimensions.items()
    }
    live = {dimension: signals for dimension, signals in live.items() if signals}
    if not live:
        return {}
    low, high = card.scale.low, card.scale.high
    if card.method == "points":
        parts = {name: earned for signals in live.values() for name, (_, earned) in signals.items()}
        parts["start"] = card.start
        total = math.fsum(parts.values())
        parts["limits"] = min(max(total, low), high) - total if card.clamp else 0.0
        return parts
    all_earned = [earned for signals in live.values() for _, earned in signals.values()]
    whole = sum(card.dimension_weight(dimension) for dimension in live)
    parts = {"start": low}
    for dimension, signals in live.items():
        budget = (high - low) * card.dimension_weight(dimension) / whole
        inside = sum(weight for weight, _ in signals.values())
        for name, (weight, earned) in signals.items():
            if card.method == "rules":
                worst = min(all_earned)
                earned = 0.0 if worst < card.rules.poor else 1.0 if worst >= card.rules.good else 0.5
            parts[name] = budget * weight / inside * earned
    return parts


def coverage_of(card: Scorecard, given: Values) -> float:
    """Percent of the card's weight with data, not rounded."""
    whole = sum(card.dimension_weight(dimension) for dimension in card.dimensions)
    return math.fsum(
        100 * card.dimension_weight(dimension) / whole * card.weight(signal)
        / sum(card.weight(each) for each in card.dimensions[dimension].signals.values())
        for dimension, name, signal in card.signals()
        if given.get(name) is not None
    )  # fmt: skip


def half_up(card: Scorecard, points: float) -> float:
    """``points``, to six places, as the card shows them."""
    ten = 10**card.scale.decimals
    return math.floor(round(round(points, 6) * ten, 6) + 0.5) / ten


def nearest_scores(card: Scorecard, points: float) -> set[float]:
    """What ``points`` may be shown as; two answers only where they lie on a tie but for the last digit that counts."""
    return {half_up(card, points + slip) for slip in (-2e-6, 0.0, 2e-6)}


def rank_of(card: Scorecard, score: float, before: str | None) -> int:
    """By the edges and the margin around the colour that there was."""
    hold = card.bands.hold
    free = RANKS.index(card.bands.band(score))
    if before is None:
        return free
    had = RANKS.index(before)
    if free > had:
        return max(had, RANKS.index(card.bands.band(round(score - hold, 6))))
    return min(had, RANKS.index(card.bands.band(round(score + hold, 6))))
