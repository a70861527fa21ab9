"""Signals of depth on facts small enough to reckon by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from csconnect.compute.measure import measure

AS_OF = date(2026, 11, 22)
BY_MODULE = "usage_day usage_module_day"

Row = dict[str, Any]


def day(ago: int) -> date:
    return AS_OF - timedelta(days=ago)


def module(name: str, **rest: Any) -> Row:
    return {"id": name, "name": name, **rest}


def used(name: str, days: int = 1, users: int = 3, ago: int = 0) -> list[Row]:
    return [{"account_id": "sf:1", "module": name, "day": day(ago + n), "users": users} for n in range(days)]


def use(user: str, *modules: str, ago: int = 0) -> Row:
    return {"account_id": "sf:1", "user": user, "day": day(ago), "modules": list(modules), "logins": 1}


def reading(metric: str, value: float, ago: int = 0, of: str | None = None) -> Row:
    key = f"sf:{metric}{value}{ago}{of}"
    return {"id": key, "account_id": "sf:1", "metric": metric, "module": of, "day": day(ago), "value": value}


LATE = [module(name, core=True) for name in ("contract", "order", "payment", "invoice")]


def test_core_module_use_counts_core_modules_only(judge):
    modules = [module(name, core=name != "checkin") for name in ("order", "contract", "payment", "checkin")]
    days = [row for name in ("order", "contract", "checkin", "unknown") for row in used(name)]
    found = judge("core_module_use", "usage_module_day", module=modules, usage_module_day=days)
    assert found == pytest.approx(100 * 2 / 3, abs=0.006)


def test_core_module_use_is_unknown_without_core_modules_and_where_usage_names_none(judge):
    order = [module("order", core=True)]
    assert judge("core_module_use", "usage_module_day") is None
    assert judge("core_module_use", "usage_day", module=order) is None
    assert judge("core_module_use", "usage_module_day", module=order) == 0


@pytest.mark.parametrize(("ended", "grace", "expected"), [(0, 90, 50), (90, 90, 50), (91, 90, 25), (150, 180, 50)])
def test_what_was_bought_stays_expected_as_long_as_it_may_be_renewed(facts, library, ended, grace, expected):
    """On the last day of grace the account is still scored, so it is still judged by what it has."""
    lines = [("order", "CRM"), ("quote", "CRM"), ("ticketing", "Service"), ("portal", "Partner")]
    term = {"id": "sf:t", "account_id": "sf:1", "product_line": "CRM", "start": date(2025, 1, 1), "end": day(ended)}
    rows = {
        "account": [{"id": "sf:1", "name": "Acme"}],
        "module": [module(name, core=True, product_line=line) for name, line in lines],
        "term": [term],
        "usage_module_day": used("order"),
        "delivery": [{"account_id": "sf:1", "entity": "usage_module_day"}],
    }
    connection = facts(rows)
    measure(connection, [library.signals["core_module_use"]], AS_OF, grace_days=grace)
    assert connection.sql("SELECT value FROM measured").fetchall() == [(pytest.approx(expected),)]


def test_core_module_use_expects_only_what_was_bought(judge):
    """Not every customer should use every module (book §5.2.3)."""
    lines = [("order", "CRM"), ("quote", "CRM"), ("ticketing", "Service"), ("portal", "Partner")]
    rows = {
        "module": [module(name, core=True, product_line=line) for name, line in lines],
        "usage_module_day": used("order") + used("portal"),
    }
    now = {"account_id": "sf:1", "start": date(2026, 1, 1), "end": date(2027, 1, 1)}
    crm = {"id": "sf:t1", "product_line": "CRM", **now}
    partner = {"id": "sf:t2", "product_line": "Partner", **now}
    over = partner | {"start": date(2023, 1, 1), "end": date(2024, 1, 1)}
    for terms, percent in (([crm, over], 50), ([], 50), ([crm, partner], 66.67)):
        assert judge("core_module_use", "usage_module_day", term=terms, **rows) == pytest.approx(percent)


def test_module_points(judge):
    """Contract and order 5 each, contact 1, the yearly stock-taking half a point, one that nobody lists 1 (decks 001:1200-1227)."""
    modules = [*LATE, module("contact"), module("stock_taking", rare=True)]
    names = ("contract", "order", "contact", "stock_taking", "unlisted")
    days = [row for name in names for row in used(name)] + used("payment", ago=28)
    assert judge("module_points", BY_MODULE, module=modules, usage_module_day=days) == pytest.approx(12.5)
    assert judge("module_points", BY_MODULE, module=modules) == 0


@pytest.mark.parametrize(("core", "points"), [(8, 40), (9, 45), (10, 45)])
def test_module_points_end_at_45(judge, core, points):
    modules = [module(f"m{n}", core=True) for n in range(core)]
    days = [row for each in modules for row in used(each["id"])]
    assert judge("module_points", BY_MODULE, module=modules, usage_module_day=days) == points


def test_points_are_unknown_where_nobody_says_which_modules_are_core(judge):
    assert judge("module_points", BY_MODULE, module=[module("a")], usage_module_day=used("a")) is None
    assert judge("module_points", "usage_day", module=LATE) is None


def test_modules_in_use(judge):
    days = used("a", 3) + used("b", ago=27) + used("c", ago=28) + used("d", ago=-1)
    assert judge("modules_in_use", BY_MODULE, usage_module_day=days) == 2
    assert judge("modules_in_use", BY_MODULE) == 0
    assert judge("modules_in_use", "usage_day", usage_module_day=days) is None


def test_instance_ratio_sums_the_newest_reading_of_each_module(judge):
    """600 orders and 400 contacts of 20 opened users: 50 each; the account's own total is asked only where no module is named."""
    rows = [
        reading("opened_seats", 20),
        reading("records", 600, 5, "order"),
        reading("records", 900, 30, "order"),
        reading("records", 400, 300, "contact"),
        reading("records", 70, 365, "old"),
        reading("records", 5000, -1, "order"),
        reading("records", 1400, 2),
    ]
    assert judge("instance_ratio", "reading", reading=rows) == pytest.approx(50)
    assert judge("instance_ratio", "reading", reading=[rows[0], rows[6]]) == pytest.approx(70)
    assert judge("instance_ratio", "reading", reading=rows[1:]) is None
    assert judge("instance_ratio", "reading", reading=rows[:1]) is None


