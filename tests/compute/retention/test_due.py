"""What renews what, by hand: one history a rule."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal

import pytest

from csconnect.compute.revenue import revenue
from csconnect.compute.sold import excluded

from .conftest import line, term

D = Decimal
YEAR = term("a", "2026-01-01", "2027-01-01", "1200")


def renewal(start: str, end: str, amount: str | None, key: str = "b", **rest):
    return term(key, start, end, amount, **{"nature": "renewal", **rest})


def test_on_time_in_part_and_for_two_years(tell):
    """Fewer seats, for two years: renewed, and by how much less the amount says (ARR, not contract value)."""
    told = tell("2027-02-01", term=[YEAR, renewal("2027-01-01", "2029-01-01", "1600", signed_on=date(2026, 12, 1))])
    cycle = told.cycle("2027-01-01")
    assert (cycle["state"], cycle["due_arr"], cycle["renewed_arr"]) == ("renewed", D(1200), D(800))
    assert cycle["renewed_on"] == date(2026, 12, 1)
    (row,) = told.due("2026-12")
    assert (row["renewal_rate_count_due"], row["renewal_rate_amount_due"]) == (1.0, pytest.approx(800 / 1200))
    assert told.cycle("2029-01-01")["state"] == "not_due"


def test_what_ends_with_a_term_does_not_renew_it_whatever_it_is_called(tell):
    told = tell("2027-02-01", term=[YEAR, renewal("2026-07-01", "2027-01-01", "600")])
    assert told.cycle("2027-01-01")["state"] == "deferred"
    assert told.cycle("2027-01-01")["due_arr"] == D(2400)


def test_early_renewal_ends_the_arr_of_what_it_renews_and_leaves_the_due_day_alone(tell):
    told = tell("2026-11-01", term=[YEAR, renewal("2026-10-01", "2027-10-01", "1500")])
    assert told.cycle("2027-01-01")["state"] == "renewed"
    assert told.due("2026-12")[0]["renewed_arr"] == D(1500)
    assert [row["arr"] for row in revenue(told.facts, told.as_of).to_pylist()] == [D(1500)]
    told.opening("2026-10")
    (row,) = told.rows("cohort")
    assert (row["opening"], row["closing"]) == (D(1500), D(1500))


@pytest.mark.parametrize(
    ("start", "state", "fate"),
    [
        ("2027-03-01", "renewed", "retained"),
        ("2027-04-01", "renewed", "retained"),
        ("2027-04-02", "won_back", "churned"),
    ],
)
def test_late_renewal_within_grace_is_no_churn_and_later_it_is_won_back(tell, start, state, fate):
    told = tell("2027-06-01", term=[YEAR, renewal(start, "2028-01-01", "1200")])
    assert told.cycle("2027-01-01")["state"] == state
    told.opening("2026")
    assert [row["state"] for row in told.rows("cohort")] == [fate]
    (row,) = told.due("2026")
    assert (row["renewal_rate_count_due"], row["settled"]) == (1.0 if state == "renewed" else 0.0, True)


def test_deferred_is_neither_churned_nor_retained(tell):
    """Its own column, and the rate that it would be if it renewed; settled is nothing yet."""
    other = term("o", "2026-01-01", "2028-01-01", "6000", account_id="sf:2")
    accounts = [{"id": "sf:1", "name": "A"}, {"id": "sf:2", "name": "B"}]
    told = tell("2027-02-01", account=accounts, term=[YEAR, other])
    (row,) = told.opening("2026")
    assert (row["retained_customers"], row["deferred_customers"], row["churned_customers"]) == (1, 1, 0)
    assert (row["deferred_arr"], row["churn_arr"], row["ndr"], row["ndr_if_renewed"]) == (
        D(1200),
        D(0),
        pytest.approx(3000 / 4200),
        1.0,
    )
    (row,) = told.due("2026")
    assert (row["open_customers"], row["open_arr"], row["settled"]) == (1, D(1200), False)


def test_one_renewal_of_two_contracts_is_split_by_what_was_due(tell):
    """Co-terming must not give 400 % and 0 %."""
    terms = [
        term("a", "2026-01-01", "2027-01-01", "1000", contract_id="sf:1"),
        term("c", "2026-03-01", "2027-03-01", "2000", contract_id="sf:2"),
        renewal("2027-01-01", "2028-01-01", "4000", contract_id="sf:3"),
    ]
    told = tell("2027-06-01", term=terms)
    found = {row["due_on"]: (row["state"], row["renewed_arr"]) for row in told.rows("cycle")}
    assert found[date(2027, 1, 1)] == ("renewed", D("1333.33"))
    assert found[date(2027, 3, 1)] == ("renewed", D("2666.67"))
    assert told.rows("sold_line")[2]["id"] == "sf:c"
    assert told.rows("sold_line")[2]["counts_until"] == date(2027, 1, 1)
    assert [row["renewed_arr"] for row in told.due("2027")] == [D("2666.67")]


def test_the_cents_that_do_not_divide_go_to_the_largest_remainders(tell):
    terms = [term(f"a{day}", "2026-01-01", f"2027-01-0{day}", "100", contract_id=f"sf:{day}") for day in (1, 2, 3)]
    told = tell("2027-06-01", term=[*terms, renewal("2027-01-03", "2028-01-03", "100")])
    found = {row["due_on"].day: row["arr"] for row in told.rows("renewed_line")}
    assert found == {1: D("33.34"), 2: D("33.33"), 3: D("33.33")}


def test_two_chains_of_contracts_side_by_side_do_not_renew_each_other(tell):
    """The summer contract's renewal is none of the winter contract, though it begins while that runs and outlasts it."""
    terms = [
        term("winter", "2026-01-01", "2027-01-01", "1000", contract_id="sf:w"),
        term("summer", "2025-07-01", "2026-07-01", "500", contract_id="sf:s"),
        renewal("2026-07-01", "2027-07-01", "500", contract_id="sf:s"),
    ]
    told = tell("2026-08-01", term=terms)
    assert told.cycle("2027-01-01")["state"] == "not_due"
    assert told.cycle("2026-07-01")["renewed_arr"] == D(500)
    assert [row["arr"] for row in revenue(told.facts, told.as_of).to_pylist()] == [D(1500)]


