"""How other platforms add up, each reproduced by configuration alone: the vector of each is the card's case.

(The figures are those that the vendors' own pages give; a card here is what an admin would write who moves from there.)
"""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from csconnect.compute.assign import Cards
from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.cases import run_cases
from csconnect.compute.measure import measure
from csconnect.compute.score import score_measured
from csconnect.compute.signal import parse_signal

HEAD = "scorecard: v\nversion: 1\ntitle: {en: V}\n"
SIGNALS = ["a", "b", "c", "d", "e"]


def linear(top: float = 100) -> str:
    return f"curve: {{linear: {{from: 0, to: {top}}}}}"


def group(**weights: float) -> str:
    inside = "\n".join(f"      {name}: {{weight: {weight}, {linear()}}}" for name, weight in weights.items())
    return f"dimensions:\n  g:\n    title: {{en: G}}\n    signals:\n{inside}\n"


def points(**curves: str) -> str:
    inside = "\n".join(f"      {name}: {{curve: {curve}}}" for name, curve in curves.items())
    return f"dimensions:\n  g:\n    title: {{en: G}}\n    signals:\n{inside}\n"


def cases(*each: str) -> str:
    return "cases:\n" + "\n".join(f"  - {{name: case {number}, {case}}}" for number, case in enumerate(each)) + "\n"


