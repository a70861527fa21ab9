"""What open renewals were expected to bring, against what they brought."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from csconnect.compute.forecast import forecasts, outcomes, week_of
from csconnect.compute.forecast_error import (
    Forecast,
    before_close,
    before_quarter_end,
    noted,
    quarters_over,
    summed,
)
from csconnect.compute.period import parse_period

from .conftest import RULES, term

P = 10000


def deal(**more):
    told = {"id": "sf:o", "account_id": "sf:1", "kind": "renewal", "status": "open", "currency": "CNY"}
    return told | {"close_on": date(2026, 12, 28), "owner_id": "sf:u"} | more


OFFERS = {"2026-10-05": (1.1 * P, 12), "2026-11-02": (P, 12), "2026-11-30": (3 * P, 36), "2026-12-14": (2 * P, 24)}
"""Day -> what was on the table, and for how many months."""


@pytest.fixture
def negotiation(tell):
    """Snapshots of the four offers, and what the renewal brought: what the renewal's order says."""
    year = term("a", "2026-01-01", "2027-01-01", str(P))
    rows = []
    for day, (amount, months) in OFFERS.items():
        told = tell(day, term=[year], opportunity=[deal(amount=D(amount), months=D(months))])
        rows += forecasts(told.facts, told.as_of, RULES).to_pylist()
    signed = {"nature": "renewal", "signed_on": date(2026, 12, 28)}
    won = deal(amount=D(2 * P), months=D(24), status="won", closed_at=datetime(2026, 12, 28, 9, tzinfo=UTC))
    after = tell(
        "2027-01-04", term=[year, term("b", "2027-01-01", "2029-01-01", str(2 * P), **signed)], opportunity=[won]
    )
    return rows, outcomes(after.facts, after.as_of, RULES).to_pylist(), after


def test_g21_ten_percent_more_was_offered_and_the_same_was_signed(negotiation):
    """P x 1.10 is offered, the customer wants P, then P a year for three years, then for two (book §7.3.2)."""
    rows, closed, after = negotiation
    assert [row["amount"] for row in rows] == [D("11000.00"), D("10000.00"), D("30000.00"), D("20000.00")]
    assert {(row["due_on"], row["due_arr"]) for row in rows} == {(date(2027, 1, 1), D("10000.00"))}
    history = noted(rows, closed)
    assert [each.error for each in history] == [D("0.1"), 0, 0, 0]
    assert [each.hit for each in history] == [False, True, True, True]
    (due,) = after.due("2026")
    assert (due["due_arr"], due["renewed_arr"], due["renewal_rate_amount_due"]) == (P, P, 1.0)
    (order,) = [row for row in after.rows("sold_line") if row["nature"] == "renewal"]
    assert (order["months"], order["amount"]) == (24, 2 * P)


def test_the_forecast_of_two_weeks_before_the_close_is_the_newest_that_is_old_enough(negotiation):
    """Closed on 28 December: that of the 14th is just old enough."""
    rows, closed, _ = negotiation
    (kept,) = before_close(noted(rows, closed))
    assert (kept.day, kept.expected, kept.won) == (date(2026, 12, 14), D("10000.00"), D("10000.00"))
    earlier = [row for row in rows if row["day"] < date(2026, 12, 14)]
    assert before_close(noted(earlier, closed)) == [], "that of 30 November is too old to speak for it"


def test_what_closes_after_the_quarter_brought_nothing_in_it(negotiation):
    rows, closed, _ = negotiation
    (kept,) = before_quarter_end(rows, closed, parse_period("2026-Q4"))
    assert (kept.day, kept.until, kept.error) == (date(2026, 12, 14), date(2026, 12, 31), 0)
    late = [closed[0] | {"closed_on": date(2027, 1, 1)}]
    (slipped,) = before_quarter_end(rows, late, parse_period("2026-Q4"))
    assert (slipped.expected, slipped.won, slipped.error, slipped.hit) == (D("10000.00"), 0, None, False)
    assert before_quarter_end(rows, [], parse_period("2026-Q4"))[0].won == 0, "nor what is still open"


def test_what_is_expected_after_the_quarter_is_not_of_it(negotiation):
    rows, closed, _ = negotiation
    later = [row | {"close_on": date(2027, 1, 2)} for row in rows]
    assert before_quarter_end(later, closed, parse_period("2026-Q4")) == []
    assert before_quarter_end(rows, closed, parse_period("2026-Q3")) == [], "nothing was noted then"


