"""Dimensions, due months, the triangle of start months, why customers left, and the SQL itself."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csconnect.compute.churn import churn_reasons, make_churn_reason
from csconnect.compute.cohort import make_cohort
from csconnect.compute.dimension import DIMENSIONS
from csconnect.compute.due import Book, make_due
from csconnect.compute.due_rates import due_by_month, due_rates
from csconnect.compute.exchange import holes, make_exchange
from csconnect.compute.opening_rates import opening_rates, start_month_triangle
from csconnect.compute.period import Period, months_of, parse_period
from csconnect.compute.portable import not_portable
from csconnect.compute.revenue import revenue
from csconnect.compute.sold import excluded, make_sold
from csconnect.errors import ConfigError

from .conftest import RULES, line, term
from .histories import AS_OF, Histories
from .twin import Twin

D = Decimal
YEARS = Period(date(2022, 1, 1), date(2026, 6, 1), "years")


def test_a_dimension_that_is_none_is_refused_with_those_that_are(tell):
    told = tell("2026-06-01", term=[term("a", "2026-01-01", "2027-01-01", "1200")])
    with pytest.raises(ConfigError, match="no dimension 'colour'"):
        told.due("2026", ["colour"])
    (_, row) = told.due("2026", ["tier", "segment"])
    assert (row["dimension"], row["value"]) == ("segment", "unknown")


def test_the_product_line_shows_the_line_that_was_lost(tell):
    """The customer renewed; of its two lines one is gone and another is new."""
    terms = [
        term("a", "2026-01-01", "2027-01-01", None),
        term("b", "2027-01-01", "2028-01-01", None, nature="renewal"),
    ]
    lines = [
        line("k", "100", term_id="sf:a", product_line="CRM"),
        line("l", "50", term_id="sf:a", product_line="BI"),
        line("m", "100", term_id="sf:b", product_line="CRM"),
        line("n", "70", term_id="sf:b", product_line="Service"),
    ]
    told = tell("2027-02-01", term=terms, contract_line=lines)
    rows = {row["value"]: row for row in told.due("2026", ["product_line"])}
    halves = {value: (row["due_arr"], row["renewed_arr"], row["lost_arr"]) for value, row in rows.items()}
    assert halves == {
        "all": (D(150), D(170), D(0)),
        "BI": (D(50), D(0), D(50)),
        "CRM": (D(100), D(100), D(0)),
        "Service": (D(0), D(70), D(0)),
    }
    assert (rows["Service"]["renewal_rate_amount_due"], rows["Service"]["renewal_rate_count_due"]) == (None, None)
    opening = {row["value"]: (row["ndr"], row["logo_churn_rate"]) for row in told.opening("2026", ["product_line"])}
    assert opening == {"all": (pytest.approx(170 / 150), 0.0), "BI": (0.0, 1.0), "CRM": (1.0, 0.0)}


def test_who_left_of_their_own_will_is_a_rate_once_somebody_told(tell):
    keys = ["sf:1", "sf:2", "sf:3", "sf:4"]
    terms = [term(key, "2025-01-01", "2026-01-01", "100", account_id=key) for key in keys[:3]]
    terms.append(term("d", "2025-01-01", "2027-01-01", "100", account_id="sf:4"))
    told = tell("2026-06-01", account=[{"id": key, "name": key} for key in keys], term=terms)
    (row,) = told.opening("2025")
    assert (row["logo_churn_rate"], row["churned_voluntary"], row["logo_churn_rate_voluntary"]) == (0.75, None, None)
    told.facts.execute(
        """INSERT INTO churn_reason VALUES ('sf:1', DATE '2026-01-05', FALSE, 'price', 'other', FALSE),
        ('sf:1', DATE '2026-02-01', TRUE, 'competitor', 'need_unmet', TRUE), ('sf:2', DATE '2026-01-05', FALSE, NULL, NULL, NULL),
        ('sf:1', DATE '2026-07-01', FALSE, 'later', NULL, NULL), ('sf:4', DATE '2026-01-05', TRUE, NULL, NULL, NULL)"""
    )
    (row,) = told.opening("2025")
    assert (row["logo_churn_rate"], row["churned_voluntary"], row["logo_churn_rate_voluntary"]) == (0.75, 1, 0.25)
    found = {row["account_id"]: (row["symptom"], row["manageable"]) for row in told.rows("cohort")}
    assert found["sf:1"] == ("competitor", True)
    assert found["sf:4"] == (None, None)


def test_who_left_of_their_own_will_is_nobody_where_nobody_left(tell):
    told = tell("2026-06-01", term=[term("a", "2025-01-01", "2027-01-01", "100")])
    (row,) = told.opening("2025")
    assert (row["churned_voluntary"], row["logo_churn_rate_voluntary"]) == (0, 0.0)


def test_the_finance_book_is_read_from_its_own_tables(tell):
    told = tell("2026-06-01", term=[term("a", "2025-01-01", "2026-01-01", "100")])
    for table in ("cycle", "due_line", "renewed_line"):
        told.facts.execute(f"CREATE TEMP TABLE finance_{table} AS FROM {table}")
    told.facts.execute("UPDATE finance_due_line SET arr = 40")
    assert [(row["book"], row["due_arr"]) for row in told.due("2025", book=Book.FINANCE)] == [("finance", D(40))]


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), target=st.sampled_from([None, "USD"]))
def test_the_triangle_of_start_months_is_what_the_twin_says(facts, seed, target):
    world = Histories(seed, 150).world
    connection, twin = facts(world), Twin(world, AS_OF, RULES)
    make_sold(connection, AS_OF, RULES)
    if target:
        make_exchange(connection, target)
    found = {
        (row["start_month"], row["months_since"], row["currency"]): (
            row["customers"],
            row["arr"],
            row["untold_customers"],
        )
        for row in start_month_triangle(connection, YEARS, target).to_pylist()
    }
    assert found == triangle(twin, target)
    assert max(since for _, since, _ in found) > 40


def triangle(twin: Twin, target: str | None) -> dict[Any, Any]:
    months = months_of(YEARS)
    cells: dict[Any, dict[Any, list[Decimal | None]]] = defaultdict(lambda: defaultdict(list))
    for sold in twin.sold:
        if not sold.counts or sold.account_id is None:
            continue
        began = [
            place for place, month in enumerate(months) if month.name == twin.value(sold.account_id, "start_month")
        ]
        for place in range(began[0] if began else len(months), len(months)):
            if sold.counts_from <= months[place].end < sold.counts_until:
                arr = twin.into(sold.told, sold.currency, target, YEARS.start)
                cell = months[began[0]].name, place - began[0], target or sold.currency
                cells[cell][sold.account_id].append(arr)
    return {
        cell: (
            len(of),
            sum((sum(arrs) for arrs in of.values() if None not in arrs), D(0)),
            sum(None in arrs for arrs in of.values()),
        )
        for cell, of in cells.items()
    }


class Heard:
    """A connection that writes down what it is asked."""

    def __init__(self, connection: Any) -> None:
        self.connection, self.asked = connection, []

    def execute(self, text: str) -> Any:
        self.asked.append(text)
        return self.connection.execute(text)

    def sql(self, text: str) -> Any:
        self.asked.append(text)
        return self.connection.sql(text)


def test_the_sql_means_the_same_on_every_engine(facts):
    heard = Heard(facts(Histories(7, 5).world))
    period = parse_period("2025")
    make_sold(heard, AS_OF, RULES)
    make_due(heard, AS_OF, RULES)
    make_exchange(heard, "USD")
    holes(heard, "USD", [AS_OF])
    excluded(heard)
    for currency in (None, "USD"):
        due_rates(heard, period, DIMENSIONS, currency=currency)
        due_by_month(heard, period, DIMENSIONS, currency=currency)
        make_churn_reason(heard, period.start, period.end, RULES)
        make_cohort(heard, period.start, period.end, AS_OF, currency)
        churn_reasons(heard)
        opening_rates(heard, DIMENSIONS)
        start_month_triangle(heard, period, currency)
    revenue(heard, AS_OF)
    for text in heard.asked:
        (tree,) = sqlglot.parse(text, dialect="duckdb")
        assert not_portable(tree) is None, text
        assert "ASOF" not in text
    assert len(heard.asked) > 25
