"""The score: law 4, redistribution of unknown weight, bands, and an independent plain-Python reference."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.compute.assign import Cards
from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.curve import Curve
from csconnect.compute.explain import changes, drivers_of, weakest
from csconnect.compute.measure import measure
from csconnect.compute.score import score, score_measured
from csconnect.errors import CardError

AS_OF = date(2026, 11, 22)


def run(connection, card, *companies):
    """Score accounts ``sf:0001`` and on from given signal values, by the same SQL as the engine: for each its row and its drivers."""
    measure(connection, [], AS_OF)
    keys = [f"sf:{n:04}" for n in range(1, len(companies) + 1)]
    given = [
        (key, name, float(value))
        for key, measured in zip(keys, companies, strict=True)
        for name, value in measured.items()
        if value is not None
    ]
    columns = list(zip(*given, strict=True)) or [[], [], []]
    kinds = (pa.string(), pa.string(), pa.float64())
    table = pa.table([pa.array(each, kind) for each, kind in zip(columns, kinds, strict=True)], names=["a", "s", "v"])
    connection.register("given", table)
    connection.execute("INSERT INTO measured SELECT * FROM given")
    connection.unregister("given")
    scores = score_measured(connection, Cards(card), {})
    accounts = {row["account_id"]: row for row in scores.accounts.to_pylist()}
    drivers = defaultdict(list)
    for row in scores.drivers.to_pylist():
        drivers[row["account_id"]].append(row)
    return [(accounts[key], drivers[key]) for key in keys]


def share(curve: Curve, value: float) -> float:
    if curve.linear:
        return max(0.0, min(1.0, (value - curve.linear.low) / (curve.linear.high - curve.linear.low)))
    reached = [threshold for threshold in curve.at_least if value >= threshold]
    return curve.at_least[max(reached)] if reached else curve.otherwise


def reference(card, measured):
    """Points and coverage, the way one would do it on paper."""
    known = {
        dimension: {name: signal for name, signal in part.signals.items() if measured.get(name) is not None}
        for dimension, part in card.dimensions.items()
    }
    live = {dimension: signals for dimension, signals in known.items() if signals}
    total = sum(card.dimensions[dimension].weight for dimension in live)
    coverage = sum(signal.weight for signals in live.values() for signal in signals.values())
    points = 0.0
    for dimension, signals in live.items():
        budget = card.dimensions[dimension].weight * 100 / total
        inside = sum(signal.weight for signal in signals.values())
        points += sum(budget * s.weight / inside * share(s.curve, measured[name]) for name, s in signals.items())
    return points, coverage


@pytest.fixture
def account_only(facts):
    return facts({"account": [{"id": "sf:0001", "name": "Acme"}]})


MOST = 60


@pytest.fixture
def many_accounts(facts):
    return facts({"account": [{"id": f"sf:{n:04}", "name": "Acme"} for n in range(1, MOST + 1)]})


SIGNALS = [
    "login_frequency",
    "core_module_use",
    "data_quality",
    "new_users",
    "goal_progress",
    "value_recognition",
    "internal_promotion",
    "reply_within_a_day",
    "executive_met",
    "nps",
]
values = st.fixed_dictionaries(
    {name: st.none() | st.floats(0, 120, allow_nan=False).map(lambda v: round(v, 2)) for name in SIGNALS}
)
some = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@some
@given(companies=st.lists(values, min_size=MOST // 2, max_size=MOST))
def test_the_engine_agrees_with_the_reference_and_contributions_add_up(many_accounts, library, companies):
    """About a thousand accounts, up to sixty at a time."""
    card = library.card("weekly_health")
    for measured, (account, drivers) in zip(companies, run(many_accounts, card, *companies), strict=True):
        agrees(card, measured, account, drivers)


def agrees(card, measured, account, drivers):
    points, coverage = reference(card, measured)
    assert account["coverage"] == int(coverage + 1e-9)
    if coverage < card.coverage:
        assert account["score"] is None
        assert account["band"] is None
        return
    assert abs(account["score"] - points) <= 0.5 + 1e-6
    assert 0 <= account["score"] <= 100
    contributions = [row["contribution"] for row in drivers if row["contribution"] is not None]
    assert sum(contributions) == 100 * account["score"]
    assert all(part >= 0 for part in contributions)
    assert {row["signal"] for row in drivers if row["contribution"] is None} == {
        n for n, v in measured.items() if v is None
    }
    known_weight = sum(row["weight"] for row in drivers if row["weight"] is not None)
    assert known_weight == pytest.approx(100)
    known = [row for row in drivers if row["share"] is not None]
    assert all(row["contribution"] < 100 * row["weight"] + 1 for row in known), "nobody gets more than full marks"
    partly = [row for row in known if 0 < row["share"] < 1]
    if sum(100 * row["weight"] * min(row["share"], 1 - row["share"]) for row in partly) > 50:
        clear = [row for row in known if row not in partly]
        assert all(abs(row["contribution"] - 100 * row["weight"] * row["share"]) < 1 for row in clear)


def test_the_rounding_of_the_score_leaves_full_and_no_marks_alone(account_only, library):
    """79.4 becomes 79, and what is perfect does not come to look like a small loss."""
    measured = FULL | {"executive_met": 0, "nps": 0, "data_quality": 97}
    ((account, drivers),) = run(account_only, library.card("weekly_health"), measured)
    assert (account["points"], account["score"]) == (79.4, 79)
    assert {row["signal"]: row["contribution"] for row in drivers} == {
        "login_frequency": 1000,
        "core_module_use": 1500,
        "data_quality": 900,
        "new_users": 500,
        "goal_progress": 1500,
        "value_recognition": 1000,
        "internal_promotion": 500,
        "reply_within_a_day": 1000,
        "executive_met": 0,
        "nps": 0,
    }
    assert [driver.signal for driver in weakest(drivers_of(drivers))] == ["executive_met", "nps", "data_quality"]


@some
@given(pairs=st.lists(st.tuples(values, values), min_size=MOST // 4, max_size=MOST // 2))
def test_changes_of_contributions_add_up_to_the_change_of_the_score(many_accounts, library, pairs):
    card = library.card("weekly_health")
    found = run(many_accounts, card, *(each for pair in pairs for each in pair))
    for (a, drivers_a), (b, drivers_b) in zip(found[::2], found[1::2], strict=True):
        if a["score"] is not None and b["score"] is not None:
            moved = changes(drivers_of(drivers_a), drivers_of(drivers_b))
            assert sum(moved.values()) == 100 * (a["score"] - b["score"])


FULL = {
    "login_frequency": 5,
    "core_module_use": 100,
    "data_quality": 100,
    "new_users": 1,
    "goal_progress": 100,
    "value_recognition": 1,
    "internal_promotion": 1,
    "reply_within_a_day": 100,
    "executive_met": 1,
    "nps": 9,
}


def test_gt13_full_marks_are_one_hundred(account_only, library):
    ((account, drivers),) = run(account_only, library.card("weekly_health"), FULL)
    assert (account["score"], account["band"], account["coverage"]) == (100, "green", 100)
    assert [row["contribution"] for row in drivers] == [1000, 1500, 1000, 500, 1500, 1000, 500, 1000, 1000, 1000]


@pytest.mark.parametrize(("frequency", "points"), [(5, 10), (4.99, 7), (3, 7), (2.99, 3), (0.25, 3), (0, 0)])
def test_login_frequency_points_as_the_source_gives_them(account_only, library, frequency, points):
    ((_, drivers),) = run(account_only, library.card("weekly_health"), FULL | {"login_frequency": frequency})
    (row,) = (row for row in drivers if row["signal"] == "login_frequency")
    assert row["contribution"] == 100 * points


@pytest.mark.parametrize(
    ("lose", "score", "band"), [(0, 80, "green"), (1, 79, "yellow"), (20, 60, "yellow"), (21, 59, "red")]
)
def test_bands_80_and_60_are_inclusive_inc17(account_only, library, lose, score, band):
    """79.x is yellow: scores are whole numbers, so nothing lies between the bands."""
    measured = FULL | {"executive_met": 0, "nps": 0, "reply_within_a_day": 100 - 10 * min(lose, 10)}
    measured["data_quality"] = 100 - 5 * max(0, min(10, lose - 10))
    measured["new_users"] = 0 if lose > 20 else 1
    ((account, _),) = run(account_only, library.card("weekly_health"), measured)
    expected = score if lose <= 20 else 55
    assert (account["score"], account["band"]) == (expected, band)


def test_weight_of_an_unknown_signal_stays_in_its_dimension(account_only, library):
    ((account, drivers),) = run(account_only, library.card("weekly_health"), FULL | {"nps": None})
    weights = {row["signal"]: row["weight"] for row in drivers}
    assert account["coverage"] == 90
    assert weights["executive_met"] == pytest.approx(15)
    assert weights["login_frequency"] == pytest.approx(10)


def test_weight_of_an_empty_dimension_goes_to_the_others(account_only, library):
    measured = FULL | dict.fromkeys(["goal_progress", "value_recognition", "internal_promotion"])
    ((account, drivers),) = run(account_only, library.card("weekly_health"), measured)
    weights = {row["signal"]: row["weight"] for row in drivers}
    assert account["coverage"] == 70
    assert weights["nps"] == pytest.approx(10 * 100 / 70)


def test_half_points_round_up():
    assert (
        int(Decimal("54.5").quantize(Decimal(1), ROUND_HALF_UP)) == 55
    )  # the rule the SQL follows: floor(points + 0.5)


CARD = """scorecard: c
version: 1
title: {en: C}
bands: {green: 80, yellow: 60}
dimensions:
  usage:
    title: {en: U}
    weight: 100
    signals:
      nps: {weight: 100, curve: {linear: {from: 0, to: 10}}}
