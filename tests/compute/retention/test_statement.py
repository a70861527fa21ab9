"""A month's statement: the figures of the month and nothing else, one digest for one truth, and the reasons why a later one differs."""

from __future__ import annotations

import random
from collections import defaultdict
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csconnect.compute.cohort import make_cohort
from csconnect.compute.due import make_due
from csconnect.compute.due_rates import due_rates
from csconnect.compute.exchange import make_exchange
from csconnect.compute.month import INPUTS, inputs_of, month_before, month_of
from csconnect.compute.opening_rates import opening_rates
from csconnect.compute.portable import not_portable
from csconnect.compute.restated import Context, Reason, changes, gone, moves, reasons
from csconnect.compute.sold import make_sold
from csconnect.compute.statement import (
    BY,
    DUE,
    OPENING,
    RATES,
    Statement,
    as_figures,
    as_rows,
    headline,
    reckon,
    told_apart,
)
from csconnect.errors import ConfigError

from .conftest import RULES, line, term
from .histories import AS_OF, Histories

MAY = month_of(date(2026, 5, 17))
few = settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
seeds = st.integers(0, 2**32)
targets = st.sampled_from([None, "USD", "EUR"])


def stated(connection: Any, month=MAY, currency=None) -> Statement:
    return reckon(connection, month, RULES, currency, 45)


def accounts_of(connection: Any, **more: Any) -> list[dict[str, Any]]:
    return stated(connection, **more).accounts.to_pylist()


def world(seed: int, accounts: int = 60) -> dict[str, list[dict[str, Any]]]:
    return Histories(seed, accounts).world


# what a statement says


@few
@given(seeds, targets)
def test_figures_are_those_of_the_period(facts, seed, currency):
    """As `csconnect retention --period 2026-05 --as-of 2026-06-01` has them: every count and amount, and every rate to a double."""
    connection = facts(world(seed))
    statement = stated(connection, currency=currency)
    make_sold(connection, MAY.closing, RULES)
    make_due(connection, MAY.closing, RULES)
    if currency:
        make_exchange(connection, currency)
    make_cohort(connection, MAY.opening, MAY.closing, MAY.closing, currency)
    tables = {DUE: due_rates(connection, MAY, BY, currency=currency), OPENING: opening_rates(connection, BY)}
    assert tables[OPENING].num_rows > 5
    for basis, table in tables.items():
        found = as_rows(statement.figures, basis)
        expected = table.to_pylist()
        assert len(found) == len(expected)
        for row, other in zip(found, expected, strict=True):
            assert {
                name: pytest.approx(value) if isinstance(value, float) else value for name, value in other.items()
            } == {name: row[name] for name in other}


def test_each_rate_has_its_halves(facts):
    """A column that tells a share and is not in `RATES` would be in no statement."""
    connection = facts(world(1))
    stated(connection)
    tables = {DUE: due_rates(connection, MAY), OPENING: opening_rates(connection)}
    for basis, table in tables.items():
        assert {field.name for field in table.schema if pa.types.is_floating(field.type)} == set(RATES[basis])


@few
@given(seeds)
def test_accounts_add_up_to_the_figures(facts, seed):
    """To the cent, those in one currency of which all can be told. (Who opens below 0 is in no cohort.)"""
    told = world(seed)
    accounts = accounts_of(facts(told))
    amounts = ("due_arr", "renewed_arr", "opening_arr")
    hidden = {row["account_id"] for row in accounts if None in [row[name] for name in (*amounts, "arr", "currency")]}
    money: dict[str, set[str]] = defaultdict(set)
    opens: dict[str, D] = defaultdict(D)
    for row in accounts:
        money[row["account_id"]].add(row["currency"])
        opens[row["account_id"]] += row["opening_arr"] or 0
    plain = {id for id, currencies in money.items() if len(currencies) == 1 and opens[id] >= 0} - hidden
    sums: dict[str, dict[str, D]] = defaultdict(lambda: defaultdict(D))
    for row in accounts:
        if row["account_id"] in plain:
            for name in amounts:
                sums[row["currency"]][name] += row[name]
    only = [row | {"is_customer": row["is_customer"] and row["id"] in plain} for row in told["account"]]
    figures = stated(facts(told | {"account": only})).figures
    due, opening = ({row["currency"]: row for row in headline(as_rows(figures, basis))} for basis in (DUE, OPENING))
    assert opening
    for each in {*due, *opening}:
        for name, rows in (("due_arr", due), ("renewed_arr", due), ("opening_arr", opening)):
            assert rows.get(each, {}).get(name, 0) == sums[each][name], (each, name)


def test_an_amount_of_which_nothing_can_be_told_is_null_and_not_zero(tell):
    terms = [
        term("a", "2025-06-01", "2026-06-01", None),
        term("b", "2026-05-15", "2026-07-15", "2", nature="expansion"),
    ]
    (row,) = accounts_of(tell("2026-06-01", term=terms).facts)
    assert (row["opening_arr"], row["arr"], row["due_arr"], row["renewed_arr"]) == (None, D("12.00"), None, D(0))


