"""What happens to accounts, as records of the HubSpot portal: tickets, meetings, calls, notes, tasks, feedback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.keys import hs, hs_shared
from csconnect_emulator.generator.relations import Touch
from csconnect_emulator.generator.stamps import day_text, hs_stamps, hs_text, morning

Row = dict[str, Any]

CATEGORIES = {
    "bug": "PRODUCT_ISSUE", "how_to": "GENERAL_INQUIRY", "requirement": "FEATURE_REQUEST", "complaint": "COMPLAINT",
}  # fmt: skip
OUTCOMES = {"held": "COMPLETED", "declined": "CANCELED", "no_show": "NO_SHOW", None: None}
PRIORITIES = {"p1": "HIGH", "p2": "MEDIUM", "p3": "LOW", None: None}
MEETINGS = {
    "meeting": "Meeting", "visit": "Visit", "business_review": "Business Review", "kickoff": "Kickoff", "training": "Training",
}  # fmt: skip


def tickets(customer: Customer) -> Iterator[Row]:
    """Also those of joined accounts, whose contract is in Salesforce."""
    n = customer.n
    for ticket in customer.tickets:
        wait = ticket.first_response_hours
        stage = (
            "4"
            if ticket.closed_at
            else "3"
            if wait is not None and ticket.slot % 2
            else "2"
            if wait is not None
            else "1"
        )
        yield {
            "id": hs(n, ticket.slot),
            "hs_object_id": hs(n, ticket.slot),
            "subject": ticket.subject,
            "hs_pipeline": "0",
            "hs_pipeline_stage": stage,
            "hs_ticket_category": CATEGORIES[ticket.category],
            "hs_ticket_priority": PRIORITIES[ticket.priority],
            "closed_date": None if ticket.closed_at is None else hs_text(ticket.closed_at),
            "time_to_first_agent_reply": None if wait is None else str(round(wait * 3_600_000)),
            **hs_stamps(customer.world.as_of, ticket.opened_at, n, ticket.slot),
        }


def meetings(customer: Customer) -> Iterator[Row]:
    for touch in touches(customer, *MEETINGS):
        yield {
            **_engagement(customer, touch),
            "hs_meeting_title": touch.subject,
            "hs_activity_type": MEETINGS[touch.kind],
            "executive_present": _flag(touch.executive),
            "decision_maker_present": _flag(touch.decision_maker),
            "hs_meeting_outcome": OUTCOMES[touch.outcome],
            "next_on": day_text(touch.next_on),
            "replied_within_hours": _number(touch.replied_hours),
        }


def calls(customer: Customer) -> Iterator[Row]:
    for touch in touches(customer, "call"):
        title = {"hs_call_title": touch.subject, "replied_within_hours": _number(touch.replied_hours)}
        yield {**_engagement(customer, touch), **title}


def notes(customer: Customer) -> Iterator[Row]:
    for touch in touches(customer, "note"):
        yield {**_engagement(customer, touch), "hs_note_body": touch.subject}


def tasks(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for todo in customer.todos if customer.profile.system == "hubspot" else ():
        yield {
            "id": hs(n, todo.slot),
            "hs_object_id": hs(n, todo.slot),
            "hs_timestamp": hs_text(morning(todo.due_on)),
            "hs_task_subject": todo.subject,
            "hs_task_body": None,
            "hs_task_status": "COMPLETED" if todo.done_on else "NOT_STARTED",
            "hs_task_priority": "HIGH" if todo.urgent else "MEDIUM",
            "hs_task_type": "TODO",
            "hubspot_owner_id": csm(customer),
            "hs_task_completion_date": None if todo.done_on is None else hs_text(morning(todo.done_on)),
            **hs_stamps(customer.world.as_of, morning(todo.created), n, todo.slot),
        }


def feedback(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for answer in customer.answers if customer.profile.system == "hubspot" else ():
        yield {
            "id": hs(n, answer.slot),
            "hs_object_id": hs(n, answer.slot),
            "hs_survey_type": answer.kind.upper(),
            "hs_value": str(answer.score),
            "hs_submission_timestamp": hs_text(morning(answer.on)),
            **hs_stamps(customer.world.as_of, morning(answer.on), n, answer.slot),
        }


def touches(customer: Customer, *kinds: str) -> Iterable[Touch]:
    """The touchpoints of some kinds that HubSpot keeps; those of joined accounts are in Salesforce."""
    if customer.profile.system != "hubspot":
        return ()
    return (touch for touch in customer.touches if touch.kind in kinds)


def csm(customer: Customer) -> str:
    return hs_shared(customer.profile.contact_person)


def _engagement(customer: Customer, touch: Touch) -> Row:
    return {
        "id": hs(customer.n, touch.slot),
        "hs_object_id": hs(customer.n, touch.slot),
        "hs_timestamp": hs_text(touch.at),
        "hubspot_owner_id": csm(customer),
        **hs_stamps(customer.world.as_of, touch.at, customer.n, touch.slot),
    }


def _flag(value: bool | None) -> str | None:
    return None if value is None else "true" if value else "false"


def _number(value: float | None) -> str | None:
    return None if value is None else str(value)
