"""Signals of activation and seats on facts small enough to reckon by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from csconnect.compute.measure import measure

AS_OF = date(2026, 11, 22)

Row = dict[str, Any]


def day(ago: int) -> date:
    return AS_OF - timedelta(days=ago)


def seen(people: int, ago: int = 0) -> list[Row]:
    return [{"account_id": "sf:1", "user": f"u{n}", "day": day(ago), "logins": 1} for n in range(people)]


def term(seats: int | None, start: int = 100, end: int = -200, line: str | None = None) -> Row:
    span = {"start": day(start), "end": day(end)}
    return {"id": f"sf:t{seats}{start}{end}{line}", "account_id": "sf:1", "product_line": line, "seats": seats, **span}


def contract(seats: int | None, start: int | None = 100, end: int | None = -200) -> Row:
    span = {"start": None if start is None else day(start), "end": None if end is None else day(end)}
    return {"id": f"sf:k{seats}{start}{end}", "account_id": "sf:1", "seats": seats, **span}


def opened(value: float, ago: int = 0) -> list[Row]:
    at = {"account_id": "sf:1", "metric": "opened_seats", "day": day(ago), "value": value}
    return [{"id": f"sf:o{ago}{value}", **at}]


def test_g7_a_hundred_bought_thirty_activated(judge):
    """Thirty percent: a sign of danger (book §7.2.1)."""
    rows = {"usage_day": seen(30, ago=200), "term": [term(100)]}
    assert judge("activation_rate", "usage_day", **rows) == pytest.approx(30)
    assert judge("activation_rate", "usage_day", **rows, reading=opened(60)) == pytest.approx(
        30
    )  # not of those created


def test_g8_five_hundred_imported_four_hundred_activated(judge):
    """Eighty percent, of the imported and not of the bought (book §6.3.1)."""
    rows = {"usage_day": seen(400), "term": [term(800)]}
    assert judge("activation_of_imported", "usage_day", **rows, reading=opened(500)) == pytest.approx(80)
    assert judge("activation_of_imported", "usage_day", **rows) is None  # nobody says how many were imported
    assert judge("activation_rate", "usage_day", **rows, reading=opened(500)) == pytest.approx(50)


def test_g19_ten_accounts_become_fifty(judge):
    """Four hundred percent more (book §5.2.3)."""
    terms = [term(10, start=400, end=35), term(50, start=35, end=-330)]
    assert judge("seat_growth", "term", term=terms) == pytest.approx(400)


def test_g23_quota_near_its_end(judge):
    """1000 messages bought, 950 sent; the storage next to it is half full (book §7.1.1)."""

    def quota(resource: str, used: float | None, bought: float, ago: int | None = 3) -> Row:
        on = None if ago is None else day(ago)
        return {
            "id": f"sf:{resource}", "account_id": "sf:1", "resource": resource, "bought": bought, "used": used,
            "measured_on": on,
        }  # fmt: skip

    sms, storage = quota("sms", 950, 1000), quota("storage", 5, 10, None)
    assert judge("quota_saturation", "quota", quota=[sms, storage]) == pytest.approx(95)
    assert judge("quota_saturation", "quota", quota=[quota("sms", 0, 1000)]) == 0
    nothing = [quota("a", None, 10), quota("b", 0, 0), quota("c", 5, 0), quota("d", 9, 10, 365), quota("e", 9, 10, -1)]
    assert judge("quota_saturation", "quota", quota=nothing) is None


def test_open_rate_is_of_the_seats_bought(judge):
    assert judge("open_rate", "term", term=[term(200)], reading=opened(150)) == pytest.approx(75)
    assert judge("open_rate", "usage_day", term=[term(200)], usage_day=seen(50)) == pytest.approx(25)
    assert judge("open_rate", "usage_day", term=[term(200)]) == 0
    assert judge("open_rate", "term", term=[term(200)]) is None
    assert judge("open_rate", "term", term=[term(0)], reading=opened(150)) is None
    assert judge("open_rate", "term", reading=opened(150)) is None


def test_seat_saturation_is_of_those_who_come_and_may_pass_a_hundred(judge):
    usage = seen(90, ago=27) + [row | {"user": "gone"} for row in seen(1, ago=28)]
    assert judge("seat_saturation", "usage_day", usage_day=usage, term=[term(100)]) == pytest.approx(90)
    assert judge("seat_saturation", "usage_day", usage_day=usage, term=[term(60)]) == pytest.approx(150)
    assert judge("seat_saturation", "usage_day", term=[term(60)]) == 0
    assert judge("seat_saturation", "", usage_day=usage, term=[term(60)]) is None


@pytest.mark.parametrize(
    ("terms", "purchased"),
    [
        ([term(40), term(10, start=20)], 50),  # an expansion runs beside what it expands
        ([term(40, line="Sales"), term(25, line="Service")], 40),  # the same people use both
        ([term(40, line="Sales"), term(10, start=20, line="Sales"), term(45, line="Service")], 50),
        ([term(40, end=90)], 40),  # may still be renewed
        ([term(40, end=91)], None),
        ([term(40, start=400, end=35), term(60, start=35)], 60),  # renewed: the old one counts no more
        ([term(40, end=60), term(50, start=60, end=30), term(5, start=50, end=30)], 55),  # those that ended last
        ([term(40, end=0)], 40),
        ([term(40, start=-1)], None),
        ([term(40, start=0)], 40),
        ([term(None)], None),
        ([term(-5)], None),
    ],
)
def test_seats_bought(judge, terms, purchased):
    share = judge("open_rate", "term", term=terms, reading=opened(10))
    assert share == (None if purchased is None else pytest.approx(1000 / purchased, abs=0.006))


@pytest.mark.parametrize(
    ("contracts", "purchased"),
    [
        ([contract(40), contract(10)], 50),
        ([contract(40, end=None), contract(10, start=None, end=None)], 50),
        ([contract(40, start=-1)], None),
        ([contract(40, end=90)], 40),
        ([contract(40, end=91)], None),
        ([contract(40, end=35), contract(60, start=35)], 60),
    ],
)
def test_contracts_tell_seats_where_no_term_does(judge, contracts, purchased):
    share = judge("open_rate", "term", contract=contracts, term=[term(None)], reading=opened(10))
    assert share == (None if purchased is None else pytest.approx(1000 / purchased, abs=0.006))
    assert judge("open_rate", "term", contract=contracts, term=[term(25)], reading=opened(10)) == pytest.approx(40)


@pytest.mark.parametrize(
    ("terms", "growth"),
    [
        ([term(50, start=180)], 0),
        ([term(50, start=179)], None),  # no customer yet
        ([term(40, start=300), term(10, start=179)], 25),
        ([term(40, start=300, end=10), term(30, start=10)], -25),
        ([term(40, start=400, end=150)], None),  # left since
    ],
)
def test_seat_growth_is_over_180_days(judge, terms, growth):
    assert judge("seat_growth", "term", term=terms) == growth


@pytest.mark.parametrize(("grace", "known"), [(9, False), (10, True)])
def test_grace_is_the_configured_one(facts, library, grace, known):
    connection = facts({"account": [{"id": "sf:1", "name": "A"}], "term": [term(40, end=10)], "reading": opened(10)})
    measure(connection, [library.signals["open_rate"]], AS_OF, grace_days=grace)
    assert connection.sql("SELECT value FROM measured").fetchall() == ([(25.0,)] if known else [])


def user(name: str, *days_ago: int, account: str = "sf:1") -> list[Row]:
    return [{"account_id": account, "user": name, "day": day(ago), "logins": 1} for ago in days_ago]


def test_new_users_are_those_first_seen_in_the_window(judge):
    assert judge("new_users", "usage_day", usage_day=user("old", 100, 3) + user("new", 3)) == 1
    assert judge("new_users", "usage_day", usage_day=user("old", 100, 3)) == 0


@pytest.mark.parametrize(("first", "known"), [(27, False), (28, True)])
def test_nobody_is_new_where_usage_begins_within_the_window(judge, first, known):
    """The first weeks of a delivery would make every user a new one."""
    found = judge("new_users", "usage_day", usage_day=user("a", 3) + user("other", first, account="sf:2"))
    assert found == (1 if known else None)


def test_usage_begins_with_the_first_row_though_nobody_came(judge):
    """A row for every user and day, whether or not they came, tells that nobody did."""
    idle = [row | {"logins": 0} for row in user("a", 60)]
    assert judge("new_users", "usage_day", usage_day=idle + user("a", 3)) == 1
