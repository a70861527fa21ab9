"""Signals of activity on facts small enough to reckon by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from csconnect.compute.measure import measure

AS_OF = date(2026, 11, 22)  # a Sunday

Row = dict[str, Any]


def day(ago: int) -> date:
    return AS_OF - timedelta(days=ago)


def use(user: str, days_ago: list[int], account: str = "sf:1", **rest: Any) -> list[Row]:
    return [
        {"account_id": account, "user": user, "day": day(ago), "logins": 1, "events": 1, **rest} for ago in days_ago
    ]


def opened(value: float, ago: int = 0, **rest: Any) -> list[Row]:
    at = {"account_id": "sf:1", "metric": "opened_seats", "day": day(ago), "value": value}
    return [{"id": f"sf:o{ago}{value}", **at, **rest}]


def test_login_frequency_is_the_median_over_users_not_the_total(judge):
    """500 seats and one daily user do not make a busy account (field traps D)."""
    daily = use("keen", list(range(28)))
    others = [row for n in range(4) for row in use(f"u{n}", [n, n + 7])]
    assert judge("login_frequency", "usage_day", usage_day=daily + others) == pytest.approx(2 * 7 / 28)


def test_login_frequency_of_an_even_number_of_users_is_the_mean_of_the_middle_two(judge):
    usage = use("a", list(range(20))) + use("b", list(range(4)))
    assert judge("login_frequency", "usage_day", usage_day=usage) == pytest.approx((5 + 1) / 2)


@pytest.mark.parametrize("signal", ["login_frequency", "login_rate", "active_user_rate", "activity"])
def test_nobody_coming_is_zero_but_no_usage_delivered_is_unknown(judge, signal):
    assert judge(signal, "usage_day", reading=opened(10)) == 0
    assert judge(signal, "reading", reading=opened(10)) is None


@pytest.mark.parametrize(("signal", "window"), [("login_frequency", 28), ("login_rate", 7), ("active_user_rate", 28)])
def test_the_window_holds_exactly_its_days(judge, signal, window):
    for ago, counts in ((0, True), (window - 1, True), (window, False), (-1, False)):
        found = judge(signal, "usage_day", usage_day=use("a", [ago]), reading=opened(10))
        assert (found > 0) is counts, ago


@pytest.mark.parametrize(
    ("row", "there"),
    [
        ({"logins": 1, "events": 0}, True),
        ({"logins": 0, "events": 4}, True),  # a session that lasts for weeks
        ({"logins": 0, "events": 0, "modules": ["order"]}, True),
        ({"logins": 0, "events": 0, "modules": []}, False),  # a row for every user and day, whether or not they came
    ],
)
def test_a_day_counts_when_the_user_did_anything(judge, row, there):
    for signal in ("login_frequency", "login_rate"):
        found = judge(signal, "usage_day", usage_day=use("a", [3], **row), reading=opened(10))
        assert (found > 0) is there


def test_rates_are_of_the_opened_accounts(judge):
    """Ten open; three came in the past week, four in the past four, one before."""
    usage = use("a", [0, 1]) + use("b", [6]) + use("c", [3, 20]) + use("d", [7]) + use("e", [28])
    assert judge("login_rate", "usage_day", usage_day=usage, reading=opened(10)) == pytest.approx(30)
    assert judge("active_user_rate", "usage_day", usage_day=usage, reading=opened(10)) == pytest.approx(40)


def test_where_no_reading_tells_the_users_ever_seen_are_those_opened(judge):
    usage = use("a", [0]) + use("b", [300]) + use("c", [10]) + use("d", [100])
    assert judge("active_user_rate", "usage_day", usage_day=usage) == pytest.approx(50)
    old = opened(40, 365)  # a reading of more than a year ago tells nothing
    assert judge("active_user_rate", "usage_day", usage_day=usage, reading=old) == pytest.approx(50)
    of_a_module = opened(40, module="order")
    assert judge("active_user_rate", "usage_day", usage_day=usage, reading=of_a_module) == pytest.approx(50)


def test_the_newest_reading_counts(judge):
    readings = opened(5, 200) + opened(20, 10) + opened(90, -1)
    assert judge("login_rate", "usage_day", usage_day=use("a", [0]), reading=readings) == pytest.approx(5)
    same_day = opened(8, 10) + opened(20, 10) + opened(4, 10)  # two sources: the larger
    assert judge("login_rate", "usage_day", usage_day=use("a", [0]), reading=same_day) == pytest.approx(5)


def test_none_open_is_no_denominator(judge):
    assert judge("login_rate", "usage_day", usage_day=use("a", [0]), reading=opened(0)) is None
    assert judge("activity", "usage_day", reading=opened(0)) is None


def test_activity_is_the_mean_share_of_opened_users_on_a_working_day(judge):
    """Five open. One comes on every day of four weeks, the weekends included; one on all ten working days of two weeks: 30 of 100."""
    weekends = {ago for ago in range(28) if day(ago).weekday() >= 5}
    usage = use("a", list(range(28))) + use("b", [ago for ago in range(14) if ago not in weekends])
    first = use("c", [60])
    assert len(weekends) == 8
    assert judge("activity", "usage_day", usage_day=usage + first, reading=opened(5)) == pytest.approx(100 * 30 / 100)


def test_activity_looks_at_whole_weeks_since_the_first_use(judge):
    """Who began 16 days ago is judged by the two whole weeks since; who began five days ago is not yet."""
    work = [ago for ago in range(14) if day(ago).weekday() < 5]
    assert judge("activity", "usage_day", usage_day=use("a", [*work, 16]), reading=opened(1)) == pytest.approx(100)
    assert judge("activity", "usage_day", usage_day=use("a", [0, 1, 2, 5]), reading=opened(1)) is None


def test_idle_days(judge):
    assert judge("idle_days", "usage_day", usage_day=use("a", [40, 9]) + use("b", [12]) + use("c", [-2])) == 9
    assert judge("idle_days", "usage_day", usage_day=use("a", [0])) == 0
    assert judge("idle_days", "", usage_day=use("a", [3])) is None


@pytest.mark.parametrize(("began", "expected"), [(30, 30), (500, 200)])
def test_who_never_came_is_idle_since_the_term_began_as_far_back_as_usage_is_known(judge, began, expected):
    term = {"id": "sf:t", "account_id": "sf:1", "start": day(began), "end": day(-100)}
    elsewhere = use("x", [200], account="sf:2")
    assert judge("idle_days", "usage_day", usage_day=elsewhere, term=[term]) == expected


def test_who_never_came_and_has_no_term_is_idle_since_the_record_was_made(judge):
    account = {"id": "sf:1", "name": "A", "created_at": datetime(2026, 11, 2, 9, tzinfo=UTC)}
    elsewhere = use("x", [200], account="sf:2")
    assert judge("idle_days", "usage_day", usage_day=elsewhere, account=[account]) == 20
    assert judge("idle_days", "usage_day", usage_day=elsewhere) is None
    assert judge("idle_days", "usage_day", account=[account]) is None


def test_online_time_is_the_mean_of_the_readings_of_four_weeks(judge):
    told = [(0, 30.0, None), (27, 60.0, None), (28, 500.0, None), (-1, 500.0, None), (5, 500.0, "order")]
    rows = [
        {
            "id": f"sf:r{ago}",
            "account_id": "sf:1",
            "metric": "online_minutes",
            "day": day(ago),
            "value": value,
            "module": m,
        }
        for ago, value, m in told
    ]
    assert judge("online_time", "reading", reading=rows) == pytest.approx(45)
    assert judge("online_time", "reading", reading=rows[2:]) is None


def weekly(counts: list[int], account: str = "sf:1") -> list[Row]:
    """``counts[w]`` user-days in week w back from the day, each by a user of its own; the oldest on the week's first day."""
    return [
        row
        for week, count in enumerate(counts)
        for n in range(count)
        for row in use(f"u{n:02}", [7 * week + (6 if n == 0 else n % 7)], account)
    ]