BI = [module("report", kind="analytics"), module("order", core=True, kind="process")]


def test_bi_use_rate_is_of_the_opened_users(judge):
    """Eight open, five active, two of whom read reports."""
    usage = [use("a", "report"), use("a", "report", ago=3), use("b", "order", "report"), use("c", "order"), use("d")]
    usage += [use("e", "report", ago=28), use("e", "order")]
    rows = {"module": BI, "usage_day": usage, "reading": [reading("opened_seats", 8)]}
    assert judge("bi_use_rate", BY_MODULE, **rows) == pytest.approx(25)
    assert judge("bi_use_rate", "usage_day", **rows) is None
    assert judge("bi_use_rate", BY_MODULE, **rows | {"module": BI[1:]}) is None
    assert judge("bi_use_rate", BY_MODULE, **rows | {"usage_day": []}) == 0


def test_core_feature_rate_is_of_the_active_users(judge):
    """Four active, three of them in a core module."""
    usage = [use("a", "order"), use("b", "order", "report", ago=27), use("c", "report"), use("d", "order"), use("d")]
    usage += [use("e", "order", ago=28)]
    rows = {"module": BI, "usage_day": usage}
    assert judge("core_feature_rate", BY_MODULE, **rows) == pytest.approx(75)
    assert judge("core_feature_rate", BY_MODULE, **rows | {"usage_day": [use("c", "report")]}) == 0
    assert judge("core_feature_rate", BY_MODULE, **rows | {"usage_day": []}) is None  # of nobody
    assert judge("core_feature_rate", "usage_day", **rows) is None
    assert judge("core_feature_rate", BY_MODULE, **rows | {"module": BI[:1]}) is None