def test_what_became_of_what_fell_due(tell):
    terms = [
        term("a", "2025-06-01", "2026-06-01", "10", account_id="sf:1"),
        term("b", "2026-06-01", "2027-06-01", "11", account_id="sf:1", nature="renewal"),
        term("c", "2025-06-01", "2026-05-20", "10", account_id="sf:2"),
        term("d", "2025-06-01", "2026-09-01", "10", account_id="sf:3"),
        term("e", "2025-01-01", "2026-03-31", "15", account_id="sf:4"),
    ]
    known = [{"id": f"sf:{number}", "name": "A", "segment": "micro"} for number in range(1, 5)]
    told = tell("2026-06-01", account=known, term=terms)
    found = {row["account_id"]: (row["state"], row["deferred"], row["renewed_arr"]) for row in accounts_of(told.facts)}
    assert found == {
        "sf:1": ("renewed", False, D("11.00")),
        "sf:2": ("open", True, D(0)),
        "sf:3": (None, False, D(0)),
        "sf:4": (None, True, D(0)),
    }


def test_rates_of_exchange_stand_beside_amounts_in_their_own_currency(tell):
    rates = [
        {"id": "x", "currency": "CNY", "base": "USD", "on": date(2026, 5, 1), "rate": D("0.1")},
        {"id": "y", "currency": "CNY", "base": "USD", "on": date(2026, 5, 20), "rate": D("0.2")},
    ]
    told = tell("2026-06-01", term=[term("a", "2025-06-01", "2026-06-01", "12")], fx_rate=rates)
    (row,) = accounts_of(told.facts, currency="USD")
    assert (row["due_arr"], row["currency"], row["rate"], row["due_rate"]) == (D("12.00"), "CNY", 0.1, 0.2)
    (due,) = headline(as_rows(stated(told.facts, currency="USD").figures, DUE))
    assert due["due_arr"] == D("2.40")


def test_a_statement_tells_segments_and_csms_apart():
    assert told_apart(["tier", "csm", "segment"]) == ["segment", "csm"]
    with pytest.raises(ConfigError, match="does not tell 'region' apart"):
        told_apart(["region"])
    with pytest.raises(ConfigError, match="no dimension"):
        told_apart(["colour"])


# one digest for one truth


@few
@given(seeds, targets, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_came_makes_no_difference(facts, seed, currency, dice: random.Random):
    told = world(seed)
    other = {kind: dice.sample(rows, len(rows)) for kind, rows in told.items()}
    first, second = facts(told), facts(other)
    assert inputs_of(first, MAY) == inputs_of(second, MAY)
    one, two = stated(first, currency=currency), stated(second, currency=currency)
    assert one.digest == two.digest
    assert one.accounts == two.accounts
    assert reasons(one.accounts.to_pylist(), two.accounts.to_pylist(), Context(True, set(), set())) == {}


@few
@given(seeds, seeds)
def test_what_is_signed_or_quoted_later_changes_nothing_and_is_not_even_read(facts, seed, later):
    told = world(seed)
    new = Histories(later, 20)
    grown = deepcopy(told)
    for row in new.world["term"]:
        start = row["start"]
        if row["account_id"] is not None:
            signed = MAY.closing + timedelta(days=1 + abs((start - AS_OF).days))
            grown["term"].append(row | {"id": f"late{row['id']}", "signed_on": signed})
    grown["fx_rate"].append(
        {"id": "z", "currency": "CNY", "base": "USD", "on": MAY.closing + timedelta(days=1), "rate": D(9)}
    )
    first, second = facts(told), facts(grown)
    assert inputs_of(first, MAY) == inputs_of(second, MAY)
    assert stated(first, currency="USD").digest == stated(second, currency="USD").digest


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("term", {"amount": D(77)}),
        ("term", {"end": date(2026, 6, 2)}),
        ("term", {"account_id": "sf:2"}),
        ("contract_line", {"amount": D(77)}),
        ("contract_line", {"billing": "one_off"}),
        ("account", {"is_customer": False}),
        ("opportunity", {"status": "lost"}),
        ("fx_rate", {"rate": D(2)}),
    ],
)
def test_whatever_a_figure_may_come_from_is_an_input(facts, kind, change):
    rows = {
        "account": [{"id": "sf:1", "name": "A", "is_customer": True}],
        "term": [term("a", "2025-06-01", "2026-06-01", "12")],
        "contract_line": [line("l", "12", "2026-01-01", "2027-01-01", term_id="sf:d")],
        "opportunity": [{"id": "sf:d", "status": "won"}],
        "fx_rate": [{"id": "x", "currency": "CNY", "base": "USD", "on": date(2026, 5, 1), "rate": D(1)}],
    }
    assert set(rows) == INPUTS
    other = rows | {kind: [rows[kind][0] | change]}
    assert inputs_of(facts(rows), MAY) != inputs_of(facts(other), MAY)


