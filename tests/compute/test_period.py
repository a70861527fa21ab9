"""Periods are whole, meet without a gap, and what is none says how to write one. A rate without a base has no value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.period import Period, months_of, parse_period
from csconnect.compute.rate import Rate
from csconnect.errors import ConfigError

YEARS = st.integers(1, 9997)
STARTS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("text", "starts", "start", "end"),
    [
        ("2026", 1, date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-Q1", 1, date(2026, 1, 1), date(2026, 4, 1)),
        ("2026-Q4", 1, date(2026, 10, 1), date(2027, 1, 1)),
        ("2026-05", 1, date(2026, 5, 1), date(2026, 6, 1)),
        ("2026-12", 1, date(2026, 12, 1), date(2027, 1, 1)),
        ("2026", 4, date(2026, 4, 1), date(2027, 4, 1)),
        ("2026-Q2", 4, date(2026, 7, 1), date(2026, 10, 1)),
        ("2026-Q4", 4, date(2027, 1, 1), date(2027, 4, 1)),
        ("2026-Q1", 12, date(2026, 12, 1), date(2027, 3, 1)),
        ("2026-02", 7, date(2026, 2, 1), date(2026, 3, 1)),
    ],
)
def test_what_people_write(text, starts, start, end):
    period = parse_period(text, starts)
    assert (period.start, period.end, period.name) == (start, end, text)
    assert (period.opening, period.closing) == (start, end)


def test_a_small_q_is_a_quarter():
    assert parse_period("2026-q2") == parse_period("2026-Q2")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-Q0",
        "2026-5",
        "2026/05",
        " 2026",
        "2026\n",
        "0000",
        "9999",
        "٢٠٢٦",
    ],
)
def test_what_is_no_period_is_told_the_three_forms(text):
    with pytest.raises(ConfigError) as told:
        parse_period(text)
    assert all(form in str(told.value) for form in ("2026,", "2026-Q2", "2026-05"))


@pytest.mark.parametrize("month", [0, 13, -1])
def test_a_fiscal_year_starts_in_a_month(month):
    with pytest.raises(ConfigError, match="1 to 12"):
        parse_period("2026", month)


@pytest.mark.parametrize("end", [date(2026, 5, 1), date(2026, 4, 30)])
def test_a_period_holds_a_day(end):
    with pytest.raises(ConfigError, match="no period runs"):
        Period(date(2026, 5, 1), end, "none")


@given(YEARS, STARTS)
def test_the_parts_of_a_year_are_the_year(year, starts):
    """Quarters and months follow each other without a gap, and the next year opens on the day on which this one closes."""
    whole = parse_period(f"{year:04}", starts)
    quarters = [parse_period(f"{year:04}-Q{number}", starts) for number in (1, 2, 3, 4)]
    months = months_of(whole)
    for parts in (quarters, months):
        assert [part.start for part in parts] == [whole.start, *(part.end for part in parts[:-1])]
        assert parts[-1].end == whole.end
    assert [month for quarter in quarters for month in months_of(quarter)] == months
    assert len(months) == 12
    assert all(parse_period(month.name, starts) == month for month in months if month.start.year < 9998)
    if year < 9997:
        assert parse_period(f"{year + 1:04}", starts).opening == whole.closing


def test_a_cut_month_holds_only_the_days_of_its_period():
    odd = Period(date(2026, 11, 20), date(2027, 1, 2), "odd")
    assert [(part.start, part.end, part.name) for part in months_of(odd)] == [
        (date(2026, 11, 20), date(2026, 12, 1), "2026-11"),
        (date(2026, 12, 1), date(2027, 1, 1), "2026-12"),
        (date(2027, 1, 1), date(2027, 1, 2), "2027-01"),
    ]


def test_a_rate_keeps_its_halves():
    lost = Rate(Decimal(200), Decimal(1100))
    assert lost.plain() == {"part": "200", "base": "1100", "value": 0.1818181818}
    assert Rate(Decimal("0.50"), Decimal("0.40")).value == Decimal("1.25")


@pytest.mark.parametrize("part", [0, 5, -5])
def test_without_a_base_there_is_no_rate(part):
    """Undefined is not zero (book §2.2)."""
    none = Rate(Decimal(part), Decimal(0))
    assert none.value is None
    assert none.plain()["value"] is None
