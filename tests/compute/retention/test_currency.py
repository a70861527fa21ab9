"""Several currencies: dated rates, holes, and a customer that changes from one currency into another."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.compute.exchange import holes, make_exchange
from csconnect.compute.terms import RenewalRules

from .conftest import term
from .histories import AS_OF, Histories
from .twin import Twin

D = Decimal


def rate(key: str, currency: str, base: str, on: str, value: str):
    return {"id": key, "currency": currency, "base": base, "on": date.fromisoformat(on), "rate": D(value)}


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), target=st.sampled_from(["USD", "EUR", "CNY"]), age=st.sampled_from([10, 45, 400]))
def test_every_day_has_the_rate_that_the_twin_finds(facts, seed, target, age):
    world = Histories(seed, 0).world
    connection = facts(world)
    make_exchange(connection, target, max_age_days=age)
    twin = Twin(world, AS_OF, RenewalRules(), age)
    intervals = connection.sql("SELECT * FROM exchange").to_arrow_table().to_pylist()
    for currency in ("USD", "EUR", "CNY"):
        for offset in range(0, 2000, 3):
            day = date(2021, 12, 25) + timedelta(days=offset)
            found = [
                row["rate"]
                for row in intervals
                if row["source"] == currency and row["from_day"] <= day < row["until_day"]
            ]
            expected = twin.rate(currency, target, day)
            assert found == ([] if expected is None else [pytest.approx(float(expected), rel=1e-12)])


def test_an_old_rate_is_a_hole_that_is_listed_and_not_a_rate(tell):
    told = tell(
        "2026-06-01",
        currency="USD",
        term=[term("a", "2026-01-01", "2027-01-01", "700")],
        fx_rate=[rate("x", "CNY", "USD", "2026-01-01", "0.14")],
    )
    days = [date(2026, 2, 14), date(2026, 2, 15), date(2027, 1, 1)]
    assert holes(told.facts, "USD", days).to_pylist() == [{"currency": "CNY", "day": date(2026, 2, 15), "lines": 1}]
    assert holes(told.facts, "USD", []).num_rows == 0
    (row,) = told.opening("2026-02", currency="USD")
    assert (row["opening_arr"], row["untold_customers"]) == (D(98), 0)
    (row,) = told.opening("2026-03", currency="USD")
    assert (row["opening_customers"], row["opening_arr"], row["untold_customers"], row["ndr"]) == (1, D(0), 1, None)


def test_the_exchange_rate_is_neither_expansion_nor_churn(tell):
    """A cohort is converted at the opening's rate, both ends; a due cycle at that of its due day."""
    terms = [
        term("a", "2026-01-01", "2027-01-01", "1000"),
        term("b", "2027-01-01", "2028-01-01", "1000", nature="renewal"),
    ]
    rates = [rate("x", "CNY", "USD", "2026-01-01", "0.14"), rate("y", "CNY", "USD", "2027-01-01", "0.20")]
    told = tell("2027-06-01", currency="USD", term=terms, fx_rate=rates)
    (row,) = told.opening("2026", currency="USD")
    assert (row["opening_arr"], row["closing_arr"], row["ndr"]) == (D(140), D(140), 1.0)
    (row,) = told.due("2026", currency="USD")
    assert (row["due_arr"], row["renewed_arr"], row["currency"]) == (D(200), D(200), "USD")


def test_what_is_due_one_day_is_converted_at_the_newest_rate_until_then(tell):
    """No rate is known of next year."""
    rates = [rate("x", "CNY", "USD", "2026-05-31", "0.14"), rate("y", "CNY", "USD", "2026-06-02", "9")]
    told = tell("2026-06-01", currency="USD", term=[term("a", "2026-01-01", "2027-01-01", "1000")], fx_rate=rates)
    (row,) = told.due("2026", currency="USD")
    assert (row["due_arr"], row["untold_customers"]) == (D(140), 0)


def test_a_customer_that_changes_its_currency_is_compared_at_one_rate_or_not_at_all(tell):
    terms = [
        term("a", "2026-01-01", "2027-01-01", "1000"),
        term("b", "2027-01-01", "2028-01-01", "220", nature="renewal", currency="USD"),
    ]
    rates = [rate("x", "CNY", "USD", "2025-12-31", "0.20"), rate("y", "CNY", "USD", "2026-12-31", "0.20")]
    told = tell("2027-06-01", currency="USD", term=terms, fx_rate=rates)
    assert told.due("2026", currency="USD")[0]["renewal_rate_amount_due"] == pytest.approx(1.1)
    assert told.opening("2026", currency="USD")[0]["ndr"] == pytest.approx(1.1)
    (row,) = told.due("2026")
    assert (row["currency"], row["renewed_customers"], row["untold_customers"], row["due_arr"]) == ("CNY", 1, 1, D(0))
    (row,) = told.opening("2026")
    assert (row["currency"], row["retained_customers"], row["untold_customers"], row["ndr"]) == ("CNY", 1, 1, None)
