"""A renewal is worth what falls due: expansions are in it, contractions and one-off fees are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from csconnect.compute.renewal_amount import with_amounts
from csconnect.compute.terms import term_states

from .conftest import RULES, line, term

D = Decimal
YEAR = ("2026-01-01", "2027-01-01")


@pytest.mark.parametrize(
    ("lines", "amount", "worth"),
    [
        ([], "1200", "1200"),
        ([line("l", "1200", *YEAR, term_id="sf:t")], "1200", "1200"),
        ([line("l", "1200", *YEAR, term_id="sf:t"), line("m", "300", "2026-07-01", "2027-01-01")], "1200", "1800"),
        (
            [line("l", "1200", *YEAR, term_id="sf:t"), line("f", "500", *YEAR, term_id="sf:t", billing="one_off")],
            "1700",
            "1200",
        ),
        ([line("l", "1200", *YEAR, term_id="sf:t", currency="USD")], "1200", "1200"),
        ([line("l", None, *YEAR, term_id="sf:t")], "1200", "1200"),
        ([], None, None),
    ],
    ids=["no-lines", "its-line", "expanded", "one-off", "other-currency", "line-untold", "unknown"],
)
def test_what_a_renewal_is_worth(tell, lines, amount, worth):
    told = tell("2026-10-15", term=[term("t", *YEAR, amount)], contract_line=lines)
    (row,) = with_amounts(told.facts, term_states(told.facts, told.as_of, RULES)).to_pylist()
    assert row["renewal_amount"] == (None if worth is None else D(worth))
    assert row["amount"] == (None if amount is None else D(amount))


def test_three_years_that_do_not_divide_keep_their_cent(tell):
    told = tell("2026-10-15", term=[term("t", "2024-01-01", "2027-01-01", "1000")])
    (row,) = with_amounts(told.facts, term_states(told.facts, told.as_of, RULES)).to_pylist()
    assert (told.cycle("2027-01-01")["due_arr"], row["renewal_amount"]) == (D("333.33"), D(1000))


def test_two_contracts_over_one_line_keep_their_own(tell):
    told = tell("2026-10-15", term=[term("t", *YEAR, "1200"), term("u", *YEAR, "600")])
    found = with_amounts(told.facts, term_states(told.facts, told.as_of, RULES)).to_pylist()
    assert {row["term_id"]: row["renewal_amount"] for row in found} == {"sf:t": D(1200), "sf:u": D(600)}
    assert {row["end"] for row in found} == {date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("line_says", "contract_says", "we_say", "cap", "worth"),
    [
        (None, None, 0, None, "1500"),
        (None, None, 5, None, "1575"),
        (None, 8.0, 5, None, "1620"),
        (10.0, 8.0, 5, None, "1644"),  # 1,200 at 10 %, the 300 of the expansion at the contract's 8 %
        (10.0, 8.0, 5, 9.0, "1635"),
        (None, None, 10, 10.0, "1650"),  # G22: the cap itself is allowed
        (None, None, 12, 10.0, "1650"),
        (None, None, -5, 10.0, "1425"),
        (None, None, 0, 10.0, "1500"),
    ],
)
def test_a_line_beats_its_contract_which_beats_the_settings_and_the_cap_beats_all(
    tell, line_says, contract_says, we_say, cap, worth
):
    told = tell(
        "2026-10-15",
        contract=[{"id": "sf:c", "account_id": "sf:1", "renewal_uplift": contract_says, "price_increase_cap": cap}],
        term=[term("t", *YEAR, "1200", contract_id="sf:c")],
        contract_line=[
            line("l", "1200", *YEAR, term_id="sf:t", renewal_uplift=line_says),
            line("m", "300", *YEAR, nature="expansion", term_id="sf:t"),
        ],
    )
    rules = replace(RULES, uplift_percent=we_say)
    (row,) = with_amounts(told.facts, term_states(told.facts, told.as_of, rules), rules).to_pylist()
    assert row["renewal_amount"] == D(worth)


def test_what_is_left_of_a_cent_does_not_break_the_cap(tell):
    told = tell(
        "2026-10-15",
        contract=[{"id": "sf:c", "account_id": "sf:1", "price_increase_cap": 10.0}],
        term=[term("t", *YEAR, "100.05", contract_id="sf:c")],
    )
    rules = replace(RULES, uplift_percent=10)
    (row,) = with_amounts(told.facts, term_states(told.facts, told.as_of, rules), rules).to_pylist()
    assert row["renewal_amount"] == D("110.05")  # 110.055 would be above it as 110.06


def test_an_expansion_that_ends_with_its_order_is_in_the_renewal_of_the_order(tell):
    """300 for half a year are 600 a year: the two are worth 1,800 together, and one amount says so."""
    told = tell(
        "2026-10-15",
        term=[
            term("t", *YEAR, "1200", contract_id="sf:c"),
            term("u", "2026-07-01", "2027-01-01", "300", contract_id="sf:c", nature="expansion"),
        ],
    )
    found = with_amounts(told.facts, term_states(told.facts, told.as_of, RULES)).to_pylist()
    assert {row["term_id"]: row["renewal_amount"] for row in found} == {"sf:t": D(1800), "sf:u": D(0)}


def test_parts_at_uplifts_of_their_own_add_up_to_the_cent(tell):
    told = tell(
        "2026-10-15",
        contract=[{"id": "sf:c", "account_id": "sf:1", "renewal_uplift": 5.0}],
        term=[term("t", *YEAR, "12000", contract_id="sf:c")],
        contract_line=[
            line("l", "8000", *YEAR, term_id="sf:t", renewal_uplift=10.0),
            line("m", "4000", *YEAR, term_id="sf:t"),
        ],
    )
    (row,) = with_amounts(told.facts, term_states(told.facts, told.as_of, RULES)).to_pylist()
    assert row["renewal_amount"] == D(13000)


def test_nobody_renews_less_than_nothing(tell):
    told = tell("2026-10-15", term=[term("t", *YEAR, "-100")])
    (row,) = with_amounts(told.facts, term_states(told.facts, told.as_of, RULES)).to_pylist()
    assert row["renewal_amount"] is None