def changed(facts, library, signal: str, usage: list[Row], country: dict[str, str] | None = None) -> float | None:
    keys = sorted({row["account_id"] for row in usage})
    accounts = [{"id": key, "name": key, "country": (country or {}).get(key)} for key in keys]
    delivery = [{"account_id": key, "entity": "usage_day"} for key in keys]
    connection = facts({"account": accounts, "delivery": delivery, "usage_day": usage})
    measure(connection, [library.signals[signal]], AS_OF)
    return dict(connection.sql("SELECT account_id, value FROM measured").fetchall()).get("sf:1")


def test_usage_change_is_of_four_weeks_against_those_before(judge):
    """From ten user-days a week to six."""
    assert judge("usage_change", "usage_day", usage_day=weekly([6] * 4 + [10] * 12)) == pytest.approx(-40)
    assert judge("usage_change", "usage_day", usage_day=weekly([10] * 16)) == pytest.approx(0)
    assert judge("active_users_change", "usage_day", usage_day=weekly([15] * 2 + [10] * 8)) == pytest.approx(50)


def test_one_quiet_week_of_the_customers_own_raises_no_alarm_and_two_do(judge):
    """A quarter's end, a company meeting (decks 001:1350-1355)."""
    assert judge("usage_change", "usage_day", usage_day=weekly([10, 0, 10, 10] + [10] * 12)) == pytest.approx(0)
    assert judge("usage_change", "usage_day", usage_day=weekly([0, 0, 10, 10] + [10] * 12)) == pytest.approx(-33.33)
    quiet_before = [10] * 4 + [1, 10, 10, 10] * 3
    assert judge("usage_change", "usage_day", usage_day=weekly(quiet_before)) == pytest.approx(0)


@pytest.mark.parametrize(("weeks", "known"), [(7, False), (8, True)])
def test_change_needs_four_whole_weeks_before(judge, weeks, known):
    assert (judge("usage_change", "usage_day", usage_day=weekly([10] * weeks)) is not None) is known


