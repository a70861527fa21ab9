"""Goals, return, references: by hand."""

from __future__ import annotations

import pytest


def goals(hand, *rows):
    return [{"id": f"sf:{n}", "account_id": "sf:1", "metric": "m", **row} for n, row in enumerate(rows)]


def test_a_goal_is_agreed_when_it_has_a_target(value, hand):
    rows = goals(hand, {"target": 10.0}, {"target": 0.0, "due_on": hand.day(-30)}, {"baseline": 5.0, "actual": 6.0})
    assert value("goals_agreed", goal=rows, delivery=hand.deliver("goal")) == 2


@pytest.mark.parametrize(("ago", "counts"), [(364, 1), (365, 0), (-900, 1)])
def test_a_goal_that_was_due_more_than_a_year_ago_is_no_longer_agreed(value, hand, ago, counts):
    rows = goals(hand, {"target": 10.0, "due_on": hand.day(ago)})
    assert value("goals_agreed", goal=rows, delivery=hand.deliver("goal")) == counts


@pytest.mark.parametrize("name", ["goals_agreed", "goal_overdue"])
def test_no_goal_is_zero_where_goals_are_kept_and_unknown_where_not(value, hand, name):
    """No success standard is danger H2 (book §7.2.1, R13), but only somebody who keeps goals can lack them."""
    assert value(name, delivery=hand.deliver("goal")) == 0
    assert value(name, delivery=hand.deliver("advocacy")) is None


@pytest.mark.parametrize(
    ("goal", "late"),
    [
        ({"baseline": 10.0, "target": 20.0, "actual": 19.9}, 1),
        ({"baseline": 10.0, "target": 20.0, "actual": 20.0}, 0),
        ({"baseline": 20.0, "target": 10.0, "actual": 10.1}, 1),
        ({"baseline": 20.0, "target": 10.0, "actual": 9.0}, 0),
        ({"target": 10.0, "actual": 11.0}, 0),
        ({"target": 10.0}, 1),
        ({"actual": 11.0}, 0),
    ],
)
def test_a_goal_is_missed_on_the_wrong_side_of_its_target(value, hand, goal, late):
    rows = goals(hand, {"due_on": hand.day(1), **goal})
    assert value("goal_overdue", goal=rows, delivery=hand.deliver("goal")) == late


@pytest.mark.parametrize(("ago", "late"), [(0, 0), (1, 1), (365, 1), (366, 0), (None, 0)])
def test_a_goal_is_late_from_the_day_after_its_date_for_a_year(value, hand, ago, late):
    rows = goals(hand, {"due_on": None if ago is None else hand.day(ago), "target": 1.0, "actual": 0.0})
    assert value("goal_overdue", goal=rows, delivery=hand.deliver("goal")) == late


@pytest.mark.parametrize(("measured", "late"), [(0, 0), (-1, 1), (None, 0)])
def test_what_was_measured_later_had_not_been_reached_yet(value, hand, measured, late):
    on = None if measured is None else hand.day(measured)
    rows = goals(hand, {"due_on": hand.day(5), "target": 1.0, "actual": 1.0, "measured_on": on})
    assert value("goal_overdue", goal=rows, delivery=hand.deliver("goal")) == late


def test_ten_to_one_is_a_return_of_a_thousand_percent(value, hand):
    """Golden G10: a training costs a million a year and gains ten (book §1.3.3)."""
    benefit, cost = 10_000_000, 1_000_000
    rows = goals(hand, {"kind": "roi", "actual": 100.0 * benefit / cost}, {"kind": "cost", "actual": 7.0})
    assert value("roi", goal=rows) == 1000


def test_the_newest_return_counts_and_one_without_a_day_only_when_alone(value, hand):
    old = {"kind": "roi", "actual": 300.0, "measured_on": hand.day(100)}
    new = {"kind": "roi", "actual": 150.0, "measured_on": hand.day(10)}
    undated, later = {"kind": "roi", "actual": 50.0}, {"kind": "roi", "actual": 900.0, "measured_on": hand.day(-1)}
    assert value("roi", goal=goals(hand, undated, new, old, later)) == 150
    assert value("roi", goal=goals(hand, undated, later)) == 50
    assert value("roi", goal=goals(hand, later)) is None
    assert value("roi", goal=goals(hand, {**old, "measured_on": hand.day(365)})) is None
    assert value("roi", delivery=hand.deliver("goal")) is None


def test_references_are_what_others_can_see(value, hand):
    kinds = ["reference", "case_study", "speaker", "shares_success", "referral", "internal_promotion"]
    rows = [hand.mine(id=f"sf:{kind}", kind=kind, happened_on=hand.day(3)) for kind in kinds]
    rows += [hand.mine(id=f"sf:{ago}", kind="speaker", happened_on=hand.day(ago)) for ago in (364, 365, -1)]
    assert value("references", advocacy=rows, delivery=hand.deliver("advocacy")) == 4
    assert value("references", delivery=hand.deliver("advocacy")) == 0
    assert value("references", advocacy=rows) is None
