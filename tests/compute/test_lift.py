"""What would lift the band: made true, it does, in the engine; and nothing less would."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from csconnect.compute.assign import Cards
from csconnect.compute.colour import RANKS
from csconnect.compute.curve import Curve
from csconnect.compute.explain import drivers_of
from csconnect.compute.lift import least_score, lift
from csconnect.compute.measure import measure
from csconnect.compute.nearest import nearest
from csconnect.compute.score import score_measured
from csconnect.compute.scorecard import Scorecard

AS_OF = date(2026, 11, 22)
ACCOUNTS = 16
MOST = ACCOUNTS * 7
"""Of each: what lifts it, and that without each of at most six moves."""
some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SHARE_CURVES = [
    {"at_least": {5: 1.0, 3: 0.7, 0.01: 0.3}},
    {"linear": {"from": 0, "to": 100}},
    {"linear": {"from": 40, "to": 5}},
    {"through": [[0, 0], [20, 1], [60, 0.4]]},
    {"intervals": [{"to": 10, "earns": 0.2}, {"from": 10, "to": 30, "earns": 0.8}, {"from": 30, "earns": 0.1}]},
    {"intervals": [{"to": 10, "earns": 1}, {"from": 10, "earns": 0}], "edge": "upper"},
    {"at_least": {0: 0.5, 50: 0.75}},
]
POINT_CURVES = [
    {"times": 1.5},
    {"times": -2},
    {"at_least": {10: 15, 3: 5}, "otherwise": -10},
    {"through": [[0, -20], [30, 0], [90, 40]]},
]


def card(curves, method="weighted", **more) -> Scorecard:
    """One dimension for each two curves; signals s0, s1 ..."""
    signals = [
        {"curve": curve} | ({"weight": 10 + 7 * place} if method != "points" else {})
        for place, curve in enumerate(curves)
    ]
    dimensions = {
        f"d{start // 2}": {
            "title": {"en": "D"},
            "signals": {f"s{start + place}": each for place, each in enumerate(signals[start : start + 2])},
        }
        for start in range(0, len(signals), 2)
    }
    plain = {
        "scorecard": "one",
        "version": 1,
        "title": {"en": "One"},
        "method": method,
        "weights": "relative",
        "coverage": 0,
        "bands": {"green": 80, "yellow": 60},
        "dimensions": dimensions,
    }
    return Scorecard.model_validate({**plain, **more})


@pytest.fixture
def all_scored(facts):
    """``run(card, [(values, colour before)])``: of each its account, drivers and overrides, all in one call of the engine."""
    connection = facts({"account": [{"id": f"sf:{n:03}", "name": "Acme"} for n in range(MOST)]})

    def run(one, given):
        assert len(given) <= MOST
        measure(connection, [], AS_OF)
        keys = [f"sf:{n:03}" for n in range(len(given))]
        rows = [
            (key, name, float(value))
            for key, (values, _) in zip(keys, given, strict=True)
            for name, value in values.items()
            if value is not None
        ]
        kinds = (pa.string(), pa.string(), pa.float64())
        columns = [pa.array([row[n] for row in rows], kind) for n, kind in enumerate(kinds)]
        connection.register("given", pa.table(columns, names=["account_id", "signal", "value"]))
        connection.execute("INSERT INTO measured SELECT * FROM given")
        connection.unregister("given")
        before = {key: colour for key, (_, colour) in zip(keys, given, strict=True) if colour}
        found = score_measured(connection, Cards(one), {}, before=before or None)
        accounts = {row["account_id"]: row for row in found.accounts.to_pylist()}
        drivers, overrides = defaultdict(list), defaultdict(list)
        for row in found.drivers.to_pylist():
            drivers[row["account_id"]].append(row)
        for row in found.overrides.to_pylist():
            overrides[row["account_id"]].append(one.override(row["name"]))
        return [(accounts[key], drivers_of(drivers[key]), overrides[key]) for key in keys]

    return run


@pytest.fixture
def scored(all_scored):
    """Of one account."""

    def run(one, values, before=None):
        return all_scored(one, [(values, before)])[0]

    return run


bands = st.sampled_from(
    [
        {"green": 80, "yellow": 60},
        {"green": 80, "yellow": 60, "hold": 3},
        {"green": 70, "yellow": 30, "edge": "upper"},
        {"green": 55.5, "yellow": 20, "hold": 0.25},
    ]
)
values = st.dictionaries(
    st.sampled_from([f"s{n}" for n in range(6)]), st.floats(0, 120).map(lambda v: round(v, 2)), min_size=1
)
companies = st.lists(values, min_size=5, max_size=ACCOUNTS)


@some
@given(
    which=st.lists(st.integers(0, 6), min_size=1, max_size=6),
    company=companies,
    bands=bands,
    decimals=st.sampled_from([0, 1]),
    unknown=st.sampled_from(["share", 0, 0.5]),
    method=st.sampled_from(["weighted", "weighted", "rules"]),
)
def test_what_is_said_lifts_a_weighted_card(all_scored, which, company, bands, decimals, unknown, method):
    one = card([SHARE_CURVES[n] for n in which], method, bands=bands, unknown=unknown, scale={"decimals": decimals})
    holds_true(all_scored, one, company)


@some
@given(
    which=st.lists(st.integers(0, 3), min_size=1, max_size=5),
    company=companies,
    bands=bands,
    clamp=st.booleans(),
    start=st.sampled_from([0, 50, 100]),
)
def test_what_is_said_lifts_a_card_of_points(all_scored, which, company, bands, clamp, start):
    one = card([POINT_CURVES[n] for n in which], "points", bands=bands, clamp=clamp, start=start)
    holds_true(all_scored, one, company)


def holds_true(all_scored, one, company):
    """The values that `lift` names lift the band in the engine; without any of the moves, the rest does not."""
    found = zip(company, all_scored(one, [(values, None) for values in company]), strict=True)
    low = [(values, *each) for values, each in found if each[0]["band"] in ("red", "yellow")]
    assume(low)
    asked = [
        each for values, account, drivers, overrides in low for each in tries(one, values, account, drivers, overrides)
    ]
    after = all_scored(one, [(values, before) for values, before, _, _ in asked])
    for (_, before, lifts, why), (account, _, _) in zip(asked, after, strict=True):
        assert (RANKS[account["band"]] > RANKS[before]) == lifts, why


def tries(one, values, account, drivers, overrides):
    """What the engine is to be asked of one account: values, the colour before, whether they lift it, and what is wrong if not."""
    before = account["band"]
    way = lift(one, drivers, account["score"], before, overrides)
    if not way.possible:
        best = {each.signal: most(one, each) for each in drivers if each.known}
        return [(values | best, before, False, "even full marks everywhere do not lift it")]
    assert all(move.to is not None for move in way.moves)
    moved = {move.signal: move.to for move in way.moves}
    asked = [(values | moved, before, True, f"{moved} does not lift it")]
    for left in moved:
        rest = {name: value for name, value in moved.items() if name != left}
        asked.append((values | rest, before, False, f"{left} would not be needed"))
    return asked


def most(one, driver):
    signal = next(signal for _, name, signal in one.signals() if name == driver.signal)
    top = signal.curve.range[1] if signal.curve.range else 0.0
    return nearest(signal.curve, driver.value, top)


@given(
    curve=st.sampled_from(SHARE_CURVES).map(Curve.model_validate),
    value=st.floats(0, 120).map(lambda v: round(v, 2)),
    wanted=st.floats(0, 1),
)
def test_the_nearest_value_earns_enough_and_none_between_does(curve, value, wanted):
    found = nearest(curve, value, wanted)
    if found is None:
        assert curve.range[1] < wanted
        return
    assert curve.earned(found) >= wanted - 1e-9
    between = [value + (found - value) * part / 50 for part in range(50)]
    clear = [each for each in between if abs(each - found) > 0.011]
    assert not any(curve.earned(each) >= wanted + 1e-9 for each in clear)


def test_one_signal_says_the_least_value_that_suffices(library, scored):
    one = library.card("weekly_health")
    given_ = {"core_module_use": 40, "data_quality": 100, "new_users": 1, "goal_progress": 100, "value_recognition": 1}
    given_ |= {"internal_promotion": 1, "reply_within_a_day": 100, "executive_met": 0, "nps": 9, "login_frequency": 3}
    account, drivers, _ = scored(one, given_)
    # 7 + 6 + 10 + 5 + 15 + 10 + 5 + 10 + 0 + 10 = 78
    assert (account["score"], account["band"]) == (78, "yellow")
    way = lift(one, drivers, account["score"], account["band"], decimals={"core_module_use": 0})
    # 79.5 points round to 80: core_module_use gives them at 50 %, a tenth of its marks; the step of the executive is a whole one
    (move,) = way.moves
    assert (move.signal, move.value, move.to, way.band) == ("core_module_use", 40, 50, "green")


def test_an_override_is_put_out_first_and_hysteresis_wants_more(scored):
    one = card(
        [{"linear": {"from": 0, "to": 100}}],
        bands={"green": 80, "yellow": 60, "hold": 5},
        overrides=[
            {"name": "rescue", "when": {"signal": "low", "below": 20}, "band": "red", "because": {"en": "Rescue"}}
        ],
    )
    account, drivers, overrides = scored(one, {"s0": 70, "low": 3})
    assert (account["score"], account["band"], account["free_band"]) == (70, "red", "yellow")
    way = lift(one, drivers, account["score"], account["band"], overrides)
    assert ([rule.name for rule in way.put_out], way.moves) == (["rescue"], ())
    account, drivers, overrides = scored(one, {"s0": 60, "low": 3})
    way = lift(one, drivers, account["score"], account["band"], overrides)
    assert [(rule.name, str(rule.when)) for rule in way.put_out] == [("rescue", "low below 20")]
    assert [move.to for move in way.moves] == [64.5], "65 less half a point of rounding"
    assert least_score(one, "green") == 85
    after, _, _ = scored(one, {"s0": 64.5, "low": 30}, before="red")
    assert after["band"] == "yellow"


def test_green_and_unknown_have_nothing_above(scored):
    one = card([{"linear": {"from": 0, "to": 100}}])
    account, drivers, _ = scored(one, {"s0": 90})
    assert lift(one, drivers, account["score"], account["band"]) is None
    account, drivers, _ = scored(one, {})
    assert lift(one, drivers, account["score"], account["band"]) is None


def test_of_a_family_no_value_is_named(library, scored):
    one = library.card("weekly_health").model_copy(update={"parents": "family"})
    account, drivers, _ = scored(one, {"core_module_use": 40, "nps": 9, "goal_progress": 60, "data_quality": 75})
    way = lift(one, drivers, account["score"], account["band"])
    assert way.moves
    assert {move.to for move in way.moves} == {None}
