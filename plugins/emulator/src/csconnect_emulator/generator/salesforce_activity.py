"""What happens to accounts, as records of the Salesforce org: cases, events, tasks, surveys, goals, advocacy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.keys import EXTRA, sf, sf_shared
from csconnect_emulator.generator.stamps import day_text, morning, sf_stamps, sf_text

Row = dict[str, Any]

CASES = {"bug": "Problem", "how_to": "Question", "requirement": "Feature Request", "complaint": "Complaint"}
PRIORITIES = {"p1": "High", "p2": "Medium", "p3": "Low", None: None}


def cases(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for ticket in () if customer.profile.joined else customer.tickets:
        row = {
            "Id": sf("Case", n, ticket.slot),
            "AccountId": sf("Account", n),
            "Subject": ticket.subject,
            "Type": CASES[ticket.category],
            "Priority": PRIORITIES[ticket.priority],
            "Status": "Closed" if ticket.closed_at else "Working" if ticket.first_response_hours else "New",
            "ClosedDate": None if ticket.closed_at is None else sf_text(ticket.closed_at),
            "IsClosed": ticket.closed_at is not None,
            "First_Response_Hours__c": ticket.first_response_hours,
            **sf_stamps(customer.world.as_of, ticket.opened_at, n, ticket.slot),
        }
        yield row
        if ticket.slot == 0 and n % 97 == 5:
            yield {**row, "Id": sf("Case", n, EXTRA), "IsDeleted": True}


def events(customer: Customer) -> Iterator[Row]:
    n, names = customer.n, {who.slot: who.name for who in customer.people}
    for touch in customer.touches:
        yield {
            "Id": sf("Event", n, touch.slot),
            "WhatId": sf("Account", n),
            "AccountId": sf("Account", n),
            "OwnerId": _csm(customer),
            "Subject": touch.subject,
            "Type": touch.kind.replace("_", " ").title(),
            "ActivityDateTime": sf_text(touch.at),
            "Executive__c": touch.executive,
            "Replied_Hours__c": touch.replied_hours,
            "Attendees__c": ";".join(names[slot] for slot in touch.attendees) or None,
            "Decision_Maker__c": touch.decision_maker,
            "Outcome__c": touch.outcome,
            "Next_On__c": day_text(touch.next_on),
            **sf_stamps(customer.world.as_of, touch.at, n, touch.slot),
        }


def tasks(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for todo in customer.todos:
        done = None if todo.done_on is None else sf_text(morning(todo.done_on))
        yield {
            "Id": sf("Task", n, todo.slot),
            "WhatId": sf("Account", n),
            "WhoId": None,
            "AccountId": sf("Account", n),
            "OwnerId": _csm(customer),
            "Subject": todo.subject,
            "Description": None,
            "Status": "Completed" if done else "Not Started",
            "Priority": "High" if todo.urgent else "Normal",
            "ActivityDate": day_text(todo.due_on),
            "IsClosed": done is not None,
            "CompletedDateTime": done,
            **sf_stamps(customer.world.as_of, morning(todo.created), n, todo.slot),
        }


def surveys(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for answer in customer.answers:
        yield {
            "Id": sf("Survey__c", n, answer.slot),
            "Account__c": sf("Account", n),
            "Contact__c": None if answer.person is None else sf("Contact", n, answer.person),
            "Kind__c": answer.kind.upper(),
            "Score__c": answer.score,
            "Answered_On__c": day_text(answer.on),
            "Role__c": answer.role,
            **sf_stamps(customer.world.as_of, morning(answer.on), n, answer.slot),
        }


def goals(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for goal in customer.goals:
        yield {
            "Id": sf("Goal__c", n, goal.slot),
            "Account__c": sf("Account", n),
            "Metric__c": goal.metric,
            "Kind__c": goal.kind,
            "Baseline__c": goal.baseline,
            "Target__c": goal.target,
            "Actual__c": goal.actual,
            "Due_On__c": day_text(goal.due_on),
            "Measured_On__c": day_text(goal.measured_on),
            **sf_stamps(customer.world.as_of, morning(customer.profile.since - timedelta(days=3)), n, goal.slot),
        }


def advocacies(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for praise in customer.praise:
        yield {
            "Id": sf("Advocacy__c", n, praise.slot),
            "Account__c": sf("Account", n),
            "Kind__c": praise.kind,
            "Happened_On__c": day_text(praise.on),
            **sf_stamps(customer.world.as_of, morning(praise.on), n, praise.slot),
        }


def _csm(customer: Customer) -> str:
    return sf_shared("User", customer.profile.contact_person)