def test_every_month_renews_the_month_before_it_and_no_other(tell):
    """Not the next but one, though that begins within grace too."""
    days = [f"2026-{month:02}-01" for month in range(1, 7)]
    terms = [
        renewal(start, end, "100", key=start, nature="renewal" if place else "new")
        for place, (start, end) in enumerate(itertools.pairwise(days))
    ]
    told = tell("2026-06-01", term=terms)
    assert [row["renewed_arr"] for row in told.rows("cycle")] == [D(1200)] * 4 + [None]
    (row,) = told.due("2026-Q1")
    assert (row["due_arr"], row["renewed_arr"]) == (D(3600), D(3600))


@pytest.mark.parametrize(
    ("start", "state"), [("2026-12-01", "deferred"), ("2027-01-01", "renewed"), ("2027-01-20", "renewed")]
)
def test_what_is_called_new_renews_only_what_has_ended(tell, start, state):
    """CRMs mislabel renewals; what is bought anew beside a running contract is none."""
    told = tell("2027-02-01", term=[YEAR, term("b", start, "2028-01-01", "1200", contract_id="sf:x")])
    assert told.cycle("2027-01-01")["state"] == state


def test_what_is_bought_anew_after_a_renewal_is_not_added_to_it(tell):
    terms = [
        YEAR,
        renewal("2027-01-01", "2028-01-01", "1200"),
        term("c", "2027-02-01", "2028-02-01", "900", contract_id="sf:x"),
    ]
    told = tell("2027-03-01", term=terms)
    assert told.cycle("2027-01-01")["renewed_arr"] == D(1200)


def test_an_expansion_adds_to_what_is_due_and_a_contraction_takes_from_it(tell):
    lines = [
        line("l", "1200", term_id="sf:a"),
        line("m", "300", "2026-07-01", "2027-01-01", term_id="sf:a", nature="expansion"),
        line("n", "-200", "2026-09-01", "2027-09-01", term_id="sf:a", nature="contraction"),
        line("o", "-50", "2026-03-01", "2026-05-01", term_id="sf:a", nature="contraction"),
    ]
    told = tell("2026-12-31", term=[YEAR], contract_line=lines)
    assert {row["nature"]: row["arr"] for row in told.rows("due_line")} == {
        "new": D(1200),
        "expansion": D(600),
        "contraction": D(-200),
    }
    assert told.cycle("2027-01-01")["due_arr"] == D(1600)
    assert told.opening("2026-12")[0]["opening_arr"] == D(1600)