"""


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("weight: 100\n    signals", "weight: 90\n    signals", "add up to 100, the dimension's weight is 90", 8),
        ("green: 80", "green: 50", "yellow must start below green", 4),
        ("nps: {", "npps: {", "unknown signal 'npps'", 10),
        ("linear: {from: 0, to: 10}", "linear: {from: 0, to: 10}, at_least: {1: 1}", "either at_least or linear", 10),
        ("version: 1", "version: [", "not YAML", 4),
    ],
)
def test_a_bad_card_is_refused_with_its_place(old, new, says, line):
    assert parse_scorecard(CARD, "card.yaml", ["nps"]).scorecard == "c"
    with pytest.raises(CardError) as caught:
        parse_scorecard(CARD.replace(old, new), "card.yaml", ["nps"])
    assert says in caught.value.what
    assert caught.value.where.startswith(f"card.yaml:{line}:")


@pytest.mark.parametrize(
    ("start", "end", "scored"),
    [
        (date(2026, 1, 1), date(2027, 1, 1), True),
        (date(2025, 9, 1), date(2026, 8, 24), True),  # over for 90 days: deferred, still ours to win back
        (date(2025, 9, 1), date(2026, 8, 23), False),
        (date(2026, 11, 23), date(2027, 11, 23), False),  # signed, begins tomorrow
        (date(2026, 3, 1), date(2025, 3, 1), True),  # ends before it starts: says nothing
    ],
)
def test_only_who_is_a_customer_on_the_day_is_scored(facts, library, start, end, scored):
    connection = facts(
        {
            "account": [{"id": "sf:1", "name": "Acme", "data_quality": 90}],
            "term": [{"id": "sf:t", "account_id": "sf:1", "start": start, "end": end}],
            "usage_day": [{"account_id": "sf:1", "user": "a", "day": date(2026, 1, 1), "logins": 1}],
            "delivery": [{"account_id": "sf:1", "entity": e} for e in ("usage_day", "touchpoint", "advocacy")],
        }
    )
    result = score(connection, library.card("weekly_health"), library.signals, AS_OF)
    (account,) = result.accounts.to_pylist()
    drivers = result.drivers.to_pylist()
    assert (account["score"] is not None) == (account["band"] is not None) == scored
    assert account["coverage"] >= 50
    assert (drivers[2]["contribution"] is not None) == scored
    assert drivers[2]["value"] == 90


def test_who_has_the_same_values_has_the_same_rows_to_the_last_bit(facts, library):
    """The engine adds in whatever order the rows lie; nobody's weights may depend on it."""
    dice = random.Random(3)
    kinds = {kind: dice.sample(SIGNALS, 6) for kind in range(20)}
    accounts = [(f"sf:{kind}-{number}", kind) for kind in kinds for number in range(50)]
    connection = facts({"account": [{"id": key, "name": key} for key, _ in accounts]})
    measure(connection, [], AS_OF)
    rows = [(key, name, 1.0 + place) for key, kind in accounts for place, name in enumerate(kinds[kind])]
    dice.shuffle(rows)
    table = pa.table(list(zip(*rows, strict=True)), names=["account_id", "signal", "value"])
    connection.register("given", table)
    connection.execute("INSERT INTO measured SELECT * FROM given")
    drivers = score_measured(connection, Cards(library.card("weekly_health")), {}).drivers.to_pylist()
    seen = defaultdict(set)
    for row in drivers:
        seen[row["account_id"].split("-")[0], row["signal"]].add((row["weight"], row["share"], row["contribution"]))
    assert {len(each) for each in seen.values()} == {1}
