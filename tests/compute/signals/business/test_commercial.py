"""Payments, terms and what people heard: by hand, and the renewal against the term states."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.compute.terms import RenewalRules, term_states

CONCERNS = {
    "budget_cut": "budget_cut",
    "organisation_change": "organisation_change",
    "competitor": "competitor",
    "price_concern": "price",
    "wrong_customer": "wrong_customer",
    "business_failing": "business_failing",
    "value_unclear": "value_unclear",
}


def instalments(hand, *dates, **more):
    """Due and paid, as days ago."""
    return [
        {
            "id": f"sf:{n}",
            "account_id": "sf:1",
            "due_on": hand.day(due),
            "paid_on": None if paid is None else hand.day(paid),
            **more,
        }
        for n, (due, paid) in enumerate(dates)
    ]


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        ([], 0),
        ([(0, None)], 0),
        ([(1, None)], 1),
        ([(40, None), (1000, None), (2000, 1990)], 1000),
        ([(40, 0)], 0),
        ([(40, -1)], 40),
        ([(-5, None)], 0),
    ],
)
def test_the_oldest_unpaid_instalment_says_how_late_payment_is(value, hand, dates, days):
    rows = instalments(hand, *dates)
    assert value("overdue_payments", payment=rows, delivery=hand.deliver("payment")) == days


def test_payments_that_nobody_delivers_are_unknown_and_nothing_is_owed_for_nothing(value, hand):
    assert value("overdue_payments", payment=instalments(hand, (40, None))) is None
    free = instalments(hand, (40, None), amount=0)
    assert value("overdue_payments", payment=free, delivery=hand.deliver("payment")) == 0
    assert value("overdue_share", payment=free) is None


def test_the_share_overdue_counts_the_instalments_of_a_year(value, hand):
    dates = [(365, None), (366, None), (200, 199), (100, -1), (1, 1), (0, None), (-9, None)]
    assert value("overdue_share", payment=instalments(hand, *dates)) == 50
    assert value("overdue_share", payment=instalments(hand, (0, None), (400, None))) is None


def test_tenure_is_months_since_the_first_term_began(value, hand):
    rows = [
        hand.mine(id=f"sf:{n}", start=hand.day(a), end=hand.day(b)) for n, (a, b) in enumerate([(1461, 700), (100, -9)])
    ]
    assert value("tenure", term=rows) == pytest.approx(48)
    assert value("tenure", term=[hand.mine(start=hand.day(-1), end=hand.day(-90))]) is None
    assert value("tenure", delivery=hand.deliver("term")) is None


def test_the_next_renewal_is_the_nearest_end_that_nothing_renews(value, hand):
    running = hand.mine(id="sf:a", start=hand.day(300), end=hand.day(-65))
    other = hand.mine(id="sf:b", start=hand.day(10), end=hand.day(-355), product_line="BI")
    successor = hand.mine(id="sf:c", start=hand.day(-65), end=hand.day(-430), nature="renewal")
    assert value("days_to_renewal", term=[running, other]) == 65
    assert value("days_to_renewal", term=[running, other, successor]) == 355, "the first one is renewed already"
    assert value("days_to_renewal", term=[hand.mine(start=hand.day(300), end=hand.day(0))]) is None


@pytest.mark.parametrize(("begun", "ends", "renews"), [(400, -300, False), (399, 5, False), (399, -300, True)])
def test_what_runs_beside_a_term_does_not_renew_it(value, hand, begun, ends, renews):
    """Another term that began with it, or ends with it (decks 001:1387)."""
    rows = [hand.mine(id="sf:a", start=hand.day(400), end=hand.day(5))]
    rows += [hand.mine(id="sf:b", start=hand.day(begun), end=hand.day(ends))]
    assert value("renewal_deferred", term=rows, delivery=hand.deliver("term")) == (not renews)


@pytest.mark.parametrize(("ended", "late"), [(-1, 0), (0, 1), (90, 1), (91, 0)])
def test_a_renewal_is_deferred_within_grace(value, hand, ended, late):
    rows = [hand.mine(start=hand.day(500), end=hand.day(ended))]
    assert value("renewal_deferred", term=rows, delivery=hand.deliver("term")) == late
    assert value("renewal_deferred", term=rows) is None


spans = st.lists(
    st.tuples(
        st.sampled_from([None, "CRM", "BI"]),
        st.integers(-800, 200),
        st.integers(-30, 800),
        st.sampled_from(["new", "renewal", "expansion", "contraction"]),
    ),
    max_size=6,
)
companies = st.lists(st.tuples(spans, st.booleans()), min_size=10, max_size=20)
"""For each account its terms, and whether it is a customer."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(company=companies, grace=st.integers(0, 180))
def test_renewal_signals_agree_with_the_term_states(facts, values, hand, company, grace):
    keys = [f"sf:{n}" for n in range(len(company))]
    terms = [
        {
            "id": f"{key}-{n}",
            "account_id": key,
            "product_line": line,
            "start": hand.day(-offset),
            "end": hand.day(-offset) + timedelta(days=length),
            "nature": nature,
        }
        for key, (spans, _) in zip(keys, company, strict=True)
        for n, (line, offset, length, nature) in enumerate(spans)
    ]
    accounts = [
        {"id": key, "name": key, "is_customer": customer} for key, (_, customer) in zip(keys, company, strict=True)
    ]
    rows = {"account": accounts, "term": terms}
    connection = facts(rows)
    states = term_states(connection, hand.AS_OF, RenewalRules(grace_days=grace)).to_pylist()
    facts.done(connection)
    told = [{"account_id": key, "entity": "term"} for key in keys]
    found = values(["renewal_deferred", "days_to_renewal"], rows | {"delivery": told}, grace)
    for key in keys:
        mine = [row for row in states if row["account_id"] == key]
        deferred = any(row["state"] == "deferred" for row in mine)
        assert found[key, "renewal_deferred"] == deferred
        ahead = [row["days_to_end"] for row in mine if row["state"] in ("due", "not_due")]
        assert found.get((key, "days_to_renewal")) == min(ahead, default=None)