def test_an_expansion_that_outlasts_the_renewal_of_its_contract_is_renewed_with_it(tell):
    """It was added to the next cycle (decks 001:2789); told by an order of its own, that no term stands for."""
    more = line("m", "600", "2026-07-01", "2027-07-01", term_id="sf:order", nature="expansion")
    told = tell("2027-02-01", term=[YEAR, renewal("2027-01-01", "2028-01-01", "1800")], contract_line=[more])
    assert told.cycle("2027-07-01")["state"] == "renewed"
    assert [row["arr"] for row in revenue(told.facts, told.as_of).to_pylist()] == [D(1800)]


def test_a_past_day_does_not_know_the_expansion_of_tomorrow(tell):
    """A view of the past withholds terms that were not signed yet, and lines have no such day of their own."""
    ahead = line("m", "600", "2026-07-01", "2027-07-01", term_id="sf:withheld", nature="expansion")
    signed = renewal("2026-03-01", "2027-03-01", "700", signed_on=date(2026, 7, 1))
    told = tell("2026-06-30", term=[YEAR, signed], contract_line=[ahead, line("k", "700", term_id="sf:b")])
    assert [row["id"] for row in told.rows("sold_line")] == ["sf:a"]


def test_a_renewal_for_nobody_knows_how_much_counts_and_has_no_amount(tell):
    told = tell("2027-02-01", term=[YEAR, renewal("2027-01-01", "2028-01-01", None)])
    (row,) = told.due("2026")
    assert (row["renewed_customers"], row["untold_customers"], row["due_arr"]) == (1, 1, D(0))
    assert (row["renewal_rate_count_due"], row["renewal_rate_amount_due"]) == (1.0, None)
    (row,) = told.opening("2026")
    assert (row["retained_customers"], row["untold_customers"], row["ndr"]) == (1, 1, None)


def test_what_is_left_out_is_listed(tell):
    terms = [
        term("a", "2026-01-01", "2027-01-01", "1200", account_id=None),
        term("b", "2026-01-01", "2026-01-01", "1200"),
        term("c", "2026-01-01", "2027-01-01", "1200", months=None, currency="USD"),
        term("d", "2026-02-01", "2027-02-01", "1200", product_line="CRM"),
        term("e", "2026-03-01", "2027-03-01", "2400", product_line="CRM"),
        term("f", "2026-01-01", "2027-01-01", "-5", product_line="BI"),
        term("g", "2026-01-01", "2027-01-01", "100", product_line="X"),
    ]
    lines = [line("l", "60", term_id="sf:g"), line("m", "60", term_id="sf:g"), line("n", "5")]
    told = tell("2026-06-01", term=terms, contract_line=lines)
    found = {row["reason"]: (row["currency"], row["lines"], row["arr"]) for row in excluded(told.facts).to_pylist()}
    assert found == {
        "no_account": ("CNY", 1, D(1200)),
        "reversed": ("CNY", 1, None),
        "no_months": ("USD", 1, None),
        "overlap": ("CNY", 1, D(2400)),
        "negative": ("CNY", 1, D(-5)),
        "sum_differs": ("CNY", 2, D(120)),
        "no_dates": ("CNY", 1, None),
    }


def test_a_term_whose_amount_includes_its_one_off_fees_is_no_contradiction(tell):
    lines = [line("l", "1000", term_id="sf:a"), line("m", "200", term_id="sf:a", billing="one_off")]
    told = tell("2026-06-01", term=[YEAR], contract_line=lines)
    assert [(row["arr"], row["excluded"]) for row in told.rows("sold_line")] == [(D(1000), None)]


def test_prospects_sell_nothing(tell):
    told = tell("2026-06-01", account=[{"id": "sf:1", "name": "A", "is_customer": False}], term=[YEAR])
    assert told.rows("sold_line") == []
    assert told.opening("2026") == told.due("2026") == []
