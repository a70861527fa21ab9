"""Projects, promises, the red light and the stage: by hand."""

from __future__ import annotations

import pytest


def project(hand, *, id="sf:p", started=None, planned=None, live=None, **more):
    """A project, its dates as days ago."""
    dates = {"started_on": started, "planned_live_on": planned, "live_on": live}
    return hand.mine(id=id, **{name: None if ago is None else hand.day(ago) for name, ago in dates.items()}, **more)


@pytest.mark.parametrize(
    ("planned", "live", "days"),
    [
        (20, 20, 0),
        (20, 30, 0),
        (20, 5, 15),
        (20, None, 20),
        (0, None, 0),
        (-5, None, 0),
        (20, -1, 20),
        (None, None, None),
    ],
)
def test_a_go_live_is_late_by_the_days_beyond_its_plan_and_goes_on_being_so(value, hand, planned, live, days):
    rows = [project(hand, started=100, planned=planned, live=live)]
    assert value("go_live_delay", project=rows) == days


@pytest.mark.parametrize(
    ("started", "live", "days"), [(92, None, 92), (92, 10, 0), (92, 0, 0), (92, -1, 92), (0, None, 0)]
)
def test_days_without_go_live_count_from_the_start(value, hand, started, live, days):
    """Three months without go-live are ordinary danger (book §7.2.1, R10)."""
    assert value("not_live_days", project=[project(hand, started=started, live=live)]) == days


def test_a_project_without_a_start_began_when_its_contract_was_signed(value, hand):
    rows = {
        "contract": [hand.mine(id="sf:c", signed_on=hand.day(120), start=hand.day(90))],
        "project": [project(hand, contract_id="sf:c")],
    }
    assert value("not_live_days", **rows) == 120
    rows["contract"][0]["signed_on"] = None
    assert value("not_live_days", **rows) == 90
    assert value("not_live_days", project=[project(hand)]) is None
    assert value("not_live_days", delivery=hand.deliver("project")) is None


@pytest.mark.parametrize(("more", "live"), [({"phase": "live"}, True), ({"phase": "test"}, False), ({}, False)])
def test_a_project_may_be_live_without_saying_since_when(value, hand, more, live):
    rows = [project(hand, started=100, planned=50, **more)]
    assert value("not_live_days", project=rows) == (0 if live else 100)
    assert value("go_live_delay", project=rows) == (None if live else 50), "nobody knows how late it was"
    accepted = [project(hand, started=100, accepted_on=hand.day(1))]
    assert value("not_live_days", project=accepted) == 0
    accepted[0]["accepted_on"] = hand.day(-1)
    assert value("not_live_days", project=accepted) == 100


def test_the_newest_project_counts_and_one_still_to_begin_does_not(value, hand):
    first = project(hand, id="sf:1", started=500, planned=400, live=390)
    second = project(hand, id="sf:2", started=40, planned=10)
    third = project(hand, id="sf:3", started=-10, planned=300)
    rows = [third, first, second]
    assert value("go_live_delay", project=rows) == 10
    assert value("not_live_days", project=rows) == 40
    assert value("time_to_live", project=rows) == 110, "of the newest that is live"
    assert value("time_to_live", project=[second]) is None


def test_a_go_live_before_the_start_is_no_time_at_all(value, hand):
    assert value("time_to_live", project=[project(hand, started=10, live=20)]) is None
    assert value("time_to_live", project=[project(hand, started=10, live=10)]) == 0


def promise(hand, *, id="sf:x", side="ours", made=100, due=None, kept=None):
    dates = {"made_on": made, "due_on": due, "fulfilled_on": kept}
    return hand.mine(id=id, side=side, **{n: None if ago is None else hand.day(ago) for n, ago in dates.items()})


@pytest.mark.parametrize(
    ("dates", "still_open", "overdue"),
    [
        ({}, 1, 0),
        ({"made": None}, 1, 0),
        ({"due": 0}, 1, 0),
        ({"due": 1}, 1, 1),
        ({"due": 1, "kept": 0}, 0, 0),
        ({"due": 1, "kept": -1}, 1, 1),
        ({"due": 1, "side": "theirs"}, 0, 0),
        ({"made": -1, "due": -9}, 0, 0),
    ],
)
def test_promises_are_ours_until_they_are_kept(value, hand, dates, still_open, overdue):
    rows = {"commitment": [promise(hand, **dates)], "delivery": hand.deliver("commitment")}
    assert value("open_commitments", **rows) == still_open
    assert value("overdue_commitments", **rows) == overdue


@pytest.mark.parametrize("name", ["open_commitments", "overdue_commitments"])
def test_no_promise_is_zero_only_where_promises_are_kept_note_of(value, hand, name):
    assert value(name, delivery=hand.deliver("commitment")) == 0
    assert value(name, commitment=[promise(hand, due=4)]) is None
    several = [promise(hand, id=f"sf:{n}", due=n) for n in (1, 2, 3)]
    assert value(name, commitment=several, delivery=hand.deliver("commitment")) == 3


@pytest.mark.parametrize(
    ("pressed", "since", "until", "burns"),
    [
        (True, None, None, 1),
        (True, 0, None, 1),
        (True, -1, None, 0),
        (True, 10, -1, 1),
        (True, 10, 0, 0),
        (False, 10, -1, 0),
        (None, 10, -1, None),
    ],
)
def test_the_red_light_burns_from_its_day_until_the_day_it_runs_out(value, hand, pressed, since, until, burns):
    days = {"red_light_on": since, "red_light_until": until}
    dates = {name: None if ago is None else hand.day(ago) for name, ago in days.items()}
    account = {"id": "sf:1", "name": "A", "red_light": pressed, **dates}
    assert value("red_light", account=[account], delivery=hand.deliver("account")) == burns
