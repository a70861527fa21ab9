"""Healthy ARR and its waterfall: the amounts of the source, and laws over random months."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.healthy import (
    Standing,
    healthy_arr,
    healthy_arr_mom,
    healthy_arr_rate_mom,
    standings,
)
from csconnect.compute.waterfall import Amount, Step, step_of, waterfall

ROW = pa.schema(
    {
        "account_id": pa.string(),
        "arr": pa.decimal128(38, 2),
        "is_customer": pa.bool_(),
        "band": pa.string(),
        "deferred": pa.bool_(),
        "known_before": pa.bool_(),
    }
)


def row(account, arr, band="green", *, customer=True, deferred=False, before=False):
    amount = None if arr is None else Decimal(arr)
    return dict(zip(ROW.names, (account, amount, customer, band, deferred, before), strict=True))


def month(*rows):
    return standings(pa.Table.from_pylist(list(rows), schema=ROW))


# -- GT-09 ----------------------------------------------------------------------------------------------------------------------

THEN = [
    row("sick", 3_000_000),
    row("sick too", "208200.00"),
    row("left", 600_000),
    row("left the list", 54_100),
    row("less", 1_000_000),
    row("more", 500_000),
    row("better", 12_000_000, "red"),
    row("better too", 31_400, None),
    row("steady", 7_777_777),
    row("back", 0, None),
]
NOW = [
    row("sick", 3_100_000, "yellow"),
    row("sick too", "208200.00", "green", deferred=True),
    row("left", 0, "green"),
    row("less", 466_600),
    row("back", 871_700, before=True),
    row("fresh", 3_000_000),
    row("fresh too", 850_300),
    row("more", 4_431_700),
    row("better", 12_000_000),
    row("better too", 31_500),
    row("steady", 7_777_777),
    row("never well", 99, "red"),
]
PRINTED = {
    Step.TO_NON_HEALTHY: ("-3208200", 2),
    Step.CHURN: ("-654100", 2),
    Step.CONTRACTION: ("-533400", 1),
    Step.WON_BACK: ("871700", 1),
    Step.NEW: ("3850300", 2),
    Step.EXPANSION: ("3931700", 1),
    Step.RECOVERED: ("12031500", 2),
}


def test_gt09_the_waterfall_of_the_source():
    """-320.82, -65.41, -53.34, +87.17, +385.03, +393.17, +1203.15 (万), net +1628.95 (decks 001:1414-1444).

    Which value belongs to which label is inferred: the source prints the labels in this order and the values in ascending order.
    """
    found = waterfall(month(*THEN), month(*NOW))
    assert found.steps == {step: Amount(Decimal(arr), accounts) for step, (arr, accounts) in PRINTED.items()}
    assert list(found.steps) == list(Step)
    assert found.change == Decimal(16_289_500) == sum(amount.arr for amount in found.steps.values())
    assert sum(amount.arr for amount in found.steps.values() if amount.arr < 0) == Decimal(-4_395_700)
    assert sum(amount.arr for amount in found.steps.values() if amount.arr > 0) == Decimal(20_685_200)
    assert found.opening == sum(one["arr"] for one in THEN if one["band"] == "green")
    assert found.unknown == {Step.TO_NON_HEALTHY: Amount(), Step.RECOVERED: Amount(Decimal(31_500), 1)}
    assert found.untold == 0


# -- single steps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("then", "now", "step"),
    [
        (row("a", 5), row("a", 5), None),
        (row("a", 5), row("a", 9, None), Step.TO_NON_HEALTHY),
        (row("a", 5), row("a", 0, deferred=True), Step.TO_NON_HEALTHY),
        (row("a", 5), row("a", 0), Step.CHURN),
        (row("a", 5), row("a", 5, customer=False), Step.CHURN),
        (row("a", 0, deferred=True), row("a", 0), None),
        (row("a", 0, deferred=True), row("a", 5, before=True), Step.RECOVERED),
        (row("a", 5, "red"), row("a", 6, before=True), Step.RECOVERED),
        (row("a", 0, customer=False), row("a", 6, before=True), Step.WON_BACK),
        (row("a", 5, customer=False), row("a", 6), Step.NEW),
        (row("a", 5, "yellow"), row("a", 6, "red"), None),
        (row("a", 5), row("a", "4.99"), Step.CONTRACTION),
        (row("a", 5), row("a", "5.01"), Step.EXPANSION),
    ],
)
def test_each_step_on_its_edge(then, now, step):
    assert step_of(month(then)["a"], month(now)["a"]) is step


@pytest.mark.parametrize(("then", "now"), [(None, 5), (5, None), (None, None)])
def test_an_amount_that_cannot_be_told_moves_nothing(then, now):
    """A missing rate is no churn and no new customer: the account is left out of both months, and counted."""
    found = waterfall(month(row("a", then), row("b", 3)), month(row("a", now), row("b", 4)))
    assert (found.opening, found.closing, found.untold) == (3, 4, 1)
    assert found.steps[Step.EXPANSION] == Amount(Decimal(1), 1)
    assert sum(amount.accounts for amount in found.steps.values()) == 1


# -- healthy ARR ----------------------------------------------------------------------------------------------------------------


def test_health_is_weighed_by_amount():
    """One great red customer outweighs three small green ones; the unknown stand in the whole; the deferred are never healthy."""
    found = healthy_arr(
        month(
            *(row(f"small {n}", 10) for n in range(3)),
            row("great", 60, "red"),
            row("dark", 6, None),
            row("late", 4, "green", deferred=True),
            row("gone", 100, customer=False),
            row("untold", None),
        ).values()
    )
    assert (found.healthy, found.whole, found.unknown, found.untold) == (30, 100, 6, 1)
    assert found.rate.value == Decimal("0.3")


def test_inc05_a_growing_book_is_not_a_healthier_one():
    """Healthy ARR doubles while the rate falls: two figures, 200 % and 80 % (decks 001:1514-1517)."""
    then = healthy_arr(month(row("a", 50), row("b", 50, "red")).values())
    now = healthy_arr(month(row("a", 100), row("b", 150, "red")).values())
    assert healthy_arr_mom(then, now).value == 2
    assert healthy_arr_rate_mom(then, now) == Decimal("0.8")


def test_without_last_month_nothing_is_compared():
    none, some = healthy_arr([]), healthy_arr(month(row("a", 5)).values())
    sick = healthy_arr(month(row("a", 5, "red")).values())
    assert none.rate.value is None
    for then in (none, sick):
        assert healthy_arr_mom(then, some).value is None
        assert healthy_arr_rate_mom(then, some) is None
    assert healthy_arr_mom(some, sick).value == healthy_arr_rate_mom(some, sick) == 0
    assert healthy_arr_rate_mom(some, none) is None


# -- laws -----------------------------------------------------------------------------------------------------------------------

STANDINGS = st.builds(
    Standing,
    arr=st.none() | st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(5)]) | st.decimals(0, 10**7, places=2),
    is_customer=st.booleans(),
    healthy=st.sampled_from([True, False, None]),
    deferred=st.booleans(),
    known_before=st.booleans(),
).filter(lambda one: not (one.deferred and one.healthy is not False))
MONTHS = st.dictionaries(st.sampled_from([f"a{n}" for n in range(12)]), STANDINGS, max_size=12)
GONE = Standing(Decimal(0), is_customer=False, healthy=None)


def told(one):
    return not (one.is_customer and one.arr is None)


def well(one):
    """Healthy ARR in one expression, for the twin."""
    return one.arr if one.is_customer and one.healthy is True and one.arr is not None else Decimal(0)


def customer(one):
    return one.is_customer and (one.arr != 0 or one.deferred)


PREDICATES = {
    Step.TO_NON_HEALTHY: lambda then, now: well(then) > 0 and customer(now) and now.healthy is not True,
    Step.CHURN: lambda then, now: well(then) > 0 and not customer(now),
    Step.CONTRACTION: lambda then, now: well(then) > well(now) > 0,
    Step.WON_BACK: lambda then, now: not customer(then) and well(now) > 0 and now.known_before,
    Step.NEW: lambda then, now: not customer(then) and well(now) > 0 and not now.known_before,
    Step.EXPANSION: lambda then, now: well(now) > well(then) > 0,
    Step.RECOVERED: lambda then, now: customer(then) and then.healthy is not True and well(now) > 0,
}
"""Each step as the sources tell it, by itself."""


@given(MONTHS, MONTHS)
def test_the_steps_sum_to_the_change_of_the_accounts_that_are_told(then, now):
    """And closing and opening are what healthy ARR says of the same accounts."""
    found = waterfall(then, now)
    pairs = [(then.get(key, GONE), now.get(key, GONE)) for key in {*then, *now}]
    kept = [(before, after) for before, after in pairs if told(before) and told(after)]
    assert found.untold == len(pairs) - len(kept)
    assert found.opening == healthy_arr(before for before, _ in kept).healthy == sum(well(one) for one, _ in kept)
    assert found.closing == healthy_arr(after for _, after in kept).healthy == sum(well(one) for _, one in kept)
    assert sum(amount.arr for amount in found.steps.values()) == found.closing - found.opening == found.change
    for step, holds in PREDICATES.items():
        inside = [well(after) - well(before) for before, after in kept if holds(before, after)]
        assert found.steps[step] == Amount(sum(inside, Decimal(0)), len(inside))


@given(STANDINGS.filter(told), STANDINGS.filter(told))
def test_an_account_is_in_one_step_or_has_not_moved(then, now):
    """Exhaustive and exclusive."""
    held = [step for step, holds in PREDICATES.items() if holds(then, now)]
    found = step_of(then, now)
    assert held == ([] if found is None else [found])
    assert (found is None) == (well(then) == well(now))


@given(MONTHS)
def test_a_month_against_itself_moves_nothing(one):
    found = waterfall(one, one)
    assert found.change == 0
    assert all(amount == Amount() for amount in found.steps.values())