def test_change_from_nothing_is_undefined_and_to_nothing_is_minus_hundred(judge):
    returned = weekly([5] * 4 + [0] * 12) + use("old", [300])
    assert judge("usage_change", "usage_day", usage_day=returned) is None
    assert judge("usage_change", "usage_day", usage_day=weekly([0] * 4 + [10] * 12)) == pytest.approx(-100)


HOLIDAY = [8, 2, 2, 8] + [8] * 12
"""Golden week: two weeks of which holidays took most."""


def market(counts: list[int], accounts: int) -> list[Row]:
    return [row for n in range(accounts) for row in weekly(counts, f"sf:m{n:02}")]


def test_a_holiday_that_the_market_has_is_no_fall(facts, library):
    """Nineteen accounts are too few to tell a holiday from a customer's own; with twenty the week counts for what it was worth."""
    own = weekly(HOLIDAY)
    alone = changed(facts, library, "usage_change", own + market(HOLIDAY, 18))
    among = changed(facts, library, "usage_change", own + market(HOLIDAY, 19))
    assert alone == pytest.approx(-25)
    assert among == pytest.approx(0)


def test_working_through_a_holiday_hides_no_fall(facts, library):
    """From eight a week to four, before and after the holiday, in a market that rested."""
    own = weekly([4, 1, 1, 4] + [8] * 12)
    assert changed(facts, library, "usage_change", own + market(HOLIDAY, 24)) == pytest.approx(-50)


@pytest.mark.parametrize(("others", "change"), [(18, -25), (19, 0)])
def test_each_country_has_its_own_holidays(facts, library, others, change):
    """Twenty Chinese accounts rested, forty others did not: each is judged among its own, and a country of which there are fewer
    among all."""
    rested, worked = market(HOLIDAY, others), market([8] * 16, 40)
    worked = [row | {"account_id": row["account_id"] + "x"} for row in worked]
    countries = {row["account_id"]: "CN" for row in rested}
    usage = weekly(HOLIDAY) + rested + worked
    assert changed(facts, library, "usage_change", usage, countries | {"sf:1": "CN"}) == pytest.approx(change)
    assert changed(facts, library, "usage_change", usage, countries | {"sf:1": "TW"}) == pytest.approx(-25)


def test_activity_counts_a_holiday_week_for_what_was_left_of_it(facts, library):
    """One user-day less than the gate asks must not be the holiday's doing."""
    work = [ago for ago in range(112) if day(ago).weekday() < 5]
    rested = [ago for ago in work if not 7 <= ago < 14]

    def company(key: str, days: list[int]) -> list[Row]:
        return [row for n in range(2) for row in use(f"u{n}", days, key)]

    keys = [f"sf:m{n:02}" for n in range(20)]
    usage = [row for key in keys for row in company(key, rested)] + company("sf:1", rested) + use("u0", [118])
    assert changed(facts, library, "activity", usage) == pytest.approx(100)
    others = [row for key in keys for row in company(key, work)]
    assert changed(facts, library, "activity", others + company("sf:1", rested)) == pytest.approx(75)


@pytest.mark.parametrize(
    ("signal", "says", "weeks"), [("idle_days", 7, 1), ("usage_change", -30, 2), ("activity", 20, 4)]
)
def test_gt14_who_stops_is_seen_within_weeks(judge, signal, says, weeks):
    """A window of thirteen weeks was about six weeks late (decks 001:1350-1355). The days of silence speak after one, usage against
    the weeks before after two, and the activity gate, at which a customer is nearly lost, after four."""

    def after(quiet: int) -> float:
        work = [ago for ago in range(7 * quiet, 112 + 7 * quiet) if day(ago).weekday() < 5]
        usage = [row for n in range(10) for row in use(f"u{n}", work)]
        found = judge(signal, "usage_day", usage_day=usage, reading=opened(10))
        assert found is not None
        return found

    def spoken(value: float) -> bool:
        return value >= says if signal == "idle_days" else value <= says if says < 0 else value < says

    assert [spoken(after(quiet)) for quiet in range(weeks + 1)] == [False] * weeks + [True]


def test_a_market_is_learnt_from_its_first_thousand_accounts(facts, library):
    """As many as tell what a week was worth; a hundred thousand would cost more and say the same."""
    connection = facts({})
    for rested, level in ((499, 1.0), (501, 0.0)):
        connection.execute(
            """CREATE OR REPLACE TEMP TABLE active_week AS
            SELECT 'a' || lpad(account::VARCHAR, 4, '0') AS account_id, 'CN' AS market, 8 AS weeks, week,
                CASE WHEN week = 1 AND account < ? THEN 0 ELSE 10 END AS users, users AS user_days, users AS work_days
            FROM range(2500) a(account), range(8) w(week)""",
            [rested],
        )
        (rollup,) = (each for each in library.signals["usage_change"].rollups if each.name == "market_week")
        found = connection.sql(rollup.sql(AS_OF, grace_days=0)).fetchall()
        assert {(market, week): days for market, week, days, _ in found}["CN", 1] == pytest.approx(level)