def test_without_months_of_its_own_an_offer_is_as_long_as_what_it_renews(tell):
    told = tell(
        "2026-11-02", term=[term("a", "2024-01-01", "2027-01-01", "36000")], opportunity=[deal(amount=D(36000))]
    )
    (row,) = forecasts(told.facts, told.as_of, RULES).to_pylist()
    assert (row["months"], row["arr"], row["due_arr"]) == (36.0, D("12000.00"), D("12000.00"))


def test_only_open_renewals_are_noted(tell):
    deals = [
        deal(id="sf:1", amount=D(1)),
        deal(id="sf:2", kind="new"),
        deal(id="sf:3", status="won", closed_at=datetime(2026, 11, 1, tzinfo=UTC)),
        deal(id="sf:4", status="void"),
        deal(id="sf:5", account_id="sf:9"),
    ]
    told = tell("2026-11-02", term=[term("a", "2026-01-01", "2027-01-01", "1")], opportunity=deals)
    assert [row["opportunity_id"] for row in forecasts(told.facts, told.as_of, RULES).to_pylist()] == ["sf:1"]


@pytest.mark.parametrize(("status", "brought"), [("lost", D(0)), ("won", D("500.00"))])
def test_without_an_order_the_opportunity_says_what_it_brought(tell, status, brought):
    closed = deal(amount=D(1000), months=D(24), status=status, closed_at=datetime(2026, 12, 20, tzinfo=UTC))
    told = tell("2027-02-01", term=[term("a", "2026-01-01", "2027-01-01", "900")], opportunity=[closed])
    (row,) = outcomes(told.facts, told.as_of, RULES).to_pylist()
    assert (row["arr"], row["closed_on"]) == (brought, date(2026, 12, 20))


def test_an_order_says_more_than_the_outcome_somebody_noted(tell):
    """Lost in the CRM, and yet the customer signed."""
    terms = [
        term("a", "2026-01-01", "2027-01-01", "900"),
        term("b", "2027-01-01", "2028-01-01", "800", nature="renewal"),
    ]
    closed = deal(amount=D(1000), status="lost", closed_at=datetime(2026, 12, 20, tzinfo=UTC))
    told = tell("2027-02-01", term=terms, opportunity=[closed])
    assert outcomes(told.facts, told.as_of, RULES).to_pylist()[0]["arr"] == D("800.00")


ONE = Forecast("o", "a", "u", "CNY", date(2026, 12, 1), date(2026, 12, 20), D(110), D(100))


def test_sums_are_over_all_and_by_owner_and_never_over_currencies():
    parts = [ONE, replace(ONE, expected=D(100)), replace(ONE, owner_id=None, won=D(0)), replace(ONE, currency="USD")]
    found = [
        (each.owner_id, each.whole, each.currency, each.forecasts, each.hits, each.error) for each in summed(parts)
    ]
    assert found == [
        (None, True, "CNY", 3, 1, D("0.6")),
        (None, True, "USD", 1, 0, D("0.1")),
        ("u", False, "CNY", 2, 1, D("0.05")),
        ("u", False, "USD", 1, 0, D("0.1")),
        (None, False, "CNY", 1, 0, None),
    ]


@pytest.mark.parametrize(("expected", "hit"), [("105", True), ("105.01", False), ("95", True), ("94.99", False)])
def test_a_hit_is_within_five_percent(expected, hit):
    assert replace(ONE, expected=D(expected)).hit is hit


def test_quarters_are_those_that_were_noted_and_are_over():
    days = [date(2026, 8, 3), date(2026, 11, 2)]
    assert [each.name for each in quarters_over(days, date(2027, 1, 1))] == ["2026-Q3", "2026-Q4"]
    assert [each.name for each in quarters_over(days, date(2026, 12, 31))] == ["2026-Q3"]
    assert [each.name for each in quarters_over(days, date(2027, 1, 31), 2)] == ["2026-Q3"], (
        "the fourth ends in January"
    )
    assert quarters_over([], date(2027, 1, 1)) == []


def test_a_week_is_monday_to_sunday():
    assert week_of(date(2026, 11, 22)) == [date(2026, 11, day) for day in range(16, 23)]
    assert week_of(date(2026, 11, 16)) == week_of(date(2026, 11, 22))
