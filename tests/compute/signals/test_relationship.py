"""Whom we met, when, and whether we are still let in (book §3.8, §7.2.1, §7.2.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

AS_OF = date(2026, 11, 22)


def day(ago: int) -> date:
    return AS_OF - timedelta(days=ago)


def touch(ago: int, **rest: Any) -> dict[str, Any]:
    return {
        "id": f"sf:{ago}{sorted(rest.items())}",
        "account_id": "sf:1",
        "kind": "meeting",
        "happened_at": datetime.combine(day(ago), time(23, 59), UTC),
        **rest,
    }


BOSS = {"id": "sf:003B", "account_id": "sf:1", "name": "王总", "roles": ["decision_maker"]}
IT_LEAD = {"id": "sf:003I", "account_id": "sf:1", "name": "Li Lei", "roles": ["it"]}


def signed(ago: int) -> dict[str, Any]:
    return {"id": "sf:t", "account_id": "sf:1", "start": day(ago), "end": day(ago - 365)}


@pytest.mark.parametrize("outcome", ["declined", "no_show"])
def test_who_did_not_come_was_not_met(judge, outcome):
    refused = touch(3, outcome=outcome, executive=True, decision_maker=True, attendees=["王总"])
    before = touch(40, executive=True, decision_maker=True, attendees=["王总"], outcome="held")
    rows = {"touchpoint": [refused, before], "contact": [BOSS]}
    assert judge("executive_met", "touchpoint", **rows) == 1
    assert judge("contact_gap", "touchpoint", **rows) == 40
    assert judge("decision_maker_contact", "touchpoint contact", **rows) == 40
    assert judge("contacts_met", "touchpoint contact", touchpoint=[refused], contact=[BOSS]) == 0
    assert judge("meetings_declined", "touchpoint", **rows) == 1


def test_a_note_of_ours_is_no_contact(judge):
    assert judge("contact_gap", "touchpoint", touchpoint=[touch(1, kind="note"), touch(9, kind="call")]) == 9


@pytest.mark.parametrize("signal", ["contact_gap", "decision_maker_contact"])
@pytest.mark.parametrize(("ago", "value"), [(0, 0), (1, 1), (180, 180), (181, 181), (400, 181), (-1, 181)])
def test_days_since_the_last_contact_end_at_half_a_year(judge, signal, ago, value):
    assert judge(signal, "touchpoint", touchpoint=[touch(ago, decision_maker=True)]) == value


@pytest.mark.parametrize("signal", ["contact_gap", "decision_maker_contact"])
@pytest.mark.parametrize(("since", "value"), [(10, 10), (180, 180), (1000, 181), (-5, 0)])
def test_a_new_customer_has_not_been_neglected_for_longer_than_it_exists(judge, signal, since, value):
    assert judge(signal, "touchpoint", term=[signed(since)]) == value
    assert judge(signal, "contact", term=[signed(since)]) is None
    contract = {"id": "sf:c", "account_id": "sf:1", "signed_on": day(since)}
    assert judge(signal, "touchpoint", contract=[contract]) == value
    record = {"id": "sf:1", "name": "Acme", "created_at": datetime.combine(day(since), time(1), UTC)}
    assert judge(signal, "touchpoint", account=[record]) == value


@pytest.mark.parametrize("attendee", ["王总", "003B"])
def test_a_decision_maker_is_recognised_by_name_and_by_bare_id(judge, attendee):
    rows = {"contact": [BOSS, IT_LEAD], "touchpoint": [touch(30, attendees=["Our CSM", attendee]), touch(2)]}
    assert judge("decision_maker_contact", "touchpoint contact", **rows) == 30


def test_only_the_it_lead_was_met_for_half_a_year(judge):
    """The case of the book: activity high, the boss hardly ever seen (book §7.2.2)."""
    meetings = [touch(ago, attendees=["Li Lei"]) for ago in range(5, 175, 14)]
    rows = {"contact": [BOSS, IT_LEAD], "touchpoint": [*meetings, touch(200, attendees=["王总"])]}
    assert judge("decision_maker_contact", "touchpoint contact", **rows) == 181
    assert judge("contact_gap", "touchpoint contact", **rows) == 5
    assert judge("contacts_met", "touchpoint contact", **rows) == 1


def test_meetings_of_which_nobody_says_who_came_do_not_say_that_the_boss_was_not_there(judge):
    silent = [touch(5), touch(50)]
    assert judge("decision_maker_contact", "touchpoint contact", touchpoint=silent, contact=[BOSS]) is None
    told = [touch(5), touch(50, decision_maker=False)]
    assert judge("decision_maker_contact", "touchpoint contact", touchpoint=told, contact=[BOSS]) == 181
    named = [touch(5, attendees=["Somebody"])]
    assert judge("decision_maker_contact", "touchpoint contact", touchpoint=named) is None
    assert judge("decision_maker_contact", "touchpoint contact", touchpoint=named, contact=[IT_LEAD]) == 181


def test_contacts_met_are_different_people_of_this_customer(judge):
    other = {"id": "sf:x", "account_id": "sf:2", "name": "Han Meimei"}
    meetings = [touch(1, attendees=["Li Lei", "Han Meimei"]), touch(179, attendees=["王总", "003I"])]
    rows = {"contact": [BOSS, IT_LEAD, other], "touchpoint": meetings}
    assert judge("contacts_met", "touchpoint contact", **rows) == 2
    late = {**rows, "touchpoint": [*meetings[:1], touch(180, attendees=["王总"])]}
    assert judge("contacts_met", "touchpoint contact", **late) == 1
    assert judge("contacts_met", "touchpoint contact", contact=[BOSS], touchpoint=[touch(1)]) is None
    assert judge("contacts_met", "touchpoint contact", contact=[BOSS]) == 0
    assert judge("contacts_met", "touchpoint", **rows) is None


@pytest.mark.parametrize(("ago", "count"), [(0, 1), (89, 1), (90, 0), (-1, 0)])
def test_meetings_declined_in_three_months(judge, ago, count):
    assert judge("meetings_declined", "touchpoint", touchpoint=[touch(ago, outcome="declined")]) == count


def test_declined_is_unknown_where_nobody_says_how_meetings_went(judge):
    assert judge("meetings_declined", "touchpoint", touchpoint=[touch(3)]) is None
    assert judge("meetings_declined", "touchpoint", touchpoint=[touch(3), touch(200, outcome="held")]) == 0
    assert judge("meetings_declined", "touchpoint") == 0
    assert judge("meetings_declined", "contact") is None


@pytest.mark.parametrize(("next_in", "agreed"), [(1, 1), (90, 1), (0, 0), (-3, 0)])
def test_next_meeting_is_one_that_is_still_to_come(judge, next_in, agreed):
    assert judge("next_meeting", "touchpoint", touchpoint=[touch(5, next_on=day(-next_in))]) == agreed


def test_g31_the_visit_after_the_release_is_booked_before_leaving(judge):
    """The release is on the first of next month, so the visit is agreed for the second (book §3.8, G31)."""
    visits = [touch(2, kind="visit", next_on=date(2026, 12, 2)), touch(1, kind="call")]
    assert judge("next_meeting", "touchpoint", touchpoint=visits) == 1
    assert judge("next_meeting", "touchpoint", as_of=date(2026, 12, 2), touchpoint=visits) == 0


def test_next_meeting_is_unknown_where_touchpoints_never_name_one(judge):
    assert judge("next_meeting", "touchpoint", touchpoint=[touch(5)]) is None
    assert judge("next_meeting", "touchpoint") == 0
    moved = [touch(5, outcome="declined", next_on=day(-9))]
    assert judge("next_meeting", "touchpoint", touchpoint=moved) == 1