# why a month is another


BASE: dict[str, Any] = {
    "account_id": "a",
    "family": "",
    "currency": "USD",
    "opening_arr": D(10),
    "arr": D(10),
    "due_arr": D(0),
    "renewed_arr": D(0),
    "state": None,
    "deferred": False,
    "lines": 1,
    "rate": None,
    "due_rate": None,
}
CALM = Context(settings_differ=False, accounts={"a"}, fresh=set())


@pytest.mark.parametrize(
    ("now", "context", "why"),
    [
        ([BASE], CALM, None),
        ([BASE], replace(CALM, settings_differ=True, fresh={"a"}), None),
        ([BASE | {"lines": 2, "arr": D(20)}], replace(CALM, fresh={"a"}), Reason.LATE_ORDER),
        ([BASE, BASE | {"family": "CRM"}], replace(CALM, fresh={"a"}), Reason.LATE_ORDER),
        ([BASE | {"lines": 2, "arr": D(20)}], CALM, Reason.ACCOUNT),
        ([BASE | {"arr": D(9)}], replace(CALM, fresh={"a"}), Reason.CHANGED_ORDER),
        ([BASE | {"arr": D(9)}], CALM, Reason.UNKNOWN),
        ([BASE | {"arr": D(9)}], replace(CALM, settings_differ=True), Reason.CONFIGURATION),
        ([BASE | {"rate": 2.0}], replace(CALM, settings_differ=True), Reason.CONFIGURATION),
        ([BASE | {"rate": 2.0}], CALM, Reason.EXCHANGE_RATE),
        ([BASE | {"due_rate": 2.0}], replace(CALM, fresh={"a"}), Reason.EXCHANGE_RATE),
        ([], CALM, Reason.WITHDRAWN_ORDER),
        ([gone("a", Reason.WITHDRAWN_ORDER)], CALM, Reason.WITHDRAWN_ORDER),
        ([], replace(CALM, accounts=set()), Reason.ACCOUNT),
    ],
)
def test_reasons(now, context, why):
    assert reasons([BASE], now, context) == ({} if why is None else {"a": why})


def test_changes_are_before_and_after_with_the_reason_that_was_written():
    then = [BASE, BASE | {"account_id": "b"}, BASE | {"account_id": "c", "lines": 1}]
    now = [
        BASE | {"arr": D(20), "reason": "late_order"},
        BASE | {"account_id": "b", "reason": None},
        gone("c", Reason.WITHDRAWN_ORDER),
    ]
    found = {each.account_id: (each.reason, each.facts) for each in changes(then, now)}
    assert found["a"] == ("late_order", {"arr": (D(10), D(20))})
    assert found["c"][0] == "withdrawn_order"
    assert found["c"][1]["arr"] == (D(10), None)
    assert set(found) == {"a", "c"}


def test_moves_are_the_figures_of_all_customers_that_differ(tell):
    year = term("a", "2025-06-01", "2026-06-01", "10")
    before = stated(tell("2026-06-01", term=[year]).facts)
    late = term("b", "2026-06-01", "2027-06-01", "11", nature="renewal", signed_on=date(2026, 5, 30))
    after = stated(tell("2026-06-01", term=[year, late]).facts)
    found = {(each.basis, each.name): (each.before, each.after) for each in moves(before.figures, after.figures)}
    assert found[DUE, "renewal_rate_amount_due"] == (0.0, 1.1)
    assert found[OPENING, "ndr"] == (0.0, 1.1)
    assert (DUE, "due_arr") not in found
    assert moves(after.figures, after.figures) == []


def test_months_follow_each_other():
    assert month_before(month_of(date(2026, 1, 31))).name == "2025-12"
    assert month_before(MAY).closing == MAY.opening


def test_the_queries_are_portable(facts):
    """Save for what asks whether anything is new, which need not be the same on every engine."""
    heard: list[str] = []

    class Heard:
        def __init__(self, connection: Any) -> None:
            self.connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

        def sql(self, text: str) -> Any:
            heard.append(text)
            return self.connection.sql(text)

    reckon(Heard(facts(world(1, 5))), MAY, RULES, "USD", 45)  # type: ignore[arg-type]
    (mine,) = [text for text in heard if "month_health" in text]
    (tree,) = sqlglot.parse(mine, dialect="duckdb")
    assert not_portable(tree) is None


def test_figures_of_a_later_version_are_kept_as_they_are(facts):
    """A name that this version does not know is shown, not dropped."""
    table = pa.table({"dimension": ["all"], "value": ["all"], "currency": ["USD"], "new_customers": [3]})
    (row,) = as_rows(as_figures(OPENING, table), OPENING)
    assert row["new_customers"] == 3
