"""Transforms: what each means, and that each is total."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect.errors import ConfigError
from csconnect.mapping.casts import CASTS, TransformError, class_of
from csconnect.mapping.load import load_text
from csconnect.mapping.months import add_months, months_until
from csconnect.mapping.spec import Step
from csconnect.mapping.transforms import TRANSFORMS, Takes, register, run

ARGUMENTS = {
    Takes.NOTHING: [""],
    Takes.TEXT: [": x", ': "; "', ": é"],
    Takes.INTEGER: [": 3", ": -100000", ": $Other"],
    Takes.FRACTION: [": 0.001", ": 1/3600000", ": -7"],
    Takes.DATE: [": 2024-02-29", ": $Other"],
    Takes.INSTANT: [": 2024-02-29T12:00:00Z", ": $Other"],
    Takes.SCALAR: [": x", ": true"],
    Takes.SCALARS: [": [x, 1]"],
    Takes.PAIR: [': [",", "."]', ': [x, ""]'],
    Takes.CHOICES: [": {x: y, a: 1}", ": {x: y}, else: null", ": {x: true}, else: z"],
    Takes.STEPS: [": [strip, integer]", ": [{add_days: $Other}]"],
}


def steps(text: str) -> tuple[Step, ...]:
    """The steps of a ``with`` list written as YAML."""
    return (
        load_text(f"mapping: 1\nentity: owner\nobject: o\nread: {{id: Id, name: {{from: N, with: {text}}}}}")
        .read["name"]
        .steps
    )


def apply(text: str, value: Any, **other: Any) -> Any:
    return run(steps(text), value, other.get)


EVERY = [
    f"[{{{name}{argument}}}]" if argument else f"[{name}]"
    for name, each in TRANSFORMS.items()
    for argument in ARGUMENTS[each.takes]
]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.text(),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))])),
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{4})?)?", fullmatch=True
    ),
    st.from_regex(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,9})?", fullmatch=True),
)
values = st.one_of(scalars, st.lists(scalars, max_size=3), st.dictionaries(st.text(), scalars, max_size=2))


@settings(deadline=None)
@given(text=st.sampled_from(EVERY), value=values, other=scalars)
def test_every_transform_gives_a_value_or_says_that_it_cannot(text: str, value: Any, other: Any) -> None:
    reason = ""
    try:
        result = apply(text, value, Other=other)
    except TransformError as error:
        reason = str(error)
    else:
        assert result != ""
        assert value not in ("", None) or result is None
    # The reason is for a person and never quotes the value.
    assert not (isinstance(value, str) and len(value) > 12 and value in reason)


@settings(deadline=None)
@given(kind=st.sampled_from(sorted(CASTS)), value=values.filter(lambda value: value is not None))
def test_every_cast_gives_its_kind_or_says_that_it_cannot(kind: str, value: Any) -> None:
    wanted = {"text": str, "choice": str, "integer": int, "number": float, "decimal": Decimal, "boolean": bool}
    try:
        result = CASTS[kind](value)
    except TransformError:
        return
    assert type(result) is wanted.get(kind, {"date": date, "instant": datetime}.get(kind))
    if kind == "instant":
        assert result.utcoffset() == timedelta(0)
    assert CASTS[kind](result) == result


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("[strip, lower]", "  ABC\n", "abc"),
        ("[upper]", "eur", "EUR"),
        ("[strip]", "   ", None),
        ("[text]", 5.0, "5"),
        ("[text]", 5.25, "5.25"),
        ("[text]", Decimal("5.50"), "5.5"),
        ("[text]", True, "true"),
        ("[text]", datetime(2026, 1, 31, 8, tzinfo=UTC), "2026-01-31T08:00:00Z"),
        ("[integer]", "54.0", 54),
        ("[number]", " 1e3 ", 1000.0),
        ("[decimal]", 0.1, Decimal("0.1")),
        ("[boolean]", "Yes", True),
        ("[boolean]", 0, False),
        ("[date]", "2026-03-31T23:30:00-07:00", date(2026, 3, 31)),
        ("[date]", "2026/3/5", date(2026, 3, 5)),
        ("[date]", "20260305", date(2026, 3, 5)),
        ("[date]", "1774915200000", date(2026, 3, 31)),
        ("[instant]", "2026-01-01T00:00:00.000+0000", datetime(2026, 1, 1, tzinfo=UTC)),
        ("[instant]", "2026-01-01 01:00:00+0100", datetime(2026, 1, 1, tzinfo=UTC)),
        ("[instant]", "2026-01-01T00:00:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("[instant]", "2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("[instant]", 1774915200123, datetime(2026, 3, 31, 0, 0, 0, 123000, tzinfo=UTC)),
        ("[{choose: {Tier 1: strategic}}]", "Tier 1", "strategic"),
        ("[{choose: {Tier 1: strategic}, else: micro}]", "Tier 9", "micro"),
        ("[{choose: {Tier 1: strategic}, else: null}]", "Tier 9", None),
        ("[{choose: {true: done}, else: open}]", True, "done"),
        ("[{choose: {null: x}, else: y}]", None, None),
        ("[{prefix: call-}]", 17, "call-17"),
        ('[{split: ";"}]', "a; b;;", ["a", "b"]),
        ('[{split: ";"}]', ["a", "b"], ["a", "b"]),
        ('[{split: ";"}, {each: [lower, {choose: {it: it}, else: null}]}]', "IT;X", ["it"]),
        ('[{replace: [".", ""]}, {replace: [",", "."]}, decimal]', "1.234,50", Decimal("1234.50")),
        ("[{scale: 1/3600000}]", "5400000", Decimal("1.5")),
        ("[{scale: 0.001}]", 1500, Decimal("1.5")),
        ("[invert]", "4", Decimal("0.25")),
        ("[date, {add_days: 1}]", "2024-02-28", date(2024, 2, 29)),
        ("[{add_months: 1}]", "2024-01-31", date(2024, 2, 29)),
        ("[{add_months: $Term}]", "2024-01-31", date(2025, 1, 31)),
        ("[{months_until: 2025-01-01}]", "2020-01-01", Decimal(60)),
        ("[{months_through: 2024-12-31}]", "2020-01-01", Decimal(60)),
        ("[{months_until: $Gone}]", "2020-01-01", None),
        ("[{hours_until: 2026-01-01T12:30:00Z}]", "2026-01-01T10:00:00Z", 2.5),
        ("[{after: 'ref: '}]", "x ref: 12 ref: 13", "12 ref: 13"),
        ("[{after: 'ref: '}]", "none", None),
        ("[{equals: true}]", "true", True),
        ("[{one_of: [Customer, 1]}]", 1, True),
        ("[{one_of: [Customer, 1]}]", "Partner", False),
    ],
)
def test_what_they_mean(text: str, value: Any, expected: Any) -> None:
    result = apply(text, value, Term=12)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[integer]", "54.5"),
        ("[integer]", "1,234"),
        ("[integer]", "1_000"),
        ("[integer]", 2**63),
        ("[integer]", "1e999999999"),
        ("[number]", float("nan")),
        ("[decimal]", True),
        ("[boolean]", "perhaps"),
        ("[date]", "31.12.2026"),
        ("[date]", "2026-02-30"),
        ("[date]", 20260305),
        ("[date]", 46000),
        ("[instant]", "2026-01-01T25:00:00Z"),
        ("[instant]", "9999-12-31T23:59:59-10:00"),
        ("[{choose: {a: b}}]", "c"),
        ("[{each: [strip]}]", "not a list"),
        ("[invert]", 0),
        ("[{add_days: 5000000}]", "2026-01-01"),
        ("[strip]", ["a"]),
    ],
)
def test_what_they_refuse(text: str, value: Any) -> None:
    with pytest.raises(TransformError):
        apply(text, value)


def test_a_hash_depends_on_salt_and_value_only() -> None:
    one, other = apply("[{hash: salt}]", "a"), apply("[{hash: pepper}]", "a")
    assert one == apply("[{hash: salt}]", "a") != other
    assert len(one) == 32
    assert apply("[{hash: salt}]", "b") != one


@settings(deadline=None)
@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 600), st.integers(0, 27))
def test_months_grow_with_the_end_and_count_whole_months_exactly(start: date, months: int, days: int) -> None:
    end = add_months(start, months)
    assert months_until(start, end) == months
    later = end + timedelta(days=days)
    assert months <= months_until(start, later) < months + 1
    assert months_until(later, start) == -months_until(start, later)
    assert months_until(start, later).as_tuple().exponent == -6


def test_a_plugin_may_add_one_but_not_take_a_name() -> None:
    with pytest.raises(ConfigError, match="registered twice"):
        register("strip", lambda value, _: value)
    register("swap_for_test", lambda value, _: str(value)[::-1])
    try:
        assert apply("[swap_for_test]", "abc") == "cba"
    finally:
        del TRANSFORMS["swap_for_test"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        ("secret", "text of 6 characters"),
        (5, "number"),
        (True, "boolean"),
        ([1], "list of 1"),
        ({}, "object"),
    ],
)
def test_a_class_of_value_gives_nothing_of_it_away(value: Any, words: str) -> None:
    assert class_of(value) == words
