"""The stage of a customer: each rule, its edges, and which goes before which (book §5.2.1, §5.4; C1)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from csconnect.compute.measure import measure
from csconnect.compute.signal import parse_signal


@pytest.fixture
def stage(rollup):
    """The stage of the one account, with the rows given."""

    def found(grace_days=90, **rows):
        return dict(rollup("lifecycle", rows, grace_days)).get("sf:1")

    return found


def term(hand, begun, ends, **more):
    """A term that began and ends so many days from today."""
    return hand.mine(id=f"sf:{begun}", start=hand.day(begun), end=hand.day(-ends), **more)


def project(hand, started, live=None, **more):
    on = None if live is None else hand.day(live)
    return hand.mine(id=f"sf:p{started}", started_on=hand.day(started), live_on=on, **more)


def test_what_somebody_states_goes_before_all(stage, hand):
    account = {"id": "sf:1", "name": "A", "stage": "promotion"}
    assert stage(account=[account], term=[term(hand, 300, 10)], project=[project(hand, 9)]) == "promotion"


def test_prospects_have_no_stage(rollup):
    assert (
        rollup("lifecycle", {"account": [{"id": "sf:1", "name": "A", "is_customer": False, "stage": "stable"}]}) == []
    )


@pytest.mark.parametrize(
    ("ends", "expected"), [(91, "stable"), (90, "renewal"), (0, "renewal"), (-90, "renewal"), (-91, "stable")]
)
def test_renewal_is_talked_of_from_ninety_days_before_the_end_until_grace_is_over(stage, hand, ends, expected):
    assert stage(term=[term(hand, 500, ends)]) == expected


def test_what_is_renewed_is_not_talked_of(stage, hand):
    rows = [term(hand, 500, -10), term(hand, 9, 356, nature="renewal")]
    assert stage(term=rows) == "stable"
    rows[1]["nature"] = "expansion"
    assert stage(term=rows) == "renewal"
    assert stage(grace_days=9, term=rows) == "stable", "with less grace it is lost"


@pytest.mark.parametrize(
    ("live", "expected"),
    [(None, "implementation"), (-1, "implementation"), (0, "promotion"), (29, "promotion"), (30, "stable")],
)
def test_a_project_is_implementation_then_a_month_of_promotion_then_stable_use(stage, hand, live, expected):
    assert stage(project=[project(hand, 100, live)], term=[term(hand, 200, 200)]) == expected
    assert stage(project=[project(hand, 100, live)], term=[term(hand, 20, 345)]) == expected, "though the paper is new"
    assert stage(project=[project(hand, 100, live)], term=[term(hand, 200, 90)]) == "renewal"


def test_a_second_project_is_implementation_once_it_has_begun(stage, hand):
    assert stage(project=[project(hand, 500, 400), project(hand, 10)]) == "implementation"
    assert stage(project=[project(hand, 500, 400), project(hand, -10)]) == "stable"


def test_a_project_that_is_live_since_nobody_knows_when_is_stable(stage, hand):
    assert stage(project=[project(hand, 20, phase="live")]) == "stable"


@pytest.mark.parametrize(("ago", "expected"), [(-20, "signed"), (0, "signed"), (89, "signed"), (90, "stable")])
def test_a_new_customer_has_signed_until_something_begins_or_three_months_are_over(stage, hand, ago, expected):
    assert stage(contract=[hand.mine(signed_on=hand.day(ago))]) == expected
    assert stage(term=[term(hand, ago, 365)]) == expected


def test_a_new_contract_of_an_old_customer_is_not_a_new_customer(stage, hand):
    assert stage(contract=[hand.mine(signed_on=hand.day(5))], term=[term(hand, 600, 235)]) == "stable"


@pytest.mark.parametrize(
    ("ago", "logins", "expected"), [(3, 1, "stable"), (0, 1, "stable"), (3, 0, "signed"), (-1, 1, "signed")]
)
def test_who_uses_the_product_has_more_than_signed(stage, hand, ago, logins, expected):
    use = {"account_id": "sf:1", "user": "u", "day": hand.day(ago), "logins": logins}
    assert stage(term=[term(hand, 30, 335)], usage_day=[use]) == expected


def test_a_customer_of_whom_nothing_is_known_is_stable(stage):
    assert stage() == "stable"


def test_a_signal_may_count_one_stage_only(facts, library, hand):
    """What a card per stage is made of: the roll-up is a table like any other."""
    text = """/*
title: {en: Stable, zh: 稳定}
unit: 0 or 1
window: 1
polarity: none
entities: [account]
source: "none"
*/
SELECT lifecycle.account_id, CASE WHEN lifecycle.stage = 'stable' THEN 1.0 ELSE 0.0 END AS value FROM lifecycle
"""
    signal = parse_signal("in_stable_use", text, "in_stable_use.sql", library.rollups)
    created = datetime(2020, 1, 1, tzinfo=UTC)
    accounts = [{"id": f"sf:{n}", "name": "A", "created_at": created} for n in (1, 2)]
    connection = facts({"account": accounts, "project": [project(hand, 100)]})
    measure(connection, [signal, library.signals["not_live_days"]], hand.AS_OF)
    rows = connection.sql("SELECT * FROM measured ORDER BY ALL").fetchall()
    assert rows == [("sf:1", "in_stable_use", 0.0), ("sf:1", "not_live_days", 100.0), ("sf:2", "in_stable_use", 1.0)]
