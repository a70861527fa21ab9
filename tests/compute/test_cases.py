"""The cases of a card: what passes, what is said of those that do not, and what a case or card may not say."""

from __future__ import annotations

import duckdb
import pytest

from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.cases import run_cases
from csconnect.errors import CardError

CARD = """scorecard: c
version: 1
title: {en: C}
bands: {green: 80, yellow: 60, hold: 3, most_red: {accounts: 1}}
overrides:
  - {name: late, when: {signal: b, above: 1}, band: yellow, because: {en: late}}
  - {name: gone, when: {signal: b, above: 1}, band: red, because: {en: gone}}
dimensions:
  all:
    title: {en: All}
    weight: 100
    signals:
      a: {weight: 60, curve: {linear: {from: 0, to: 10}}}
      c: {weight: 40, curve: {at_least: {1: 1}}}
cases:
"""


def sentences(*cases: str) -> list[tuple[str, ...]]:
    text = CARD + "".join(f"  - {{name: case {number}, {case}}}\n" for number, case in enumerate(cases))
    with duckdb.connect() as facts:
        return [result.wrong for result in run_cases(facts, parse_scorecard(text, "c.yaml", ["a", "b", "c"]))]


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        ("given: {a: 9, c: 1}, expect: {score: 94, band: green, coverage: 100, points: {a: 54, c: 40}}", ()),
        ("given: {a: 9, c: 1}, expect: {score: 93}", ("score is 94, not 93",)),
        ("given: {a: 9, c: 1}, expect: {band: red}", ("band is green, not red",)),
        ("given: {a: 9}, expect: {coverage: 61}", ("coverage is 60, not 61",)),
        ("given: {a: 9, c: 1}, expect: {points: {a: 53.5, c: 0}}",
         ("points of a is 54, not 53.5", "points of c is 40, not 0")),
        ("given: {a: 9, c: null}, expect: {points: {c: 0}}", ("points of c is none, not 0",)),
        ("given: {a: 9, c: 1}, expect: {unscored: true}", ("score is 94, not none",)),
        ("given: {c: 1}, expect: {unscored: true, coverage: 40}", ()),
        ("given: {c: 1}, expect: {score: 100}", ("score is none, not 100",)),
        ("given: {a: 9, c: 1, b: 2}, expect: {score: 94, band: red, overrides: [late, gone]}", ()),
        ("given: {a: 9, c: 1, b: 2}, expect: {overrides: [gone, late]}", ()),
        ("given: {a: 9, c: 1, b: 2}, expect: {overrides: [late]}", ("overrides is gone, late, not late",)),
        ("given: {a: 9, c: 1}, expect: {overrides: [late]}", ("overrides is none, not late",)),
        ("given: {a: 9, c: 1}, expect: {overrides: []}", ()),
        ("given: {a: 6.5, c: 1}, before: green, expect: {score: 79, band: green}", ()),
        ("given: {a: 6.5, c: 1}, expect: {score: 79, band: yellow}", ()),
    ],
)  # fmt: skip
def test_a_case_says_what_came_out(case, wrong):
    assert sentences(case) == [wrong]


def test_cases_do_not_meet():
    """All are scored at once, but none takes another's place in the red band."""
    assert sentences(*["given: {a: 1, c: 0}, expect: {score: 6, band: red}"] * 3) == [()] * 3


@pytest.mark.parametrize(
    ("old", "new", "says", "place"),
    [
        ("expect: {score: 94}", "expect: {}", "expects nothing passes", "16:"),
        ("expect: {score: 94}", "expect: {unscored: true, score: 94}", "not both", "16:"),
        ("expect: {score: 94}", "expect: {skore: 94}", "Extra inputs are not permitted", "16:45"),
        ("given: {a: 9", "given: {a: .nan", "finite number", "16:23"),
        ("a: {weight: 60, curve: {linear: {from: 0, to: 10}}}", "a: {weight: 60, curve: {at_least: {5: .nan}}}", "finite number", "13:"),
        ("a: {weight: 60, curve: {linear: {from: 0, to: 10}}}", "a: {weight: .inf, curve: {linear: {from: 0, to: 10}}}", "finite", "13:"),
        ("above: 1}, band: yellow", "above: .inf}, band: yellow", "finite number", "6:"),
        ("version: 1", "version: 1\nscale: {from: 0, to: 99.5}", "99.5, which needs more decimals than 0", "3:1"),
        ("version: 1", "version: 1\nmethod: points\nunknown: 0.5", "a share of full marks, but the method is points", "4:1"),
    ],
)  # fmt: skip
def test_what_a_card_may_not_say(old, new, says, place):
    text = CARD + "  - {name: n, given: {a: 9, c: 1}, expect: {score: 94}}\n"
    assert parse_scorecard(text, "c.yaml", ["a", "b", "c"]).cases
    assert old in text
    text = text.replace(old, new, 1)
    if "method: points" in text:
        text = text.replace("weight: 60, ", "").replace("weight: 40, ", "")
    with pytest.raises(CardError) as caught:
        parse_scorecard(text, "c.yaml", ["a", "b", "c"])
    assert says in caught.value.what
    assert caught.value.where.startswith(f"c.yaml:{place}"), caught.value.where


POINTS = """scorecard: c
version: 1
title: {en: C}
method: points
scale: {from: 0, to: 10, decimals: DECIMALS}
bands: {green: 4, yellow: 2, hold: 0.1}
dimensions: {all: {title: {en: All}, signals: {a: {curve: {times: 1}}}}}
cases:
"""


@pytest.mark.parametrize("value", [0.145, 0.285, 0.565, 0.575, 1.005, 4.015, 8.165])
def test_half_goes_up_at_two_decimals_too(value):
    """1.005 times 100 is a little less than 100.5 in binary fractions."""
    half_up = int(value * 1000 + 5.0001) // 10 / 100
    text = f"  - {{name: half, given: {{a: {value}}}, expect: {{score: {half_up}}}}}\n"
    card = parse_scorecard(POINTS.replace("DECIMALS", "2") + text, "c.yaml", ["a"])
    with duckdb.connect() as facts:
        assert run_cases(facts, card)[0].wrong == ()


@pytest.mark.parametrize(
    ("before", "score", "band"), [("yellow", 4.1, "green"), ("green", 3.9, "green"), ("red", 2.1, "yellow")]
)
def test_the_margin_is_met_exactly_with_decimals_too(before, score, band):
    """4.1 - 0.1 is a little less than 4 in binary fractions."""
    text = f"  - {{name: edge, given: {{a: {score}}}, before: {before}, expect: {{score: {score}, band: {band}}}}}\n"
    card = parse_scorecard(POINTS.replace("DECIMALS", "1") + text, "c.yaml", ["a"])
    with duckdb.connect() as facts:
        assert run_cases(facts, card)[0].wrong == ()
