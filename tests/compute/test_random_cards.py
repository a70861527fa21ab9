"""The engine against a reference in plain Python on cards that are drawn at random: every method, curve, rule and family at once."""

from __future__ import annotations

import math
import random
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect.compute.assign import Cards
from csconnect.compute.measure import measure
from csconnect.compute.score import score_measured
from csconnect.compute.scorecard import Scorecard

from .random_cards import (
    RANKS,
    Values,
    coverage_of,
    drawn_card,
    drawn_values,
    half_up,
    nearest_scores,
    parts_of,
    rank_of,
)

ACCOUNTS = 60


class Company:
    """Accounts with values, owners, parents and the colours they had."""

    def __init__(self, dice: random.Random) -> None:
        self.keys = [f"a:{n:03}" for n in range(ACCOUNTS)]
        self.values: dict[str, Values] = {key: drawn_values(dice) for key in self.keys}
        self.owner = {key: dice.choice(["x", "y", None]) for key in self.keys}
        self.parent = {key: dice.choice([None, None, *self.keys[:6]]) for key in self.keys}
        self.before = {key: dice.choice(RANKS) for key in self.keys if dice.random() < 0.5}

    def members(self, card: Scorecard, key: str, scored: dict[str, float]) -> list[str]:
        """Whose mean is the score of ``key``; nobody's where it is its own."""
        children = [each for each in self.keys if self.parent[each] == key and each != key and each in scored]
        if card.parents == "own" or not children:
            return []
        return [*children, *([key] if card.parents == "family" and key in scored else [])]


def judged(
    card: Scorecard, company: Company
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]], dict[str, list[str]]]:
    """By the engine: account -> row, account -> signal -> contribution, account -> overrides."""
    with duckdb.connect() as facts:
        columns = {"id": company.keys, "owner_id": [*company.owner.values()], "parent_id": [*company.parent.values()]}
        facts.register("given", pa.table(columns))
        places = ", ".join(f"NULL::VARCHAR AS {name}" for name in ("segment", "stage", "industry", "region", "country"))
        facts.execute(f"CREATE TABLE account AS SELECT *, true AS is_customer, {places} FROM given")
        measure(facts, [], date(2026, 1, 1))
        rows = [(key, *pair) for key, given in company.values.items() for pair in given.items() if pair[1] is not None]
        columns = dict(zip(("account_id", "signal", "value"), zip(*rows, strict=True), strict=True))
        facts.register("measurements", pa.table(columns))
        facts.execute("INSERT INTO measured SELECT * FROM measurements")
        scores = score_measured(facts, Cards(card), {}, before=company.before)
    parts: dict[str, dict[str, Any]] = {}
    for row in scores.drivers.to_pylist():
        parts.setdefault(row["account_id"], {})[row["signal"]] = row["contribution"]
    rules: dict[str, list[str]] = {key: [] for key in company.keys}
    for row in scores.overrides.to_pylist():
        rules[row["account_id"]].append(row["name"])
    return {row["account_id"]: row for row in scores.accounts.to_pylist()}, parts, rules


def picked(card: Scorecard, points: float, found: float | None) -> float:
    """``points`` half up; what the engine ``found`` where a sum of floats lies so near the tie that both answers are right."""
    allowed = nearest_scores(card, points)
    return found if found in allowed else half_up(card, points)  # type: ignore[return-value]


def colours(card: Scorecard, company: Company, score: dict[str, float]) -> dict[str, str | None]:
    """Edges, margin, the size of the red band, overrides; in this order."""
    caps = {
        key: min((RANKS.index(rule.band) for rule in card.overrides if rule.when.holds(given)), default=2)
        for key, given in company.values.items()
    }
    rank = {key: rank_of(card, score[key], company.before.get(key)) for key in score}
    if limit := card.bands.most_red:
        for owner in {company.owner[key] for key in score}:
            mine = [key for key in score if company.owner[key] == owner]
            room = limit.accounts or math.ceil(round(len(mine) * (limit.percent or 0) / 100, 6))
            room -= sum(caps[key] == 0 for key in mine)
            low = sorted((key for key in mine if rank[key] == 0 < caps[key]), key=lambda key: (score[key], key))
            rank |= dict.fromkeys(low[max(room, 0) :], 1)
    best = {key: min(rank.get(key, 2), caps[key]) for key in company.keys}
    return {key: RANKS[best[key]] if key in score or caps[key] < 2 else None for key in company.keys}


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
def test_the_engine_agrees_with_the_reference_on_any_card(seed):
    dice = random.Random(seed)
    card, company = drawn_card(dice), Company(dice)
    accounts, parts, rules = judged(card, company)
    by_hand = {key: parts_of(card, given) for key, given in company.values.items()}
    cover = {key: math.floor(round(coverage_of(card, given), 6)) for key, given in company.values.items()}
    own = {
        key: picked(card, math.fsum(each.values()), accounts[key]["score"])
        for key, each in by_hand.items()
        if each and cover[key] >= card.coverage
    }
    members = {key: company.members(card, key, own) for key in company.keys}
    score, covered = dict(own), dict(cover)
    for key, family in members.items():
        if family:
            score[key] = picked(card, sum(own[each] for each in family) / len(family), accounts[key]["score"])
            covered[key] = math.floor(sum(cover[each] for each in family) / len(family))
    assert {key: row["score"] for key, row in accounts.items()} == {key: score.get(key) for key in company.keys}
    assert {key: row["coverage"] for key, row in accounts.items()} == covered
    assert {key: row["band"] for key, row in accounts.items()} == colours(card, company, score)
    for key, values in company.values.items():
        held = sorted((rule for rule in card.overrides if rule.when.holds(values)), key=lambda r: RANKS.index(r.band))
        assert rules[key] == [rule.name for rule in held]
        assert (key in score) == any(part is not None for part in parts[key].values())
    for key, points in score.items():
        if card.clamp:
            assert card.scale.low <= points <= card.scale.high
        earned = {name: part for name, part in parts[key].items() if part is not None}
        assert sum(earned.values()) == round(100 * points)
        if not members[key]:
            assert {*earned} - {"start", "limits"} == {*by_hand[key]} - {"start", "limits"}
            most = 0.5 / 10**card.scale.decimals + 0.0101  # the rounding of the score, and of the contribution
            assert all(abs(part / 100 - by_hand[key].get(name, 0)) <= most for name, part in earned.items())
