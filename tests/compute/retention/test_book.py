"""The finance book: what approved adjustments change, and that nothing else does."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csconnect.compute.book import FATES, adjustment_fates, make_finance
from csconnect.compute.due import Book, make_due
from csconnect.compute.due_rates import due_by_month, due_rates
from csconnect.compute.exchange import make_exchange
from csconnect.compute.period import Period
from csconnect.compute.portable import not_portable
from csconnect.compute.sold import make_sold

from .conftest import RULES, Told, line, term
from .histories import AS_OF, Histories, World
from .test_cells import Heard
from .test_laws import ALL, BY, rows, summed, the_same
from .twin_book import TwinBook

D = Decimal
Row = dict[str, Any]
YEAR = Period(date(2025, 7, 1), date(2026, 7, 1), "2025")
LONG = Period(date(2022, 1, 1), date(2027, 1, 1), "five years")
TOLD = [{"account_id": "sf:1", "entity": "adjustment"}]

few = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
seeds = st.integers(0, 2**32)


def adjustment(key: str, delta: str | None = None, decided: str | None = "2025-12-01", **rest: Any) -> Row:
    """Approved, of term ``a`` unless told otherwise."""
    base: Row = {"id": f"sf:{key}", "account_id": "sf:1", "term_id": "sf:a", "currency": "CNY", "status": "approved"}
    day = date.fromisoformat(decided) if decided else None
    return base | {"arr_delta": None if delta is None else D(delta), "decided_on": day} | rest


def booked(tell: Any, adjustments: list[Row], **more: Any) -> tuple[Told, Row]:
    """Two years of which the first is renewed, and the finance book's rates of the first."""
    terms = [
        term("a", "2025-01-01", "2026-01-01", "100"),
        term("b", "2026-01-01", "2027-01-01", "90", nature="renewal"),
    ]
    told = tell("2026-06-01", adjustment=adjustments, delivery=TOLD, **({"term": terms} | more))
    assert make_finance(told.facts, told.as_of)
    (row,) = told.due("2025", book=Book.FINANCE)
    return told, row


def fates(told: Told) -> dict[str, str]:
    return {row["id"]: row["fate"] for row in told.rows("adjustment_fate")}


def test_an_approved_request_adjusts_what_is_due_and_the_other_book_does_not_know_it(tell):
    told, row = booked(tell, [adjustment("x", "-20")])
    assert (row["book"], row["due_arr"], row["renewed_arr"]) == ("finance", D(80), D(90))
    assert row["renewal_rate_amount_due"] == pytest.approx(90 / 80)
    (business,) = told.due("2025")
    assert (business["due_arr"], business["renewal_rate_amount_due"]) == (D(100), pytest.approx(0.9))
    assert [row["due_arr"] for row in told.rows("finance_cycle") if row["due_on"] == date(2026, 1, 1)] == [D(80)]


def test_the_renewed_side_is_matched_by_itself(tell):
    told, row = booked(tell, [adjustment("x", "5", term_id="sf:b", side="renewed")])
    assert (row["due_arr"], row["renewed_arr"]) == (D(100), D(95))
    (next_year,) = told.due("2026", book=Book.FINANCE)
    assert next_year["due_arr"] == D(90), "what the same order makes due a year later is another line"


def test_what_is_waived_is_nothing_due_whatever_else_was_decided(tell):
    told, row = booked(tell, [adjustment("w", waived=True), adjustment("x", "30"), adjustment("y", "-10")])
    assert (row["due_customers"], row["due_arr"], row["renewal_rate_amount_due"]) == (1, D(0), None)
    assert fates(told) == {"sf:w": "counts", "sf:x": "counts", "sf:y": "counts"}


@pytest.mark.parametrize("status", ["requested", "refused"])
def test_what_is_not_approved_never_counts(tell, status):
    told, row = booked(tell, [adjustment("x", "-20", status=status), adjustment("w", waived=True, status=status)])
    assert (row["due_arr"], fates(told)) == (D(100), {})


def test_the_last_reduction_that_would_take_a_line_below_zero_is_left_out(tell):
    asked = [
        adjustment("x", "-60", "2025-11-01"),
        adjustment("y", "-50", "2025-12-01"),
        adjustment("z", "10", "2026-02-01"),
    ]
    told, row = booked(tell, asked)
    assert (row["due_arr"], set(fates(told).values())) == (D(0), {"counts"}), "what is added makes room"
    told, row = booked(tell, asked[:2])
    assert (row["due_arr"], fates(told)) == (D(40), {"sf:x": "counts", "sf:y": "below_zero"})