THIRDS = "bands: {green: 6.67, yellow: 3.34}\n"
VECTORS = {
    "weighted group: 20/15/22 on 47/59/21 is 40.1228, shown 40": (
        "weights: relative\nbands: {green: 75, yellow: 50}\n" + group(a=20, b=15, c=22),
        cases("given: {a: 47, b: 59, c: 21}, expect: {score: 40, band: red}"),
    ),
    "the same with two decimals": (
        "weights: relative\nscale: {decimals: 2}\nbands: {green: 75, yellow: 50}\n" + group(a=20, b=15, c=22),
        cases("given: {a: 47, b: 59, c: 21}, expect: {score: 40.12}"),
    ),
    "bands whose lower edge is out, except the first: 0-50, 51-75, 76-100": (
        "bands: {green: 75, yellow: 50, edge: upper}\n" + group(a=100),
        cases(*(f"given: {{a: {score}}}, expect: {{score: {score}, band: {band}}}"
                for score, band in [(0, "red"), (50, "red"), (51, "yellow"), (75, "yellow"), (76, "green"), (100, "green")])),
    ),
    "mean of conditions from 0 to 10: (10 + 10 + 0) / 3 is 6.67, labels by thirds": (
        "weights: relative\nscale: {from: 0, to: 10, decimals: 2}\n" + THIRDS + group(a=1, b=1, c=1),
        cases("given: {a: 100, b: 100, c: 0}, expect: {score: 6.67, band: green}",
              "given: {a: 100, b: 0, c: 0}, expect: {score: 3.33, band: red}",
              "given: {a: 100, b: 0}, expect: {score: 5, band: yellow}"),
    ),
    "begin at a neutral 5, add and take, stay within 0 and 10": (
        "method: points\nstart: 5\nscale: {from: 0, to: 10}\n" + THIRDS + points(a="{times: 3}", b="{times: -4}"),
        cases("given: {a: 0, b: 0}, expect: {score: 5, band: yellow, points: {start: 5}}",
              "given: {a: 2, b: 0}, expect: {score: 10, band: green, points: {a: 6, limits: -1}}",
              "given: {a: 0, b: 3}, expect: {score: 0, band: red, points: {b: -12, limits: 7}}"),
    ),
    "points that total 100: ranges that share a border give it to the upper one, the last keeps its top": (
        "bands: {green: 80, yellow: 50}\n" + """dimensions:
  g:
    title: {en: G}
    signals:
      a: {weight: 55, curve: {intervals: [{from: 0, to: 3, earns: 0}, {from: 3, to: 7, earns: 0.5}, {from: 7, to: 10, earns: 1}]}}
      b: {weight: 45, curve: {at_least: {5: 1}}}
""",
        cases("given: {a: 2.9, b: 5}, expect: {score: 45, band: red}",
              "given: {a: 3, b: 5}, expect: {score: 73, band: yellow}",      # 72.5: a tie goes up
              "given: {a: 3, b: 4}, expect: {score: 28}",                    # 27.5
              "given: {a: 7, b: 5}, expect: {score: 100, band: green}",
              "given: {a: 10, b: 4}, expect: {score: 55}",
              "given: {a: 10.1, b: 4}, expect: {score: 0}"),
    ),
    "points that total 100, top of a range included": (
        "bands: {green: 80, yellow: 50}\n" + """dimensions:
  g:
    title: {en: G}
    signals:
      a:
        weight: 60
        curve: {intervals: [{from: 0, to: 3, earns: 0}, {from: 3, to: 7, earns: 0.5}, {from: 7, to: 10, earns: 1}], edge: upper}
      b: {weight: 40, curve: {at_least: {5: 1}}}
""",
        cases("given: {a: 3, b: 5}, expect: {score: 40, points: {a: 0, b: 40}}",
              "given: {a: 7, b: 5}, expect: {score: 70, band: yellow, points: {a: 30}}",
              "given: {a: 7.1, b: 4}, expect: {score: 60}",
              "given: {a: 10, b: 5}, expect: {score: 100, band: green}"),
    ),
    "rules: all good is good, any poor is poor, else average; what has no value is passed over": (
        "method: rules\nrules: {good: 0.67, poor: 0.34}\ncoverage: 0\nbands: {green: 67, yellow: 34}\n" + group(a=30, b=30, c=40),
        cases("given: {a: 70, b: 90, c: 100}, expect: {score: 100, band: green}",
              "given: {a: 70, b: 33, c: 100}, expect: {score: 0, band: red}",
              "given: {a: 70, b: 50, c: 100}, expect: {score: 50, band: yellow}",
              "given: {a: 70, c: 100}, expect: {score: 100, band: green}"),
    ),
    "a null's weight stays in its group, an empty group's goes to the groups, all null is null": (
        "coverage: 0\nbands: {green: 80, yellow: 50}\n" + f"""dimensions:
  g:
    title: {{en: G}}
    weight: 60
    signals:
      a: {{weight: 30, {linear()}}}
      b: {{weight: 30, {linear()}}}
  h:
    title: {{en: H}}
    weight: 40
    signals:
      c: {{weight: 40, {linear()}}}
""",
        cases("given: {a: 50, c: 100}, expect: {score: 70, coverage: 70, points: {a: 30, c: 40}}",
              "given: {c: 100}, expect: {score: 100, points: {c: 100}}",
              "given: {}, expect: {unscored: true, coverage: 0}"),
    ),
    "five categories 85/60/70/40/80 at 30/25/20/15/10 percent are 68.5": (
        "scale: {decimals: 1}\nbands: {green: 80, yellow: 50}\n" + group(a=30, b=25, c=20, d=15, e=10),
        cases("given: {a: 85, b: 60, c: 70, d: 40, e: 80}, expect: {score: 68.5, band: yellow}"),
    ),
    "missing data counted as neutral, where somebody wants that": (
        "unknown: 0.5\ncoverage: 0\nbands: {green: 80, yellow: 50}\n" + group(a=50, b=50),
        cases("given: {a: 100}, expect: {score: 75, coverage: 50, points: {b: 25}}"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VECTORS)
def test_a_vendors_way_is_a_configuration(name):
    card, examples = VECTORS[name]
    results = run_cases(duckdb.connect(), parse_scorecard(HEAD + card + examples, "v.yaml", SIGNALS))
    assert results
    assert [result.wrong for result in results if not result.passed] == []


def test_the_raw_sum_of_the_weighted_group():
    card = parse_scorecard(
        HEAD + VECTORS["weighted group: 20/15/22 on 47/59/21 is 40.1228, shown 40"][0], "v.yaml", SIGNALS
    )
    facts = family([{"id": "a:1"}], {"a:1": {"a": 47, "b": 59, "c": 21}})
    (row,) = score_measured(facts, Cards(card), {}).accounts.to_pylist()
    assert row["points"] == pytest.approx(40.1228, abs=5e-5)


def family(accounts, values) -> duckdb.DuckDBPyConnection:
    facts = duckdb.connect()
    columns = ("id", "owner_id", "parent_id", "segment", "stage", "industry", "region", "country")
    facts.execute(f"CREATE TABLE account ({', '.join(f'{name} VARCHAR' for name in columns)}, is_customer BOOLEAN)")
    for row in accounts:
        facts.execute(
            "INSERT INTO account (id, parent_id, is_customer) VALUES (?, ?, true)", [row["id"], row.get("parent_id")]
        )
    measure(facts, [], date(2026, 1, 1))
    for account, signals in values.items():
        for signal, value in signals.items():
            facts.execute("INSERT INTO measured VALUES (?, ?, ?)", [account, signal, value])
    return facts


@pytest.mark.parametrize(
    ("own", "parents", "score"),
    [(100, "family", 6), (0, "family", 4), (100, "children", 5), (None, "children", 5), (None, "family", 5)],
    ids=["6.25 is 6", "3.75 is 4", "mean of the children", "a parent without data", "which does not count"],
)
def test_a_group_of_a_parent_and_its_children(own, parents, score):
    """(10 + 5 + 5 + 5) / 4 = 6.25, shown 6; (0 + 5 + 5 + 5) / 4 = 3.75, shown 4."""
    text = f"weights: relative\nparents: {parents}\ncoverage: 0\nscale: {{from: 0, to: 10}}\n{THIRDS}{group(a=1)}"
    card = parse_scorecard(HEAD + text, "v.yaml", SIGNALS)
    children = [{"id": f"c:{n}", "parent_id": "p:1"} for n in range(3)]
    values = {"p:1": {} if own is None else {"a": own}} | {child["id"]: {"a": 50} for child in children}
    scores = score_measured(family([{"id": "p:1"}, *children], values), Cards(card), {})
    found = {row["account_id"]: row["score"] for row in scores.accounts.to_pylist()}
    assert found["p:1"] == score
    parts = [row["contribution"] for row in scores.drivers.to_pylist() if row["account_id"] == "p:1"]
    assert sum(part for part in parts if part is not None) == 100 * score


@pytest.mark.parametrize(
    ("children", "score"), [([None, 20, 40], 30), ([None, None], 90), ([], 90)], ids=["qualifying", "none does", "none"]
)
def test_a_parent_is_the_mean_of_the_children_that_qualify_else_its_own(children, score):
    """A child below the limit of coverage does not count; without any that does, the parent keeps what it earned itself."""
    text = f"parents: children\ncoverage: 60\nbands: {{green: 75, yellow: 50}}\n{group(a=60, b=40)}"
    card = parse_scorecard(HEAD + text, "v.yaml", SIGNALS)
    rows = [{"id": f"c:{n}", "parent_id": "p:1"} for n in range(len(children))]
    values = {"p:1": {"a": 90, "b": 90}} | {
        row["id"]: {"b": 99} if own is None else {"a": own, "b": own} for row, own in zip(rows, children, strict=True)
    }
    scores = score_measured(family([{"id": "p:1"}, *rows], values), Cards(card), {})
    found = {row["account_id"]: row["score"] for row in scores.accounts.to_pylist()}
    assert found["p:1"] == score
    assert all((found[row["id"]] is None) == (own is None) for row, own in zip(rows, children, strict=True))


EVENTS = """/*
title: {en: Points of events, zh: 事件分}
unit: points
window: 365
freshness: 35
polarity: up
grain: event
entities: [advocacy]
source: a test
*/
SELECT advocacy.account_id, CASE WHEN advocacy.kind = 'referral' THEN 10.0 ELSE -4.0 END AS value,
    date_diff('day', advocacy.happened_on, :as_of) AS age
FROM advocacy
"""


@pytest.mark.parametrize(
    ("events", "score"),
    [
        ([("referral", 0)], 10),
        ([("referral", 30)], 5),
        ([("referral", 15)], 7.5),
        ([("referral", 60)], 0),
        ([("referral", 300)], 0),
        ([("referral", 30), ("reference", 0), ("reference", 0)], -3),
    ],
)
def test_points_of_events_fade_in_a_straight_line(facts, events, score):
    """10 points that lose half in a month are 5 after one; totals may be negative."""
    today = date(2026, 11, 22)
    signals = {"occasions": parse_signal("occasions", EVENTS, "occasions.sql")}
    text = "method: points\nclamp: false\nscale: {decimals: 1}\nbands: {green: 8, yellow: 1}\n"
    text += points(occasions="{times: 1}").replace("{curve:", "{fade: {percent: 50, days: 30}, curve:")
    card = parse_scorecard(HEAD + text, "v.yaml", signals)
    rows = [
        {"id": f"x:{n}", "account_id": "a:1", "kind": kind, "happened_on": date.fromordinal(today.toordinal() - age)}
        for n, (kind, age) in enumerate(events)
    ]
    connection = facts({"account": [{"id": "a:1", "name": "A"}], "advocacy": rows})
    measure(connection, signals.values(), today)
    (row,) = score_measured(connection, Cards(card), signals).accounts.to_pylist()
    assert row["score"] == score