@pytest.mark.parametrize("name", CONCERNS)
def test_a_concern_counts_while_it_is_open_for_half_a_year(value, hand, name):
    def heard(ago, resolved=None, cause=CONCERNS[name]):
        on = None if resolved is None else hand.day(resolved)
        row = hand.mine(cause=cause, raised_on=hand.day(ago), resolved_on=on)
        return value(name, concern=[row], delivery=hand.deliver("concern"))

    assert [heard(ago) for ago in (-1, 0, 179, 180)] == [0, 1, 1, 0]
    assert [heard(50, resolved) for resolved in (0, -1)] == [0, 1], "what is resolved tomorrow is open today"
    assert heard(50, cause="other") == 0
    assert value(name, delivery=hand.deliver("concern")) == 0
    assert value(name, concern=[hand.mine(cause=CONCERNS[name], raised_on=hand.day(3))]) is None


@pytest.mark.parametrize(
    ("is_target", "told", "expected"),
    [(None, False, None), (None, True, 0), (True, False, 0), (False, True, 1), (False, False, 1)],
)
def test_the_account_itself_may_say_that_it_is_the_wrong_customer(value, hand, is_target, told, expected):
    account = [{"id": "sf:1", "name": "A", "is_target": is_target}]
    assert value("wrong_customer", account=account, delivery=hand.deliver(*["concern"] * told)) == expected


@pytest.mark.parametrize(("stated", "expected"), [(None, None), (0.0, 0), (61.5, 61.5), (101.0, None), (-1.0, None)])
def test_business_health_is_what_somebody_outside_says(value, stated, expected):
    assert value("business_health", account=[{"id": "sf:1", "name": "A", "business_health": stated}]) == expected
