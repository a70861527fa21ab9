"""What customers ask of support, how long they wait, and when they fall silent (book §7.2.1; decks 004:948-968)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest

AS_OF = date(2026, 11, 22)
numbers = count()


def day(ago: int) -> date:
    return AS_OF - timedelta(days=ago)


def ticket(opened: int, closed: int | None = None, **rest: Any) -> dict[str, Any]:
    """A ticket opened and closed so many days ago, at the edges of the day."""
    return {
        "id": f"sf:{next(numbers)}",
        "account_id": "sf:1",
        "opened_at": datetime.combine(day(opened), time(0), UTC),
        "closed_at": None if closed is None else datetime.combine(day(closed), time(23, 59), UTC),
        **rest,
    }


def term(since: int, seats: int | None = None, until: int = -100, **rest: Any) -> dict[str, Any]:
    return {
        "id": f"sf:{next(numbers)}",
        "account_id": "sf:1",
        "start": day(since),
        "end": day(until),
        "seats": seats,
    } | rest


@pytest.mark.parametrize(("opened", "closed", "is_open"), [
    (5, None, 1), (0, None, 1), (-1, None, 0), (5, 0, 0), (5, 1, 0), (5, -1, 1), (400, -30, 1),
])  # fmt: skip
def test_a_ticket_is_open_from_the_day_it_came_until_the_day_it_was_closed(judge, opened, closed, is_open):
    """What was closed later was open on a day of the past that is judged now."""
    rows = [ticket(opened, closed, priority="p0", category="bug")]
    assert judge("open_tickets", "ticket", ticket=rows) == is_open
    assert judge("urgent_tickets", "ticket", ticket=rows) == is_open
    assert judge("oldest_ticket", "ticket", ticket=rows) == (opened if is_open else 0)


def test_urgent_are_p0_and_p1(judge):
    rows = [ticket(5, priority=name) for name in ("p0", "p1", "p1", "p2", "p3", None)]
    assert judge("urgent_tickets", "ticket", ticket=rows) == 3
    assert judge("open_tickets", "ticket", ticket=rows) == 6
    assert judge("urgent_tickets", "ticket", ticket=[ticket(5), ticket(9)]) is None


def test_the_oldest_ticket_is_no_wish(judge):
    rows = [ticket(300, category="requirement"), ticket(40), ticket(60, category="bug"), ticket(99, 1, category="bug")]
    assert judge("oldest_ticket", "ticket", ticket=rows) == 60
    assert judge("oldest_ticket", "ticket", ticket=[*rows, ticket(70)]) == 70


@pytest.mark.parametrize(("opened", "closed", "unmet"), [(90, None, 1), (89, None, 0), (200, 3, 0), (200, -3, 1)])
def test_a_requirement_is_unmet_after_three_months(judge, opened, closed, unmet):
    rows = [ticket(opened, closed, category="requirement"), ticket(200, category="bug")]
    assert judge("unmet_requirements", "ticket", ticket=rows) == unmet
    assert judge("unmet_requirements", "ticket", ticket=[ticket(200)]) is None


def test_complaints_of_three_months_open_or_not(judge):
    rows = [ticket(ago, 0, category="complaint") for ago in (-1, 0, 89, 90)] + [ticket(3, category="bug")]
    assert judge("complaints", "ticket", ticket=rows) == 2
    assert judge("complaints", "ticket", ticket=[ticket(3, category="bug")]) == 0
    assert judge("complaints", "ticket", ticket=[ticket(3)]) is None


COUNTED = ["open_tickets", "urgent_tickets", "oldest_ticket", "unmet_requirements", "complaints"]


@pytest.mark.parametrize("signal", COUNTED)
def test_no_ticket_is_none_where_tickets_are_delivered_and_unknown_elsewhere(judge, signal):
    assert judge(signal, "ticket") == 0
    assert judge(signal, "touchpoint") is None


@pytest.mark.parametrize("signal", ["first_response", "how_to_share"])
def test_a_share_and_a_median_of_nothing_are_unknown(judge, signal):
    assert judge(signal, "ticket", ticket=[ticket(90, first_response_hours=1.0, category="how_to")]) is None
    assert judge(signal, "ticket", ticket=[ticket(5)]) is None


def test_first_response_is_the_median(judge):
    hours = [ticket(5, first_response_hours=each) for each in (1.0, 2.0, 400.0)]
    assert judge("first_response", "ticket", ticket=[*hours, ticket(1)]) == 2
    assert judge("first_response", "ticket", ticket=[*hours, ticket(89, first_response_hours=3.0)]) == 2.5


def test_how_to_is_a_share_of_the_tickets_that_are_sorted(judge):
    rows = [ticket(5, category=name) for name in ("how_to", "bug", "bug", "requirement", None)]
    assert judge("how_to_share", "ticket", ticket=rows) == 25


def test_ticket_load_is_per_hundred_seats(judge):
    """Ten tickets are many for 50 seats and few for 2,000."""
    rows = [ticket(ago) for ago in range(80, 90)] + [ticket(90), ticket(-1)]
    assert judge("ticket_load", "ticket", ticket=rows, term=[term(200, 50)]) == 20
    assert judge("ticket_load", "ticket", ticket=rows, term=[term(200, 2000)]) == 0.5
    assert judge("ticket_load", "ticket", term=[term(200, 50)]) == 0
    assert judge("ticket_load", "ticket", ticket=rows) is None
    assert judge("ticket_load", "ticket", ticket=rows, term=[term(200, 0)]) is None
    assert judge("ticket_load", "touchpoint", ticket=rows, term=[term(200, 50)]) is None


def test_seats_grow_from_ten_to_fifty(judge):
    """10 -> 50 seats: the expansion counts beside what it expands (book §7.1.1), what has ended or not begun does not."""
    terms = [term(200, 10), term(30, 40, nature="expansion"), term(900, 7, until=0), term(-1, 100)]
    assert judge("ticket_load", "ticket", ticket=[ticket(3)], term=terms) == 2
    contract = {"id": "sf:c", "account_id": "sf:1", "start": day(9), "seats": 20}
    assert judge("ticket_load", "ticket", ticket=[ticket(3)], contract=[contract], term=[term(9)]) == 5


@pytest.mark.parametrize(("ago", "value"), [(0, 0), (90, 90), (91, 91), (300, 91), (-1, 91)])
def test_silence_is_the_days_since_the_last_ticket(judge, ago, value):
    assert judge("silence", "ticket", ticket=[ticket(ago)], term=[term(1000)]) == value


@pytest.mark.parametrize(("since", "value"), [(91, 91), (90, 90), (10, 10), (0, 0), (-5, 0)])
def test_a_new_customer_has_not_been_silent_for_longer_than_it_is_one(judge, since, value):
    assert judge("silence", "ticket", term=[term(since), term(since - 100)]) == value
    assert judge("silence", "touchpoint", term=[term(since)]) is None


def test_none_at_all_is_silence_and_not_health(judge):
    """The third sign of a customer in danger (book §7.2.1)."""
    assert judge("silence", "ticket", term=[term(400)]) == 91
    assert judge("silence", "ticket") == 91
