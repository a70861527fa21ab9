"""From score to band: edges, hysteresis, the size of the red band, overrides, families, and which card judges whom."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.assign import CardRule, Cards
from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.measure import build, measure
from csconnect.compute.score import score_measured

AS_OF = date(2026, 11, 22)
CARD = """scorecard: {name}
version: 1
title: {{en: C, zh: C}}
coverage: 0
{more}
bands: {{green: 80, yellow: 60{bands}}}
dimensions:
  all:
    title: {{en: U, zh: U}}
    weight: 100
    signals:
      nps: {{weight: 100, curve: {{linear: {{from: 0, to: 100}}}}}}
"""
GATE = """overrides:
  - {name: rescue, when: {signal: activity, below: 20}, band: red, because: {en: nobody is there, zh: 无人使用}}
  - {name: late, when: {signal: renewal_deferred, at_least: 1}, band: yellow, because: {en: renewal is late, zh: 延期}}"""
SIGNALS = ["nps", "activity", "renewal_deferred"]


def card(bands: str = "", more: str = "", name: str = "c"):
    return parse_scorecard(CARD.format(bands=bands, more=more, name=name), "c.yaml", SIGNALS)


def judged(facts, cards, values, accounts=(), before=None, stage=None):
    """account -> row; ``values`` maps account -> score, or account -> {signal: value}."""
    given = {account: each if isinstance(each, dict) else {"nps": each} for account, each in values.items()}
    rows = {key: {"id": key, "name": key} for key in given} | {row["id"]: {"name": "x", **row} for row in accounts}
    connection = facts({"account": list(rows.values())})
    measure(connection, [], AS_OF)
    if stage:
        build(connection, (*stage.rollups, stage), AS_OF, 90)
    for account, signals in given.items():
        for signal, value in signals.items():
            connection.execute("INSERT INTO measured VALUES (?, ?, ?)", [account, signal, value])
    scores = score_measured(connection, cards if isinstance(cards, Cards) else Cards(cards), {}, before=before)
    return {row["account_id"]: row for row in scores.accounts.to_pylist()}, scores


def bands(facts, *arguments, **named):
    return {account: row["band"] for account, row in judged(facts, *arguments, **named)[0].items()}


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        ("", ["red", "yellow", "yellow", "green"]),
        (", edge: upper", ["red", "red", "yellow", "yellow"]),
        (", edge: {green: lower, yellow: upper}", ["red", "red", "yellow", "green"]),
    ],
)
def test_an_edge_belongs_where_the_card_says(facts, edge, expected):
    found = bands(facts, card(edge), {"a:1": 59, "a:2": 60, "a:3": 79, "a:4": 80})
    assert list(found.values()) == expected


@pytest.mark.parametrize(
    ("before", "score", "band"),
    [
        ("yellow", 80, "yellow"), ("yellow", 82, "yellow"), ("yellow", 83, "green"),
        ("green", 79, "green"), ("green", 77, "green"), ("green", 76, "yellow"),
        ("red", 62, "red"), ("red", 63, "yellow"), ("red", 81, "yellow"), ("red", 83, "green"),
        ("green", 58, "yellow"), ("green", 56, "red"),
        (None, 80, "green"), (None, 79, "yellow"),
    ],
)  # fmt: skip
def test_a_colour_is_left_only_beyond_the_margin(facts, before, score, band):
    found, _ = judged(facts, card(", hold: 3"), {"a:1": score}, before={"a:1": before} if before else None)
    assert found["a:1"]["band"] == band
    assert found["a:1"]["free_band"] == ("green" if score >= 80 else "yellow" if score >= 60 else "red")


@given(scores=st.lists(st.integers(0, 100), min_size=1, max_size=8))
def test_hysteresis_settles_and_never_flaps_within_its_margin(scores):
    """The colour that comes out stays when nothing changes, and scores that move less than twice the margin change it once."""
    limits = card(", hold: 3").bands
    ranks = ["red", "yellow", "green"]

    def step(before: str | None, score: int) -> str:
        free = ranks.index(limits.band(score))
        if before is None:
            return ranks[free]
        had = ranks.index(before)
        if free > had:
            return ranks[max(had, ranks.index(limits.band(score - 3)))]
        return ranks[min(had, ranks.index(limits.band(score + 3)))]

    band = None
    for score in scores:
        band = step(band, score)
        assert step(band, score) == band
    seen, band = set(), "yellow"
    for score in (79, 80, 81, 80, 79, 82, 78):
        band = step(band, score)
        seen.add(band)
    assert seen == {"yellow"}


def test_the_red_band_is_no_larger_than_the_team(facts):
    values = {f"a:{n}": 10 * n for n in range(1, 6)} | {"b:1": 15, "b:2": 90}
    owners = [{"id": key, "owner_id": key[0]} for key in values]
    found = bands(facts, card(", most_red: {accounts: 2}"), values, owners)
    assert [found[f"a:{n}"] for n in range(1, 6)] == ["red", "red", "yellow", "yellow", "yellow"]
    assert (found["b:1"], found["b:2"]) == ("red", "green")
    found = bands(facts, card(", most_red: {percent: 20}"), values, owners)
    assert sorted(key for key, band in found.items() if band == "red") == ["a:1", "b:1"]


def test_what_an_override_makes_red_counts_first(facts):
    values = {"a:1": {"nps": 95, "activity": 3}, "a:2": {"nps": 10, "activity": 50}, "a:3": {"nps": 20, "activity": 50}}
    found = bands(facts, card(", most_red: {accounts: 2}", GATE), values)
    assert found == {"a:1": "red", "a:2": "red", "a:3": "yellow"}


def test_an_override_caps_the_colour_and_leaves_the_score(facts):
    values = {
        "a:1": {"nps": 95, "activity": 19.9},
        "a:2": {"nps": 95, "activity": 20},
        "a:3": {"nps": 95, "renewal_deferred": 1, "activity": 90},
        "a:4": {"nps": 30, "renewal_deferred": 1},
        "a:5": {"activity": 5, "renewal_deferred": 1},
    }
    found, scores = judged(facts, card(more=GATE), values)
    assert {key: (row["score"], row["band"], row["free_band"]) for key, row in found.items()} == {
        "a:1": (95, "red", "green"),
        "a:2": (95, "green", "green"),
        "a:3": (95, "yellow", "green"),
        "a:4": (30, "red", "red"),
        "a:5": (None, "red", None),
    }
    assert [tuple(row.values()) for row in scores.overrides.to_pylist()] == [
        ("a:1", "rescue"), ("a:3", "late"), ("a:4", "late"), ("a:5", "rescue"), ("a:5", "late"),
    ]  # fmt: skip


def test_a_parent_whose_terms_are_over_is_not_scored_by_its_children(facts):
    connection = facts(
        {"account": [{"id": key, "name": key, "parent_id": up} for key, up in (("p:1", None), ("c:1", "p:1"))]}
    )
    measure(connection, [], AS_OF)
    connection.execute("INSERT INTO measured VALUES ('c:1', 'nps', 70)")
    cards = Cards(card(more="parents: children"))
    served, gone = (
        {
            row["account_id"]: row["score"]
            for row in score_measured(connection, cards, {}, not_served=over).accounts.to_pylist()
        }
        for over in ("SELECT NULL WHERE false", "SELECT 'p:1'")
    )
    assert (served["p:1"], gone["p:1"], gone["c:1"]) == (70, None, 70)


@pytest.mark.parametrize(("parents", "score"), [("own", 90), ("children", 30), ("family", 50)])
def test_a_parent_may_be_what_its_children_are(facts, parents, score):
    values = {"p:1": 90, "c:1": 20, "c:2": 40, "p:2": 70}
    accounts = [{"id": "c:1", "parent_id": "p:1"}, {"id": "c:2", "parent_id": "p:1"}, {"id": "c:3", "parent_id": "p:2"}]
    found, scores = judged(facts, card(more=f"parents: {parents}"), values, accounts)
    assert (found["p:1"]["score"], found["p:2"]["score"], found["c:1"]["score"]) == (score, 70, 20)
    parts = [row["contribution"] for row in scores.drivers.to_pylist() if row["account_id"] == "p:1"]
    assert sum(parts) == 100 * score


def test_the_first_card_that_fits_judges(facts, library):
    one, two, rest = (card(name=name) for name in ("one", "two", "rest"))
    cards = Cards(
        rest,
        (
            CardRule(one, {"segment": ["micro"], "region": ["south"]}),
            CardRule(two, {"segment": ["micro", "enterprise"]}),
        ),
    )
    accounts = [
        {"id": "a:1", "segment": "micro", "region": "south"},
        {"id": "a:2", "segment": "micro", "region": "north"},
        {"id": "a:3", "segment": "enterprise", "region": "south"},
        {"id": "a:4", "segment": "strategic", "region": "south"},
        {"id": "a:5"},
    ]
    found, _ = judged(facts, cards, {row["id"]: 50 for row in accounts}, accounts)
    assert [found[row["id"]]["card"] for row in accounts] == ["one", "two", "two", "rest", "rest"]
    staged = Cards(rest, (CardRule(one, {"stage": ["promotion"]}),), library.rollups["lifecycle"])
    accounts = [{"id": "a:1", "stage": "promotion"}, {"id": "a:2", "stage": "stable"}]
    found, _ = judged(facts, staged, {"a:1": 50, "a:2": 50}, accounts, stage=staged.reckons_stage)
    assert [found[key]["card"] for key in ("a:1", "a:2")] == ["one", "rest"]


@pytest.mark.parametrize(("silent", "known"), [(7, True), (8, False), (None, True)])
def test_what_nobody_has_told_lately_is_unknown(facts, library, silent, known):
    """A signal's freshness: a source that fell silent says nothing, not zero (field traps B7)."""
    fresh = parse_scorecard(
        CARD.format(bands="", more="", name="c").replace("nps: {weight: 100,", "nps: {weight: 100, freshness: 7,"),
        "c.yaml",
        library.signals,
    )
    connection = facts({"account": [{"id": "a:1", "name": "x"}]})
    measure(connection, [], AS_OF)
    connection.execute("INSERT INTO measured VALUES ('a:1', 'nps', 9)")
    if silent is not None:
        connection.execute("INSERT INTO stale VALUES ('a:1', 'nps', ?)", [silent])
    (row,) = score_measured(connection, Cards(fresh), library.signals).accounts.to_pylist()
    assert (row["score"] is not None) == known