def test_api_calls_per_opened_user(judge):
    rows = [reading("api_calls", 300, 0), reading("api_calls", 100, 27), reading("api_calls", 900, 28)]
    assert judge("api_calls", "reading", reading=[*rows, reading("opened_seats", 50)]) == pytest.approx(8)
    assert judge("api_calls", "reading", reading=rows) is None
    assert judge("api_calls", "reading", reading=[reading("api_calls", 0), reading("opened_seats", 50)]) == 0
    assert judge("api_calls", "reading", reading=[rows[2], reading("opened_seats", 50)]) is None


ERP = [module("erp", kind="integration")]


@pytest.mark.parametrize(
    ("deliver", "modules", "days", "calls", "expected"),
    [
        (BY_MODULE, ERP, used("erp"), None, 1),
        (BY_MODULE, ERP, [], None, 0),
        (BY_MODULE, ERP, [], 7, 1),
        (BY_MODULE, ERP, used("erp", ago=28), 0, 0),
        (BY_MODULE, LATE, used("order"), None, None),  # nobody says which modules integrate
        (BY_MODULE, LATE, [], 0, 0),
        ("usage_day", ERP, [], None, None),
        ("reading", [], [], 1, 1),
    ],
)
def test_integration_use(judge, deliver, modules, days, calls, expected):
    told = [] if calls is None else [reading("api_calls", calls, 3)]
    assert judge("integration_use", deliver, module=modules, usage_module_day=days, reading=told) == expected


KINDS = [module(kind, kind=kind) for kind in ("recording", "process", "analytics", "integration", "customisation")]


@pytest.mark.parametrize(
    ("days", "calls", "level"),
    [
        ([], None, 0),
        ([], 50, 0),  # machines talk, nobody works
        (used("customisation", 7), None, 0),
        (used("customisation", 8), None, 4),
        (used("customisation", 8, ago=21), None, 0),
        (used("integration", 8), 50, 3),
        (used("process", 8), None, 2),
        (used("process", 8), 0, 2),
        (used("process", 8), 50, 3),
        (used("analytics", 20), None, 1),
        (used("recording", 28), None, 1),
        (used("unlisted", 28), None, 1),
        (used("customisation", 8, users=1), None, 4),  # its only user
        (used("customisation", 8, users=1) + used("recording", 8), None, 1),  # one person's habit
    ],
)
def test_process_depth(judge, days, calls, level):
    told = [] if calls is None else [reading("api_calls", calls)]
    assert judge("process_depth", BY_MODULE, module=KINDS, usage_module_day=days, reading=told) == level


def test_process_depth_is_unknown_where_nobody_says_kinds_or_modules(judge):
    assert judge("process_depth", BY_MODULE, module=LATE, usage_module_day=used("order", 28)) is None
    assert judge("process_depth", "usage_day", module=KINDS) is None


def test_active_but_shallow(judge):
    """Everybody there every day, to check in (book §7.2.2): much activity, no depth."""
    team = [f"u{n}" for n in range(5)]
    usage = [use(user, "checkin", ago=ago) for user in team for ago in range(35)]
    rows = {"module": [*LATE, module("checkin", kind="recording")], "usage_day": usage}
    rows["usage_module_day"] = used("checkin", 28, users=5)
    assert judge("activity", BY_MODULE, **rows) == pytest.approx(100)
    assert judge("core_module_use", BY_MODULE, **rows) == 0
    assert judge("modules_in_use", BY_MODULE, **rows) == 1
    assert judge("process_depth", BY_MODULE, **rows) == 1
