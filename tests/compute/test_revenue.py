"""ARR with the numbers of the sources."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import permutations
from typing import Any

import pytest

from csconnect.compute.revenue import revenue

AS_OF = date(2026, 11, 22)


def term(start: date, end: date, months: int, amount: str | None, **rest: Any) -> dict[str, Any]:
    return {
        "id": "sf:t",
        "account_id": "sf:1",
        "start": start,
        "end": end,
        "months": Decimal(months),
        "amount": None if amount is None else Decimal(amount),
        "currency": "CNY",
        **rest,
    }


def line(amount: str, **rest: Any) -> dict[str, Any]:
    base = {
        "id": f"sf:l{amount}{rest.get('billing')}",
        "account_id": "sf:1",
        "term_id": "sf:t",
        "amount": Decimal(amount),
        "currency": "CNY",
    }
    return base | rest


def arr(facts, account=None, **rows):
    connection = facts({"account": [{"id": "sf:1", "name": "A"} | (account or {})], **rows})
    return revenue(connection, AS_OF).to_pylist()


def test_g1_tcv_over_five_years(facts):
    """TCV 50,000,000 over five years is ARR 10,000,000 (book §2.5.4)."""
    five = term(date(2024, 1, 1), date(2029, 1, 1), 60, "50000000")
    assert arr(facts, term=[five])[0]["arr"] == Decimal("10000000.00")


def test_gt01_arr_is_mrr_times_twelve(facts):
    """MRR 12,000,000 in December is ARR 144,000,000 (decks 000:121)."""
    month = term(date(2026, 11, 1), date(2026, 12, 1), 1, "12000000")
    assert arr(facts, term=[month])[0]["arr"] == Decimal("144000000.00")


def test_one_off_fees_are_not_arr(facts):
    """Implementation on top of a subscription is a one-off fee (decks 001:1097-1099)."""
    year = term(date(2026, 1, 1), date(2027, 1, 1), 12, "999")
    lines = [line("100000", billing="recurring"), line("40000", billing="one_off")]
    assert arr(facts, term=[year], contract_line=lines)[0]["arr"] == Decimal("100000.00")


def test_a_term_of_nothing_but_one_off_fees_has_no_arr(facts):
    """Its own amount is then the sum of the fees, and not what is paid every year."""
    project = term(date(2026, 1, 1), date(2027, 1, 1), 12, "40000")
    assert arr(facts, term=[project], contract_line=[line("40000", billing="one_off")]) == []


def test_an_expansion_counts_from_its_own_start(facts):
    year = term(date(2026, 1, 1), date(2027, 1, 1), 12, None)
    lines = [
        line("12000", billing="recurring"),
        line("600", billing="recurring", start=date(2026, 7, 1), end=date(2027, 1, 1), months=Decimal(6)),
        line("-300", billing="recurring", start=date(2026, 12, 1), end=date(2027, 1, 1), months=Decimal(1)),
    ]
    assert arr(facts, term=[year], contract_line=lines)[0]["arr"] == Decimal("13200.00")


@pytest.mark.parametrize(("status", "expected"), [("won", ["1200.00"]), ("open", []), ("lost", [])])
def test_lines_of_a_deal_that_is_not_won_are_not_arr(facts, status, expected):
    """HubSpot keeps the lines of a forecast in the same place as those that were bought, under the deal's own id."""
    dates = {"start": date(2026, 1, 1), "end": date(2027, 1, 1), "months": Decimal(12)}
    bought = line("1200", billing="recurring", term_id="sf:deal", contract_id="sf:deal", **dates)
    deal = {"id": "sf:deal", "account_id": "sf:1", "status": status}
    found = arr(facts, contract_line=[bought], opportunity=[deal])
    assert [row["arr"] for row in found] == [Decimal(text) for text in expected]


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ([("CNY", "USD", "0.14")], "1400.00"),
        ([("USD", "CNY", "7")], "1428.57"),
        ([("CNY", "EUR", "0.125"), ("USD", "EUR", "0.9")], "1388.89"),
        ([("EUR", "USD", "1.1")], None),
    ],
)
def test_conversion_is_declared_or_there_is_no_sum(facts, rates, expected):
    year = term(date(2026, 1, 1), date(2027, 1, 1), 12, "10000")
    fx = [
        {
            "id": f"{n}{age}",
            "currency": c,
            "base": b,
            "on": date(2026, age, 1),
            "rate": Decimal(r) * (1 if age == 11 else 3),
        }
        for n, (c, b, r) in enumerate(rates)
        for age in (2, 11)
    ]
    (row,) = arr(facts, account={"currency": "USD"}, term=[year], fx_rate=fx)
    assert row["arr"] == (None if expected is None else Decimal(expected))
    assert row["missing_rate"] == ("CNY" if expected is None else None)


@pytest.mark.parametrize(("account", "currency"), [("USD", "USD"), (None, "USD"), ("USD", None), (None, None)])
def test_an_amount_without_a_currency_is_not_left_out_of_the_sum_in_silence(facts, account, currency):
    lines = [line("100", billing="recurring", currency=None), line("50", billing="recurring", currency=currency)]
    year = term(date(2026, 1, 1), date(2027, 1, 1), 12, None, currency=None)
    found = arr(facts, account={"currency": account}, term=[year], contract_line=lines)
    assert [(row["arr"], row["missing_rate"]) for row in found] == ([(None, "?")] if currency else [])


def test_ended_and_future_terms_are_not_arr(facts):
    terms = [
        term(date(2025, 11, 22), AS_OF, 12, "100", id="sf:a"),
        term(date(2026, 11, 23), date(2027, 11, 23), 12, "100", id="sf:b"),
    ]
    assert arr(facts, term=terms) == []


def test_half_a_cent_goes_up_in_whatever_order_the_lines_come(facts):
    """Law 6. A sum of floats lands on either side of half a cent, by the order in which threads come to it; found at 100,000
    accounts, where the second plan was not empty."""
    years = term(date(2026, 1, 1), date(2028, 1, 1), 24, "1")
    amounts = ("760.64", "57.33", "1091.99", "1459.71")
    half = sum(Decimal(amount) for amount in amounts) / 2
    assert half * 1000 % 10 == 5
    found = {
        arr(facts, term=[years], contract_line=[line(amount, billing="recurring") for amount in order])[0]["arr"]
        for order in list(permutations(amounts))[::3]
    }
    assert found == {half.quantize(Decimal("0.01"), ROUND_HALF_UP)}
