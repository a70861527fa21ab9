"""Each shipped signal on facts small enough to reckon by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlglot

from csconnect.compute.signal import parse_signal
from csconnect.errors import CardError

AS_OF = date(2026, 11, 22)
ACCOUNT = {"id": "sf:1", "name": "Acme", "is_customer": True}


def deliver(*entities: str) -> list[dict[str, Any]]:
    return [{"account_id": "sf:1", "entity": entity} for entity in entities]


def measure(facts, library, signal, rows):
    connection = facts({"account": [ACCOUNT], **rows})
    found = connection.sql(library.signals[signal].sql(AS_OF)).fetchall()
    return dict(found).get("sf:1")


def use(user: str, days_ago: list[int], modules: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [
        {
            "account_id": "sf:1",
            "user": user,
            "day": AS_OF - timedelta(days=ago),
            "modules": list(modules),
            "logins": 1,
            "events": 1,
        }
        for ago in days_ago
    ]


def test_login_frequency_is_the_median_over_users_not_the_total(facts, library):
    """500 seats and one daily user do not make a busy account (field traps D)."""
    daily = use("keen", list(range(28)))
    others = [row for n in range(4) for row in use(f"u{n}", [n, n + 7])]
    rows = {"usage_day": daily + others, "delivery": deliver("usage_day")}
    assert measure(facts, library, "login_frequency", rows) == pytest.approx(2 * 7 / 28)


def test_login_frequency_of_an_even_number_of_users_is_the_mean_of_the_middle_two(facts, library):
    rows = {"usage_day": use("a", list(range(20))) + use("b", list(range(4))), "delivery": deliver("usage_day")}
    assert measure(facts, library, "login_frequency", rows) == pytest.approx((5 + 1) / 2)


def test_nobody_logging_in_is_zero_but_no_usage_delivered_is_unknown(facts, library):
    assert measure(facts, library, "login_frequency", {"delivery": deliver("usage_day")}) == 0
    assert measure(facts, library, "login_frequency", {}) is None


@pytest.mark.parametrize(("ago", "counts"), [(0, True), (27, True), (28, False), (-1, False)])
def test_the_window_holds_exactly_its_days(facts, library, ago, counts):
    rows = {"usage_day": use("a", [ago]), "delivery": deliver("usage_day")}
    assert (measure(facts, library, "login_frequency", rows) > 0) is counts


def test_core_module_use_counts_core_modules_only(facts, library):
    modules = [
        {"id": name, "name": name, "core": name != "checkin"} for name in ("order", "contract", "payment", "checkin")
    ]
    days = [
        {"account_id": "sf:1", "module": name, "day": AS_OF, "users": 3}
        for name in ("order", "contract", "checkin", "unknown")
    ]
    rows = {"module": modules, "usage_module_day": days, "delivery": deliver("usage_module_day")}
    assert measure(facts, library, "core_module_use", rows) == pytest.approx(100 * 2 / 3)


def test_core_module_use_is_unknown_without_core_modules_and_where_usage_names_none(facts, library):
    order = {"module": [{"id": "order", "name": "order", "core": True}]}
    assert measure(facts, library, "core_module_use", {"delivery": deliver("usage_module_day")}) is None
    assert measure(facts, library, "core_module_use", order | {"delivery": deliver("usage_day")}) is None
    assert measure(facts, library, "core_module_use", order | {"delivery": deliver("usage_module_day")}) == 0


@pytest.mark.parametrize(("ended", "grace", "expected"), [(0, 90, 50), (90, 90, 50), (91, 90, 25), (150, 180, 50)])
def test_what_was_bought_stays_expected_as_long_as_it_may_be_renewed(facts, library, ended, grace, expected):
    """On the last day of grace the account is still scored, so it is still judged by what it has."""
    modules = [
        {"id": name, "name": name, "core": True, "product_line": line}
        for name, line in [("order", "CRM"), ("quote", "CRM"), ("ticketing", "Service"), ("portal", "Partner")]
    ]
    term = {"id": "sf:t", "account_id": "sf:1", "product_line": "CRM", "start": date(2025, 1, 1)}
    rows = {
        "account": [ACCOUNT],
        "module": modules,
        "term": [term | {"end": AS_OF - timedelta(days=ended)}],
        "usage_module_day": [{"account_id": "sf:1", "module": "order", "day": AS_OF, "users": 3}],
        "delivery": deliver("usage_module_day"),
    }
    found = facts(rows).sql(library.signals["core_module_use"].sql(AS_OF, grace_days=grace)).fetchall()
    assert dict(found) == {"sf:1": pytest.approx(expected)}


def test_new_users_are_those_first_seen_in_the_window(facts, library):
    rows = {"usage_day": use("old", [100, 3]) + use("new", [3]), "delivery": deliver("usage_day")}
    assert measure(facts, library, "new_users", rows) == 1


@pytest.mark.parametrize(("first", "known"), [(27, False), (28, True)])
def test_nobody_is_new_where_usage_begins_within_the_window(facts, library, first, known):
    """The first weeks of a delivery would make every user a new one."""
    elsewhere = [row | {"account_id": "sf:2"} for row in use("other", [first])]
    rows = {"usage_day": use("a", [3]) + elsewhere, "delivery": deliver("usage_day")}
    assert (measure(facts, library, "new_users", rows) == 1) is known
    assert (measure(facts, library, "new_users", rows) is None) is not known


@pytest.mark.parametrize(
    ("row", "there"),
    [
        ({"logins": 1, "events": 0}, True),
        ({"logins": 0, "events": 4}, True),  # a session that lasts for weeks
        ({"logins": 0, "events": 0, "modules": ["order"]}, True),
        ({"logins": 0, "events": 0, "modules": []}, False),  # a row for every user and day, whether or not they came
    ],
)
def test_a_day_counts_when_the_user_did_anything(facts, library, row, there):
    rows = {"usage_day": [use("a", [3])[0] | row], "delivery": deliver("usage_day")}
    assert (measure(facts, library, "login_frequency", rows) > 0) is there


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
    assert measure(facts, library, "goal_progress", {"goal": [goal]}) == pytest.approx(60)


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
    assert measure(facts, library, "goal_progress", {"goal": goals}) == pytest.approx((50 + 100) / 2)


def test_advocacy_none_is_known_only_where_it_is_delivered(facts, library):
    said = {"id": "sf:v", "account_id": "sf:1", "kind": "case_study", "happened_on": AS_OF - timedelta(days=364)}
    assert measure(facts, library, "value_recognition", {"advocacy": [said], "delivery": deliver("advocacy")}) == 1
    assert measure(facts, library, "internal_promotion", {"advocacy": [said], "delivery": deliver("advocacy")}) == 0
    assert measure(facts, library, "value_recognition", {}) is None


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
    assert measure(facts, library, "reply_within_a_day", rows) == pytest.approx(50)


def test_executive_met_within_120_days(facts, library):
    rows = {"touchpoint": [touch(119, executive=True), touch(121, executive=True), touch(5, executive=False)]}
    assert measure(facts, library, "executive_met", rows | {"delivery": deliver("touchpoint")}) == 1


def test_nps_is_the_newest_answer(facts, library):
    def answer(n: int, score: float, ago: int, kind: str = "nps") -> dict[str, Any]:
        on = AS_OF - timedelta(days=ago)
        return {"id": f"sf:{n}", "account_id": "sf:1", "kind": kind, "score": score, "answered_on": on}

    rows = {"survey": [answer(1, 3, 200), answer(2, 9, 20), answer(3, 1, 10, "csat"), answer(4, 10, -3)]}
    assert measure(facts, library, "nps", rows) == 9


@pytest.mark.parametrize("dialect", ["spark", "snowflake", "bigquery", "postgres"])
def test_every_shipped_signal_transpiles(library, dialect):
    for signal in library.signals.values():
        text = signal.sql(AS_OF, dialect)
        assert sqlglot.parse_one(text, dialect=dialect) is not None
        assert ":as_of" not in text
        assert "APPROX" not in text.upper(), f"{signal.name} would only be approximated"


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


def test_core_module_use_expects_only_what_was_bought(facts, library):
    """Not every customer should use every module (book §5.2.3)."""
    modules = [
        {"id": name, "name": name, "core": True, "product_line": line}
        for name, line in [("order", "CRM"), ("quote", "CRM"), ("ticketing", "Service"), ("portal", "Partner")]
    ]
    used = [{"account_id": "sf:1", "module": name, "day": AS_OF, "users": 3} for name in ("order", "portal")]
    rows = {"module": modules, "usage_module_day": used, "delivery": deliver("usage_module_day")}
    terms = [
        {
            "id": "sf:t1",
            "account_id": "sf:1",
            "product_line": "CRM",
            "start": date(2026, 1, 1),
            "end": date(2027, 1, 1),
        },
        {
            "id": "sf:t2",
            "account_id": "sf:1",
            "product_line": "Partner",
            "start": date(2023, 1, 1),
            "end": date(2024, 1, 1),
        },
    ]
    assert measure(facts, library, "core_module_use", rows | {"term": terms}) == pytest.approx(50)
    assert measure(facts, library, "core_module_use", rows) == pytest.approx(50)
    assert measure(
        facts, library, "core_module_use", rows | {"term": [*terms[:1], terms[1] | {"end": date(2027, 1, 1)}]}
    ) == (pytest.approx(100 * 2 / 3))
