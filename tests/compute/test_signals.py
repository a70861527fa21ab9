"""Signals on facts small enough to reckon by hand (those of usage, people and tickets in ``signals/``), and what holds for all of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlglot

from csconnect.compute.measure import measure
from csconnect.compute.query import STAND_IN
from csconnect.compute.signal import parse_signal
from csconnect.errors import CardError

AS_OF = date(2026, 11, 22)
ACCOUNT = {"id": "sf:1", "name": "Acme", "is_customer": True}


def deliver(*entities: str) -> list[dict[str, Any]]:
    return [{"account_id": "sf:1", "entity": entity} for entity in entities]


def measured(facts, library, signal, rows):
    connection = facts({"account": [ACCOUNT], **rows})
    measure(connection, [library.signals[signal]], AS_OF)
    return dict(connection.sql("SELECT account_id, value FROM measured").fetchall()).get("sf:1")


def test_goal_progress_g11_lead_conversion(facts, library):
    """Baseline 5 %, target 10 %, actual 8 %: three fifths of the way (book §5.3.1, G11)."""
    goal = {
        "id": "sf:g",
        "account_id": "sf:1",
        "metric": "lead conversion",
        "baseline": 5.0,
        "target": 10.0,
        "actual": 8.0,
    }
    assert measured(facts, library, "goal_progress", {"goal": [goal]}) == pytest.approx(60)


def test_goal_progress_downwards_g13_reimbursement(facts, library):
    """Four months down to one is reached by going down; overshooting does not count double."""
    goals = [
        {"id": "sf:a", "account_id": "sf:1", "metric": "months", "baseline": 4.0, "target": 1.0, "actual": 2.5},
        {
            "id": "sf:b",
            "account_id": "sf:1",
            "metric": "satisfaction",
            "baseline": 30.0,
            "target": 70.0,
            "actual": 90.0,
        },
        {"id": "sf:c", "account_id": "sf:1", "metric": "no actual", "baseline": 30.0, "target": 70.0},
        {"id": "sf:d", "account_id": "sf:1", "metric": "nothing to do", "baseline": 5.0, "target": 5.0, "actual": 5.0},
    ]
    assert measured(facts, library, "goal_progress", {"goal": goals}) == pytest.approx((50 + 100) / 2)


def test_advocacy_none_is_known_only_where_it_is_delivered(facts, library):
    said = {"id": "sf:v", "account_id": "sf:1", "kind": "case_study", "happened_on": AS_OF - timedelta(days=364)}
    assert measured(facts, library, "value_recognition", {"advocacy": [said], "delivery": deliver("advocacy")}) == 1
    assert measured(facts, library, "internal_promotion", {"advocacy": [said], "delivery": deliver("advocacy")}) == 0
    assert measured(facts, library, "value_recognition", {}) is None


def touch(days_ago: int, **rest: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 22, 10, tzinfo=UTC) - timedelta(days=days_ago)
    return {"id": f"sf:t{days_ago}{sorted(rest)}", "account_id": "sf:1", "kind": "meeting", "happened_at": at, **rest}


def test_replies_within_a_day_is_a_share_of_those_that_were_asked(facts, library):
    rows = {
        "touchpoint": [
            touch(1, replied_within_hours=24.0),
            touch(2, replied_within_hours=24.5),
            touch(3),
            touch(91, replied_within_hours=1.0),
        ]
    }
    assert measured(facts, library, "reply_within_a_day", rows) == pytest.approx(50)


def test_executive_met_within_120_days(facts, library):
    rows = {"touchpoint": [touch(119, executive=True), touch(121, executive=True), touch(5, executive=False)]}
    assert measured(facts, library, "executive_met", rows | {"delivery": deliver("touchpoint")}) == 1


def test_nps_is_the_newest_answer(facts, library):
    def answer(n: int, score: float, ago: int, kind: str = "nps") -> dict[str, Any]:
        on = AS_OF - timedelta(days=ago)
        return {"id": f"sf:{n}", "account_id": "sf:1", "kind": kind, "score": score, "answered_on": on}

    rows = {"survey": [answer(1, 3, 200), answer(2, 9, 20), answer(3, 1, 10, "csat"), answer(4, 10, -3)]}
    assert measured(facts, library, "nps", rows) == 9


@pytest.mark.parametrize("dialect", ["spark", "snowflake", "bigquery", "postgres"])
def test_every_shipped_signal_transpiles(library, dialect):
    for signal in library.signals.values():
        text = signal.sql(AS_OF, dialect)
        assert sqlglot.parse_one(text, dialect=dialect) is not None
        assert ":as_of" not in text
        assert "APPROX" not in text.upper(), f"{signal.name} would only be approximated"


@pytest.mark.parametrize("day", [AS_OF, date(2024, 2, 29)])
@pytest.mark.parametrize("numbers", [{"window": 90, "grace": 30}, {"window": 1, "grace": 0}])
def test_a_query_written_out_once_says_what_it_would_say_written_out_for_the_day(library, day, numbers):
    for file in (*library.signals.values(), *library.rollups.values(), *library.quality.values()):
        assert file.query.sql(day, numbers) == file.query._bound(day, numbers, "duckdb"), file.name


def test_a_query_that_holds_the_stand_ins_itself_keeps_them(library):
    text = library.signals["nps"].text.replace("AS value", f"+ {STAND_IN} AS value", 1)
    said = parse_signal("nps", text, "nps.sql").sql(AS_OF)
    assert str(STAND_IN) in said
    assert "2026-11-22" in said


def test_every_shipped_signal_says_what_it_is_and_those_of_usage_how_old_it_may_be(library):
    for name, signal in library.signals.items():
        header = signal.header
        assert header.title.keys() >= {"en", "zh"}, name
        assert header.words.keys() >= {"en", "zh"}, name
        assert header.source, name
        assert signal.family, name
        if signal.family in ("activity", "depth", "activation"):
            assert header.freshness, f"{name}: a product that fell silent looks like a customer that did"


def test_no_signal_reads_usage_for_itself(library):
    """Reading usage is what scoring costs: a roll-up does it once for all of them."""
    assert [name for name, signal in library.signals.items() if "usage_day" in signal.query.reads] == []


HEADER = "/*\ntitle: {en: x}\nunit: x\nwindow: 7\npolarity: up\nentities: [account]\nsource: test\n*/\n"


@pytest.mark.parametrize(
    ("sql", "says", "line"),
    [
        ("SELECT account.id AS account_id,\n  account.nonsense AS value FROM account", "nonsense", 10),
        ("SELECT id AS account_id, 1.0 AS value\nFROM nowhere", "nowhere", 10),
        ("SELECT id AS account_id, FROM FROM account", "", 9),
        ("SELECT id AS account_id FROM account", "exactly account_id and value", 9),
        ("SELECT id AS account_id, 1.0 / employees AS value FROM account", "division", 9),
        ("SELECT id AS account_id, median(employees) AS value FROM account GROUP BY id", "median", 9),
        ("SELECT id AS account_id, hash(name) AS value FROM account", "hash", 9),
        ("SELECT id AS account_id, date_diff('day', current_date, :as_of) AS value FROM account", "current_date", 9),
    ],
)
def test_a_bad_signal_is_refused_with_its_place(sql, says, line):
    with pytest.raises(CardError) as caught:
        parse_signal("bad", HEADER + sql, "signals/bad.sql")
    assert says in caught.value.what
    assert caught.value.where.startswith(f"signals/bad.sql:{line}:")
