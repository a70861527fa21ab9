"""A customer of a Salesforce org whose every fact is in order, and room for what happens to one.

Everything is told by days before today, so a scenario reads as the book tells it. What a test does not change is as in a quiet,
healthy account: in steady use on several levels, with goals, an answered ticket, a decision maker who was met last week.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from csconnect_emulator import hubspot, salesforce
from csconnect_emulator.clock import Clock
from csconnect_emulator.generator.keys import sf, sf_shared
from csconnect_emulator.generator.stamps import morning, sf_stamps, sf_text
from csconnect_emulator.store import RecordStore

Row = dict[str, Any]

MODULES = [
    {"id": "checkin", "name": "Check-in", "core": "true", "kind": "recording"},
    {"id": "approval", "name": "Approval", "core": "true", "kind": "process"},
    {"id": "erp", "name": "ERP link", "core": "true", "kind": "integration"},
]
CSM = sf_shared("User", 1)
ROLES = ("decision_maker", "champion", "user")


@dataclass
class Customer:
    """One account. ``seats`` are (days ago, seats): each change of them begins a term; ``used`` are the first and the last day of
    use, in days ago; ``more`` are records of other objects, their account filled in."""

    number: int
    name: str
    today: date
    account: Row = field(default_factory=dict)
    seats: tuple[tuple[int, int], ...] = ((200, 10),)
    users: int = 6
    used: tuple[int, int] = (119, 1)
    modules: tuple[str, ...] = ("checkin", "approval", "erp")
    ticket: int = 10
    more: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return sf("Account", self.number)

    @property
    def tenant(self) -> str:
        return f"T-{self.number}"

    def ago(self, days: int) -> str:
        return (self.today - timedelta(days=days)).isoformat()

    def contact(self, role: str) -> str:
        return sf("Contact", self.number, ROLES.index(role))

    def records(self) -> Iterator[tuple[str, Row]]:
        """(object, record), parents first."""
        yield "Account", self._stamped(400, Id=self.id, **self._card(), **self.account)
        for slot, role in enumerate(ROLES):
            who = {"LastName": role.title(), "Name": f"{role.title()} {self.number}", "Chain_Roles__c": role}
            yield "Contact", self._stamped(200, Id=sf("Contact", self.number, slot), AccountId=self.id, **who)
        for slot, (begun, seats) in enumerate(self.seats):
            yield from self._term(slot, begun, seats)
        day = self.today - timedelta(days=self.ticket)
        closed = {"Status": "Closed", "IsClosed": True, "ClosedDate": sf_text(morning(day) + timedelta(hours=30))}
        case = {"Id": sf("Case", self.number), "AccountId": self.id, "Subject": "How do I ...", "Type": "Question"}
        yield "Case", self._stamped(self.ticket, **case, **closed)
        yield "Event", self._stamped(5, Id=sf("Event", self.number), **self._meeting())
        goal = {
            "Metric__c": "lead conversion",
            "Baseline__c": 5,
            "Target__c": 10,
            "Actual__c": 9,
            "Due_On__c": self.ago(-60),
        }
        yield "Goal__c", self._stamped(190, Id=sf("Goal__c", self.number), Account__c=self.id, **goal)
        for name, rows in self.more.items():
            for slot, row in enumerate(rows):
                yield name, self._stamped(1, Id=sf(name, self.number, 100 + slot), Account__c=self.id, **row)

    def usage(self) -> Iterator[Row]:
        """A row for each user and working day."""
        first, last = self.used
        days = (self.today - timedelta(days=ago) for ago in range(last, first + 1))
        for day in (day for day in days if day.weekday() < 5):
            for user in range(self.users):
                row = {"tenant_id": self.tenant, "user_hash": f"u{user}", "day": day, "logins": 1, "events": 9}
                yield {**row, "modules": list(self.modules)}

    def _card(self) -> Row:
        known = {"Name": self.name, "AccountNumber": self.tenant, "Type": "Customer", "Data_Quality__c": 90}
        return {**known, "OwnerId": CSM, "CSM__c": CSM}

    def _term(self, slot: int, begun: int, seats: int) -> Iterator[tuple[str, Row]]:
        ids = {
            "Id": sf("Contract", self.number, slot),
            "AccountId": self.id,
            "Status": "Activated",
            "StatusCode": "Activated",
        }
        last = self.ago(self.seats[slot + 1][0] + 1 if slot + 1 < len(self.seats) else begun - 364)
        length = {"StartDate": self.ago(begun), "EndDate": last, "CustomerSignedDate": self.ago(begun + 10)}
        yield "Contract", self._stamped(begun + 10, **ids, **length, Seats__c=seats)
        order = {
            **ids,
            "Id": sf("Order", self.number, slot),
            "ContractId": ids["Id"],
            "Type": "Renewal" if slot else "New",
        }
        length = {"EffectiveDate": self.ago(begun), "EndDate": last, "Signed_On__c": self.ago(begun + 10)}
        money = {"TotalAmount": 1000.0 * seats, "Recurring_Amount__c": 1000.0 * seats, "CurrencyIsoCode": "USD"}
        yield "Order", self._stamped(begun + 10, **order, **length, **money, Seats__c=seats)

    def _meeting(self) -> Row:
        when = sf_text(morning(self.today - timedelta(days=5)))
        said = {"Decision_Maker__c": True, "Executive__c": True, "Replied_Hours__c": 3.0, "Outcome__c": "held"}
        whom = {"WhatId": self.id, "AccountId": self.id, "OwnerId": CSM}
        return {**whom, "Subject": "Monthly review", "Type": "Meeting", "ActivityDateTime": when, **said}

    def _stamped(self, ago: int, **row: Any) -> Row:
        made = morning(self.today - timedelta(days=ago))
        return {**row, **sf_stamps(self.today, made, self.number, still=True)}


def csm(today: date) -> Row:
    """The colleague who gets the tasks."""
    name = {
        "Name": "Mei Lin",
        "FirstName": "Mei",
        "LastName": "Lin",
        "Email": "mei@example.com",
        "Username": "mei@example.com",
    }
    return {
        "Id": CSM,
        "IsActive": True,
        **name,
        **sf_stamps(today, morning(today - timedelta(days=900)), 1, still=True),
    }


def store_of(customers: Iterable[Customer], today: date) -> RecordStore:
    """The systems of a company with these customers and their CSM, begun on ``today``."""
    store = RecordStore(clock=Clock())
    salesforce.install(store)
    hubspot.install(store)
    store.load("salesforce", "User", [csm(today)])
    for customer in customers:
        for name, record in customer.records():
            store.load("salesforce", name, [record])
    return store
