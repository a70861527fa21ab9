"""Every shipped card: its cases pass, its numbers are the sources', and the laws hold on thousands of random accounts, where the
engine and a reference in plain Python must say the same."""

from __future__ import annotations

import math
import random
from datetime import date
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect.compute.assign import Cards
from csconnect.compute.cases import run_cases
from csconnect.compute.explain import changes, drivers_of
from csconnect.compute.measure import measure
from csconnect.compute.score import score_measured
from csconnect.compute.scorecard import Scorecard
from csconnect.library.load import load_library

from .random_cards import parts_of

LIBRARY = load_library()
CARDS = list(LIBRARY.scorecards.values())
ACCOUNTS = 2_000
by_card = pytest.mark.parametrize("card", CARDS, ids=lambda card: card.scorecard)


@by_card
def test_its_cases_pass(card):
    results = run_cases(duckdb.connect(), card)
    assert len(results) >= 4
    assert [(result.case, result.wrong) for result in results if not result.passed] == []


@by_card
def test_its_cases_show_every_rule_above_the_score_and_both_edges(card):
    """Each override holds in a case that names it, and a case with a colour lies on each edge."""
    told = {name for case in card.cases for name in case.expect.overrides or []}
    assert sorted({rule.name for rule in card.overrides} - told) == []
    scores = {case.expect.score for case in card.cases if case.expect.band and not case.before}
    assert {card.bands.green, card.bands.yellow} <= scores


@by_card
def test_it_speaks_both_languages_and_says_what_it_is(card):
    assert {"en", "zh"} <= card.title.keys()
    assert card.about


def test_the_weights_of_the_sources():
    """45 + 20 + 10 + 10 + 15 (001:1256-1269); 30 + 30 + 25 + 15, item by item (004:1100-1130): GT-13."""
    behaviour, risk = LIBRARY.card("behaviour"), LIBRARY.card("renewal_risk")
    assert list(behaviour.signal_weights().values()) == [45, 20, 10, 10, 15]
    assert [part.weight for part in risk.dimensions.values()] == [30, 30, 25, 15]
    assert list(risk.signal_weights().values()) == [10, 10, 10, 15, 10, 5, 10, 5, 10, 5, 5, 5]


def drawn(card: Scorecard, dice: random.Random) -> dict[str, float | None]:
    """Values at and around what the card's curves and rules look at, and none."""
    edges: dict[str, list[float]] = {name: [0.0, 1.0, 20.0, 30.0, 100.0] for name in card.needs()}
    for _, name, signal in card.signals():
        data = signal.curve.model_dump(exclude_none=True)
        numbers = [*(data.get("at_least") or {}), *(x for x, _ in data.get("through") or [])]
        numbers += [data[shape][end] for shape in ("linear",) if shape in data for end in ("low", "high")]
        numbers += [
            end
            for each in data.get("intervals") or []
            for end in (each.get("low"), each.get("high"))
            if end is not None
        ]
        edges[name] += numbers
    return {
        name: None if dice.random() < 0.2 else round(dice.choice(near) + dice.choice([-0.5, -0.01, 0, 0, 0.01, 7.3]), 2)
        for name, near in edges.items()
    }


def scored(
    card: Scorecard, values: dict[str, dict[str, float | None]], before: dict[str, str]
) -> tuple[dict[str, Any], Any]:
    facts = duckdb.connect()
    columns = ("id", "owner_id", "parent_id", "segment", "stage", "industry", "region", "country")
    facts.execute(f"CREATE TABLE account ({', '.join(f'{name} VARCHAR' for name in columns)}, is_customer BOOLEAN)")
    accounts = pa.table({"id": list(values), "owner_id": list(values)})
    facts.register("given", accounts)
    facts.execute("INSERT INTO account BY NAME SELECT *, true AS is_customer FROM given")
    measure(facts, [], date(2026, 1, 1))
    rows = [(key, name, value) for key, each in values.items() for name, value in each.items() if value is not None]
    facts.register(
        "told", pa.table(dict(zip(("account_id", "signal", "value"), map(list, zip(*rows, strict=True)), strict=True)))
    )
    facts.execute("INSERT INTO measured SELECT * FROM told")
    scores = score_measured(facts, Cards(card), {}, before=before)
    drivers: dict[str, list[dict[str, Any]]] = {}
    for row in scores.drivers.to_pylist():
        drivers.setdefault(row["account_id"], []).append(row)
    return {row["account_id"]: row for row in scores.accounts.to_pylist()}, drivers


