"""Curves and conditions: what the SQL says, the plain Python says too, on and around every edge."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlglot import exp

from csconnect.compute.condition import Condition
from csconnect.compute.curve import Curve

CURVES = {
    "steps": {"at_least": {5: 1.0, 3: 0.7, 0.01: 0.3}, "otherwise": 0},
    "line": {"linear": {"from": 50, "to": 100}},
    "falling line": {"linear": {"from": 30, "to": 0}},
    "up and down": {"through": [[0, 0], [20, 1], [60, 0.4]]},
    "open intervals": {"intervals": [{"to": 10, "earns": 0.2}, {"from": 10, "to": 50, "earns": 1}, {"from": 50, "earns": 0.6}]},
    "closed intervals": {"intervals": [{"from": 0, "to": 3, "earns": 0.1}, {"from": 3, "to": 7, "earns": 0.5}]},
    "upper edges": {
        "intervals": [{"from": 0, "to": 3, "earns": 0.1}, {"from": 3, "to": 7, "earns": 0.5}],
        "edge": "upper",
        "otherwise": -1,
    },
    "points": {"times": -2.5},
}  # fmt: skip
VALUES = [
    -1e9,
    -1,
    -0.01,
    0,
    0.005,
    0.01,
    1,
    2.99,
    3,
    3.01,
    5,
    6.9,
    7,
    7.01,
    10,
    19,
    20,
    21,
    30,
    50,
    60,
    61,
    75,
    100,
    1e9,
]


def in_sql(expression: exp.Expr, values: list[float]) -> list[float]:
    rows = duckdb.connect().execute(
        f"SELECT {expression.sql(dialect='duckdb')} FROM (SELECT unnest(?) AS value, generate_subscripts(?, 1) AS n) ORDER BY n",
        [values, values],
    )
    return [row[0] for row in rows.fetchall()]


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_means_the_same_in_sql_and_in_python(name):
    curve = Curve.model_validate(CURVES[name])
    floats = [float(value) for value in VALUES]
    assert in_sql(curve.expression(exp.column("value")), floats) == pytest.approx([curve.earned(v) for v in floats])


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_never_leaves_its_range(name):
    curve = Curve.model_validate(CURVES[name])
    if curve.range is None:
        assert name == "points"
        return
    low, high = curve.range
    assert {min(map(curve.earned, VALUES)), max(map(curve.earned, VALUES))} == {low, high}


@pytest.mark.parametrize(("edge", "earned"), [("lower", 0.5), ("upper", 0.1)])
def test_a_number_on_the_border_belongs_where_the_curve_says(edge, earned):
    intervals = [{"from": 0, "to": 3, "earns": 0.1}, {"from": 3, "to": 7, "earns": 0.5}]
    curve = Curve.model_validate({"intervals": intervals, "edge": edge})
    assert (curve.earned(0), curve.earned(3), curve.earned(7)) == (0.1, earned, 0.5)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "either at_least or linear"),
        ({"at_least": {1: 1}, "linear": {"from": 0, "to": 1}}, "not at_least and linear"),
        ({"linear": {"from": 5, "to": 5}}, "two different ends"),
        ({"through": [[0, 0], [5, 1], [5, 0]]}, "from left to right, but 5 follows 5"),
        ({"intervals": [{"from": 0, "to": 3, "earns": 0}, {"from": 4, "earns": 1}]}, "a gap between 3 and 4"),
        ({"intervals": [{"from": 0, "to": 5, "earns": 0}, {"from": 4, "earns": 1}]}, "overlap between 4 and 5"),
        ({"intervals": [{"from": 0, "earns": 0}, {"from": 4, "earns": 1}]}, "only the first interval may lack"),
        ({"intervals": [{"from": 4, "to": 4, "earns": 0}]}, "must end after it starts"),
    ],
)
def test_a_curve_with_a_hole_is_refused(data, says):
    with pytest.raises(ValidationError, match=says):
        Curve.model_validate(data)


leaves = st.builds(
    lambda name, how, limit: {"signal": name, how: limit},
    st.sampled_from(["a", "b"]),
    st.sampled_from(["below", "at_most", "at_least", "above", "equals"]),
    st.integers(0, 2),
) | st.builds(lambda name, value: {"signal": name, "unknown": value}, st.sampled_from(["a", "b"]), st.booleans())
conditions = st.recursive(
    leaves,
    lambda inner: (
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda part: {"not": part}, inner)
    ),
    max_leaves=6,
)
ROWS = [{"a": a, "b": b} for a in (None, 0.0, 1.0, 2.0) for b in (None, 0.0, 1.0, 2.0)]


@settings(max_examples=80)
@given(data=conditions)
def test_a_condition_means_the_same_in_sql_and_in_python(data):
    condition = Condition.model_validate(data)
    held = duckdb.connect().execute(
        f"SELECT {condition.expression().sql(dialect='duckdb')} FROM (VALUES "
        + ", ".join(f"({i}, {'NULL' if row['a'] is None else row['a']}::DOUBLE, "
                    f"{'NULL' if row['b'] is None else row['b']}::DOUBLE)" for i, row in enumerate(ROWS))
        + ") AS t (n, a, b) ORDER BY n"
    )  # fmt: skip
    assert [row[0] for row in held.fetchall()] == [condition.holds(row) for row in ROWS]


def test_unknown_is_no_evidence():
    below = Condition.model_validate({"signal": "activity", "below": 20})
    assert [below.holds({"activity": value}) for value in (19.99, 20.0, None)] == [True, False, None]
    assert Condition.model_validate({"not": {"signal": "activity", "below": 20}}).holds({}) is None
    assert Condition.model_validate({"signal": "activity", "unknown": True}).holds({}) is True


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "one of signal, all, any, not"),
        ({"signal": "a"}, "say what of a"),
        ({"below": 3}, "one of signal"),
        ({"all": [{"signal": "a", "below": 1}], "below": 3}, "below needs a signal"),
        ({"signal": "a", "below": 1, "unknown": True}, "cannot be compared"),
    ],
)
def test_a_condition_that_asks_nothing_is_refused(data, says):
    with pytest.raises(ValidationError, match=says):
        Condition.model_validate(data)