def test_a_cycle_does_not_fall_below_zero_either(tell):
    """The main line could lose 90; what contracts it leaves 80."""
    less = line("c", "-20", "2025-06-01", "2026-01-01", term_id="sf:a", nature="contraction", months=D(12))
    told, row = booked(
        tell,
        [adjustment("x", "-90", term_id=None, line_id="sf:m")],
        contract_line=[line("m", "100", term_id="sf:a"), less],
    )
    assert (row["due_arr"], fates(told)) == (D(80), {"sf:x": "below_zero"})
    told, row = booked(tell, [adjustment("w", waived=True)], contract_line=[line("m", "100", term_id="sf:a"), less])
    assert (row["due_arr"], fates(told)) == (D(0), {"sf:w": "counts"}), "a waived term takes along what contracts it"
    told, row = booked(
        tell, [adjustment("w", waived=True, line_id="sf:m")], contract_line=[line("m", "100", term_id="sf:a"), less]
    )
    assert (row["due_arr"], fates(told)) == (D(80), {"sf:w": "below_zero"})


def test_a_terms_adjustment_is_split_over_its_lines_to_the_cent(tell):
    lines = [
        line("m", "66.66", term_id="sf:a", product_line="CRM"),
        line("n", "33.34", term_id="sf:a", product_line="BI"),
    ]
    told, _ = booked(tell, [adjustment("x", "-10.01")], contract_line=lines)
    cells = {row["value"]: row["due_arr"] for row in told.due("2025", ["product_line"], book=Book.FINANCE)}
    assert (cells["all"], cells["CRM"], cells["BI"]) == (D("89.99"), D("59.99"), D("30.00"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"term_id": "sf:ghost"},
        {"term_id": None},
        {"line_id": "sf:ghost"},
        {"account_id": "sf:2"},
        {"currency": "USD"},
        {"currency": None},
        {"arr_delta": None},
        {"decided_on": None},
        {"side": "renewed"},
    ],
)
def test_what_fits_no_line_is_left_out_and_said(tell, wrong):
    told, row = booked(tell, [adjustment("x", "-20") | wrong])
    assert (row["due_arr"], fates(told)) == (D(100), {"sf:x": "unmatched"})
    assert adjustment_fates(told.facts).to_pylist() == [
        {"id": "sf:x", "side": wrong.get("side", "due"), "fate": "unmatched"}
    ]


def test_nobody_delivers_adjustments_and_there_is_no_finance_book(tell):
    told = tell("2026-06-01", term=[term("a", "2025-01-01", "2026-01-01", "100")])
    assert make_finance(told.facts, told.as_of) is False
    with pytest.raises(duckdb.CatalogException):
        told.due("2025", book=Book.FINANCE)


# --- laws over random histories


def adjusted(seed: int, broken: bool = True) -> World:
    """A random history with adjustments of every kind, many of them of the same lines."""
    world, dice = Histories(seed, 200).world, random.Random(seed)
    terms = {row["id"]: row for row in world["term"]}
    world["adjustment"], world["delivery"] = [], TOLD
    for number in range(400):
        of_line = dice.random() < 0.4
        target = dice.choice(world["contract_line"] if of_line else world["term"])
        told = dice.choice([target["account_id"], None, None] + (["sf:1"] if broken else []))
        host = terms.get(target.get("term_id"), {}) if of_line else target
        for again in range(dice.choice([1, 1, 2, 4])):
            world["adjustment"].append(
                {
                    "id": f"sf:j{number:04}{again}",
                    "account_id": told,
                    "line_id": target["id"] if of_line else None,
                    "term_id": dice.choice([None, target["term_id"]]) if of_line else target["id"],
                    "side": dice.choice(["due", "due", "renewed"]),
                    "arr_delta": dice.choice(
                        [None, D("-0.03"), D("-100.005"), D("-900"), D("-1200"), D("77.7777"), D("500")]
                    ),
                    "currency": dice.choice([host.get("currency")] * 5 + [None, "USD"]),
                    "waived": dice.choice([None, None, None, None, False, True]),
                    "decided_on": AS_OF - timedelta(days=dice.choice([-20, 0, 1, 1, 5, 100])),
                    "status": dice.choice(["approved", "approved", "approved", "refused", "requested"]),
                }
            )
    return world