def on_paper(
    card: Scorecard, given: dict[str, float | None], before: str | None
) -> tuple[float | None, int, str | None]:
    """Score before rounding, coverage, band: the way one would do it by hand (weighted cards, one account a CSM)."""
    live: dict[str, dict[str, tuple[float, float]]] = {}
    cover = 0.0
    for dimension, name, signal in card.signals():
        value = given.get(name)
        if value is not None:
            live.setdefault(dimension, {})[name] = (signal.weight, signal.curve.earned(value))
            cover += signal.weight
    rules = [rule.band for rule in card.overrides if rule.when.holds(given)]
    coverage = math.floor(round(cover, 6))
    points = None
    if coverage >= card.coverage and live:
        whole = sum(card.dimensions[name].weight for name in live)
        points = sum(
            100
            * card.dimensions[name].weight
            / whole
            * sum(w * share for w, share in each.values())
            / sum(w for w, _ in each.values())
            for name, each in live.items()
        )
    ranks = ["red", "yellow", "green"]
    rank = None
    if points is not None:
        score = math.floor(round(points, 6) + 0.5)
        rank = ranks.index(card.bands.band(score))
        if before is not None and rank > ranks.index(before):
            rank = max(ranks.index(before), ranks.index(card.bands.band(score - card.bands.hold)))
        elif before is not None and rank < ranks.index(before):
            rank = min(ranks.index(before), ranks.index(card.bands.band(score + card.bands.hold)))
    for band in rules:
        rank = ranks.index(band) if rank is None else min(rank, ranks.index(band))
    return points, coverage, None if rank is None else ranks[rank]


@by_card
@settings(max_examples=2)
@given(seed=st.integers(0, 2**32))
def test_the_engine_agrees_with_a_reference_and_the_laws_hold(card, seed):
    dice = random.Random(seed)
    values = {f"a:{n:04}": drawn(card, dice) for n in range(ACCOUNTS)}
    before = {key: dice.choice(["red", "yellow", "green"]) for key in values if dice.random() < 0.6}
    accounts, drivers = scored(card, values, before)
    for key, told in values.items():
        row = accounts[key]
        points, coverage, band = on_paper(card, told, before.get(key))
        assert (row["coverage"], row["band"]) == (coverage, band), (key, told)
        assert (row["score"] is None) == (points is None)
        if points is None:
            continue
        assert row["points"] == pytest.approx(points, abs=1e-5)
        assert 0 <= row["score"] <= 100
        assert row["score"] == math.floor(row["points"] + 0.5)
        parts = {each["signal"]: each["contribution"] for each in drivers[key]}
        assert sum(part for part in parts.values() if part is not None) == 100 * row["score"]
        assert {name for name, part in parts.items() if part is None} == {n for n in parts if told.get(n) is None}
        assert all(part >= 0 for part in parts.values() if part is not None)
        by_hand = parts_of(card, told)  # a contribution is its part, but for its share of what the score was rounded by
        assert all(abs(part / 100 - by_hand[name]) <= 0.5101 for name, part in parts.items() if part is not None)
        full = {each["signal"]: each["weight"] for each in drivers[key]}
        assert all(part <= 100 * full[name] + 1 for name, part in parts.items() if part is not None)
    keys = [key for key in values if accounts[key]["score"] is not None]
    assert len(keys) > ACCOUNTS / 4
    for one, other in pairwise(keys):
        moved = changes(drivers_of(drivers[one]), drivers_of(drivers[other]))
        assert sum(moved.values()) == 100 * (accounts[one]["score"] - accounts[other]["score"])


@by_card
def test_the_order_of_the_facts_does_not_matter(card):
    """Law 6, after rounding: sums of floats may differ in their last digits, what is said may not."""
    dice = random.Random(7)
    values = {f"a:{n:04}": drawn(card, dice) for n in range(300)}
    (accounts, drivers), (other, others) = scored(card, values, {}), scored(card, dict(reversed(values.items())), {})
    assert accounts == other

    def said(rows: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
        return [(row["signal"], row["contribution"]) for row in rows]

    assert {key: said(rows) for key, rows in drivers.items()} == {key: said(rows) for key, rows in others.items()}
