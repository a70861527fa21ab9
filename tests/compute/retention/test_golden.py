"""The numbers of the sources, to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from .conftest import line, term

D = Decimal


def test_gt01_arr_at_the_end_of_the_year_is_mrr_times_twelve(tell):
    """MRR 12,000,000 on 31 December is ARR 144,000,000 (decks 000:119-121)."""
    december = term("t", "2026-12-01", "2027-01-01", "12000000")
    told = tell("2026-12-31", term=[december])
    running = [row for row in told.rows("sold_line") if row["counts_from"] <= told.as_of < row["counts_until"]]
    assert [row["arr"] for row in running] == [D("144000000.00")]


def test_gt02_two_hundred_of_eleven_hundred_cancel(tell):
    """1,100 customers at opening, 200 cancel: 18 % churn, 82 % stay (decks 000:126-127; INC-01: cancelled over opening)."""
    keys = [f"sf:{number}" for number in range(1100)]
    terms = [term(f"a{key}", "2025-01-01", "2026-01-01", "100", account_id=key) for key in keys]
    terms += [
        term(f"b{key}", "2026-01-01", "2027-01-01", "100", account_id=key, nature="renewal") for key in keys[200:]
    ]
    joiners = [term(f"c{key}", "2025-07-01", "2027-07-01", "100", account_id=f"{key}j") for key in keys[:50]]
    accounts = [{"id": key, "name": key} for key in keys] + [{"id": f"{key}j", "name": key} for key in keys[:50]]
    told = tell("2026-06-01", account=accounts, term=terms + joiners)
    (row,) = told.opening("2025")
    assert (row["opening_customers"], row["churned_customers"], row["retained_customers"]) == (1100, 200, 900)
    assert row["logo_churn_rate"] == pytest.approx(200 / 1100)
    assert row["renewal_rate_count_opening"] == pytest.approx(900 / 1100)
    (due,) = told.due("2025")
    assert (due["due_customers"], due["renewed_customers"], due["settled"]) == (1100, 900, True)
    assert due["renewal_rate_count_due"] == pytest.approx(900 / 1100)


def test_g1_tcv_over_five_years(tell):
    """TCV 50,000,000 over five years is ARR 10,000,000 (book §2.5.4), and one due line at its end."""
    told = tell("2026-06-01", term=[term("t", "2024-01-01", "2029-01-01", "50000000")])
    (due,) = told.rows("due_line")
    assert (due["arr"], due["due_on"]) == (D("10000000.00"), date(2029, 1, 1))
    (row,) = told.opening("2026")
    assert (row["opening_arr"], row["ndr"]) == (D("10000000.00"), 1.0)
    assert told.due("2026") == []


def test_g2_a_contract_of_five_years_and_one_of_one(tell):
    """A: 50,000,000 over five years; B: 20,000,000 a year. B is worth twice A in every year, whatever was signed."""
    accounts = [{"id": key, "name": key} for key in ("sf:a", "sf:b")]
    terms = [
        term("a", "2024-01-01", "2029-01-01", "50000000", account_id="sf:a"),
        term("b", "2024-01-01", "2025-01-01", "20000000", account_id="sf:b"),
        term("c", "2025-01-01", "2026-01-01", "20000000", account_id="sf:b", nature="renewal"),
    ]
    told = tell("2025-12-31", account=accounts, term=terms)
    totals = dict.fromkeys(("sf:a", "sf:b"), D(0))
    for year, expected in ((2024, (D(10000000), D(20000000))), (2025, (D(20000000), D(40000000)))):
        told.opening(str(year))
        for row in told.rows("cohort"):
            totals[row["account_id"]] += row["opening"]
        assert tuple(totals.values()) == expected


def test_g3_three_contracts_and_no_fourth(tell):
    """10, 12, 15 million and then nothing: 120 %, 125 %, 0 % (book §2.5.4)."""
    terms = [
        term("a", "2021-07-01", "2022-07-01", "10000000"),
        term("b", "2022-07-01", "2023-07-01", "12000000", nature="renewal"),
        term("c", "2023-07-01", "2024-07-01", "15000000", nature="renewal"),
    ]
    told = tell("2025-01-01", term=terms)
    found = {year: told.due(year) for year in ("2021", "2022", "2023", "2024", "2025")}
    rates = {year: row[0]["renewal_rate_amount_due"] for year, row in found.items() if row}
    assert rates == {"2022": pytest.approx(1.2), "2023": pytest.approx(1.25), "2024": 0.0}
    assert (found["2024"][0]["renewed_arr"], found["2024"][0]["due_arr"]) == (D(0), D("15000000.00"))
    assert told.opening("2022")[0]["ndr"] == pytest.approx(1.2)
    assert sum(row["amount"] for row in told.rows("sold_line")) == D(37000000)


def test_g5_more_than_all_of_it_is_churn_below_zero(tell):
    """An amount rate of 108 % is amount churn of -8 % (book §2.5.4)."""
    terms = [
        term("a", "2025-01-01", "2026-01-01", "100"),
        term("b", "2026-01-01", "2027-01-01", "108", nature="renewal"),
    ]
    told = tell("2026-06-01", term=terms)
    (row,) = told.opening("2025")
    assert (row["ndr"], row["amount_churn_rate"]) == (pytest.approx(1.08), pytest.approx(-0.08))
    assert (row["grr"], row["renewal_rate_amount_opening"], row["expansion_arr"]) == (1.0, 1.0, D("8.00"))
    assert told.due("2025")[0]["renewal_rate_amount_due"] == pytest.approx(1.08)


@pytest.mark.parametrize(
    "told_line",
    [
        line("l", "12000", term_id="sf:t"),
        line("l", "12000", "2025-01-01", "2026-01-01", term_id="sf:t"),  # nobody credits single lines
        line("l", "12000", "2025-01-01", "2026-01-01", term_id="sf:t")
        | {"end": date(2026, 7, 1), "credited_days": 181},
    ],
    ids=["undated", "its-terms", "its-own"],
)
def test_g24_a_service_credit_moves_the_end_and_nothing_else(tell, told_line):
    """Half a year in which the customer could not use it is given back (book §7.2.2): months and ARR stay, it is due later."""
    year = term("t", "2025-01-01", "2026-01-01", "12000")
    credited = year | {"end": year["end"] + timedelta(days=181), "credited_days": 181}
    told = tell("2025-06-01", term=[credited], contract_line=[told_line])
    (sold,) = told.rows("sold_line")
    assert (sold["end"], sold["months"], sold["arr"]) == (date(2026, 7, 1), D(12), D("12000.00"))
    assert told.cycle("2026-07-01")["due_arr"] == D("12000.00")
    assert told.due("2025") == []
    assert told.due("2026-06")[0]["due_arr"] == D("12000.00")
