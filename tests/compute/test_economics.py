"""Lifetime, lifetime value, the principle of three and the commission, with the numbers of the sources."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.economics import (
    Commission,
    breaks_even,
    clt,
    commission,
    healthy_economics,
    ltv,
    ltv_cac,
    ltv_to_date,
    recognised,
)
from csconnect.compute.rate import Rate

TEN_THOUSAND = Decimal(10_000)
"""万"""


def test_gt02_two_hundred_of_eleven_hundred_cancel():
    """18 % churn, 5.5 years (decks 000:126-127, 002:19; INC-01: who cancelled, not who renewed)."""
    churn = Rate(Decimal(200), Decimal(1100))
    assert round(churn.value, 6) == Decimal("0.181818")
    assert round(Rate(Decimal(900), Decimal(1100)).value, 6) == Decimal("0.818182")
    assert round(clt(churn.value), 20) == Decimal("5.5")


def test_gt07_thirty_thousand_a_year_for_five_years():
    """Churn of 20 % is five years (decks 002:18-19)."""
    assert clt(Decimal("0.2")) == 5
    assert ltv(Decimal(30_000), Decimal("0.2")) == 150_000


@pytest.mark.parametrize("churn", [None, Decimal(0)])
def test_without_churn_a_life_has_no_length(churn):
    assert clt(churn) is None
    assert ltv(Decimal(30_000), churn) is None


@pytest.mark.parametrize(
    ("value", "healthy", "even"),
    [("300", False, True), ("300.01", True, True), ("100", False, True), ("99.99", False, False)],
)
def test_g6_three_times_is_not_more_than_three_times(value, healthy, even):
    """Healthy is LTV > 3 x CAC, break-even LTV = CAC (book §2.5.4)."""
    assert healthy_economics(Decimal(value), Decimal(100)) is healthy
    assert breaks_even(Decimal(value), Decimal(100)) is even
    assert ltv_cac(Decimal(value), Decimal(100)) == Decimal(value) / 100


@pytest.mark.parametrize(("value", "cost"), [(None, Decimal(1)), (Decimal(1), None), (Decimal(1), Decimal(0))])
def test_what_is_unknown_is_neither_healthy_nor_not(value, cost):
    assert healthy_economics(value, cost) is None
    assert breaks_even(value, cost) is None
    assert ltv_cac(value, cost) is None


def test_g3_all_that_one_customer_brought():
    """1,000, 1,200, 1,500 (万) and no more: 3,700 to date, which is another figure than LTV (book §2.5.4)."""
    assert ltv_to_date(amount * TEN_THOUSAND for amount in map(Decimal, (1000, 1200, 1500))) == 3700 * TEN_THOUSAND
    assert ltv_to_date([]) == 0


def test_g2_the_greater_contract_earns_less():
    """A: 5,000 (万) over five years; B: 2,000 a year, renewed. 1,000 and 2,000 after a year, 2,000 and 4,000 after two, and B always
    twice A (book §2.5.4)."""
    five, year = Decimal(60), Decimal(12)
    for passed in range(1, 61):
        a = recognised(5000 * TEN_THOUSAND, five, Decimal(passed))
        b = sum(recognised(2000 * TEN_THOUSAND, year, Decimal(passed - 12 * n)) for n in range(5))
        assert abs(b - 2 * a) <= Decimal("0.03")
        assert passed % 12 or (a, b) == (passed // 12 * 1000 * TEN_THOUSAND, passed // 12 * 2000 * TEN_THOUSAND)


@given(st.decimals(-(10**9), 10**9, places=2), st.integers(1, 120), st.integers(-5, 130))
def test_revenue_is_recognised_as_the_months_pass(amount, months, passed):
    done = min(max(passed, 0), months)
    exact = Fraction(amount) * Fraction(done, months)
    assert abs(Fraction(recognised(amount, Decimal(months), Decimal(passed))) - exact) <= Fraction(1, 200)


def test_gt08_a_thousand_and_a_tenth_more_for_six_percent():
    """Healthy ARR of 1,200,000 at 1 %: 1,000; month-on-month of 106 %: 1,100 (decks 001:1445-1447)."""
    rule = Commission()
    assert commission(Decimal(1_200_000), rule, Decimal(1)) == 1_000
    assert commission(Decimal(1_200_000), rule, Decimal("1.06")) == 1_100


@pytest.mark.parametrize(
    ("mom", "coefficient"),
    [("0", "0.8"), ("0.9999", "0.8"), ("1.00", "1"), ("1.05", "1"), ("1.0501", "1.1"), ("2", "1.1")],
)
def test_the_neutral_band_begins_at_one(mom, coefficient):
    """[1.00, 1.05], not [0.99, 1.01]; below it 0.8, not 0.9 (decks 001:1448-1455)."""
    assert Commission().coefficient(Decimal(mom)) == Decimal(coefficient)


def test_a_month_without_one_before_it_has_no_commission_yet():
    assert commission(Decimal(1_200_000), Commission(), None) is None


def test_the_rule_is_a_setting():
    steep = Commission(Decimal("0.02"), (Decimal("0.9"), Decimal(1)), Decimal(2), Decimal(0))
    assert [commission(Decimal(12_00), steep, Decimal(mom)) for mom in ("0.8", "0.9", "1", "1.1")] == [0, 2, 2, 4]