def ready(facts: Any, world: World, target: str | None = None) -> Any:
    connection = facts(world)
    make_sold(connection, AS_OF, RULES)
    make_due(connection, AS_OF, RULES)
    assert make_finance(connection, AS_OF)
    if target:
        make_exchange(connection, target)
    return connection


@few
@given(seed=seeds, target=st.sampled_from([None, "USD"]))
def test_the_finance_book_is_what_the_twin_says(facts, seed, target):
    world = adjusted(seed)
    connection, twin = ready(facts, world, target), TwinBook(world, AS_OF, RULES)
    assert {row["id"]: row["fate"] for row in rows(connection, "adjustment_fate")} == twin.fates
    assert set(twin.fates.values()) == set(FATES)
    found = due_rates(connection, YEAR, BY, book=Book.FINANCE, currency=target).to_pylist()
    for name in ALL:
        mine = {(row["value"], row["currency"]): row for row in found if row["dimension"] == name}
        the_same(mine, twin.due_rates(YEAR.start, YEAR.end, name, target))
    months = due_by_month(connection, LONG, book=Book.FINANCE, currency=target).to_pylist()
    mine = {(row["month"], row["value"], row["currency"]): row for row in months}
    the_same(mine, twin.due_rates(LONG.start, LONG.end, "all", target, month=True))
    business = due_rates(connection, YEAR, BY, currency=target).to_pylist()
    assert [row["due_arr"] for row in business] != [row["due_arr"] for row in found]


@few
@given(seed=seeds, target=st.sampled_from([None, "USD"]))
def test_delivered_and_none_is_the_business_book_and_so_is_what_does_not_count(facts, seed, target):
    world = adjusted(seed)
    for row in world["adjustment"]:
        if row["status"] == "approved":
            row["decided_on"] = AS_OF + timedelta(days=1)
    for asked in (world, world | {"adjustment": []}):
        connection = ready(facts, asked, target)
        assert rows(connection, "adjustment_fate") == []
        for table in ("cycle", "due_line", "renewed_line"):
            assert rows(connection, f"finance_{table}") == rows(connection, table)
        books = [
            [row | {"book": ""} for row in due_rates(connection, LONG, BY, book=book, currency=target).to_pylist()]
            for book in Book
        ]
        assert books[0] == books[1]


@few
@given(seed=seeds, target=st.sampled_from([None, "USD"]))
def test_amounts_change_and_counts_never_and_cells_add_up_to_the_cent(facts, seed, target):
    connection = ready(facts, adjusted(seed), target)
    finance = due_rates(connection, LONG, BY, book=Book.FINANCE, currency=target).to_pylist()
    business = due_rates(connection, LONG, BY, currency=target).to_pylist()
    for name in BY:
        assert summed(finance, name, name) == summed(finance, "all", name)
    assert all(row["renewed_customers"] <= row["due_customers"] for row in finance)
    counts = [
        {
            (row["dimension"], row["value"], row["currency"]): {
                name: value for name, value in row.items() if name.endswith("_customers")
            }
            for row in book
            if row["due_customers"]
        }
        for book in (finance, business)
    ]
    assert counts[0] == counts[1]
    for table in ("due_line", "renewed_line"):
        sums: dict[Any, list[Decimal]] = defaultdict(lambda: [D(0), D(0)])
        for place, prefix in enumerate(("", "finance_")):
            for row in rows(connection, f"{prefix}{table}"):
                sums[row["account_id"], row["family"], row["due_on"], row["currency"]][place] += row["arr"] or D(0)
        assert all(after >= min(before, D(0)) for before, after in sums.values())
        assert any(after != before for before, after in sums.values())


@few
@given(seed=seeds)
def test_told_again_in_another_order_it_is_the_same_book(facts, seed):
    world, dice = adjusted(seed), random.Random(seed)
    shuffled = {name: dice.sample(told, len(told)) for name, told in world.items()}
    found = [
        [rows(ready(facts, told), table) for table in ("finance_cycle", "finance_due_line", "finance_renewed_line")]
        for told in (world, shuffled)
    ]
    assert found[0] == found[1]


def test_the_sql_of_the_book_means_the_same_on_every_engine(facts):
    heard = Heard(facts(adjusted(7)))
    make_sold(heard, AS_OF, RULES)
    make_due(heard, AS_OF, RULES)
    asked = len(heard.asked)
    make_finance(heard, AS_OF)
    adjustment_fates(heard)
    for text in heard.asked[asked:]:
        for tree in sqlglot.parse(text, dialect="duckdb"):
            assert not_portable(tree) is None, text
