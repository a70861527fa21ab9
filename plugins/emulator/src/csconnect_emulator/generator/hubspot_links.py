"""Associations between the records of the HubSpot portal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.hubspot_activity import MEETINGS, touches
from csconnect_emulator.generator.keys import EXTRA, hs
from csconnect_emulator.generator.world import World


class Association(NamedTuple):
    """One association, in one direction. ``label`` is empty, or ``primary`` for the primary company of a record."""

    from_object: str
    from_id: str
    to_object: str
    to_id: str
    label: str = ""


PRIMARY = frozenset({"contacts", "deals", "tickets"})
"""Objects whose company is labelled as the primary one beside the unlabelled association."""


def hubspot_associations(world: World) -> Iterator[Association]:
    """All associations, derived while they are read."""
    for customer in world.customers("hubspot", joined=True):
        yield from links_of(customer)


def links_of(customer: Customer) -> Iterator[Association]:
    """The associations of one account's records."""
    yield from _to_company(customer)
    if customer.profile.system == "hubspot":
        yield from _others(customer)


def _to_company(customer: Customer) -> Iterator[Association]:
    company = hs(customer.n)
    for name, slots in _children(customer).items():
        for slot in slots:
            link = Association(name, hs(customer.n, slot), "companies", company)
            yield link
            if name in PRIMARY:
                yield link._replace(label="primary")


def _children(customer: Customer) -> dict[str, list[int]]:
    """The slots of everything that hangs on the company, by object."""
    tickets = [ticket.slot for ticket in customer.tickets]
    if customer.profile.system != "hubspot":
        return {"tickets": tickets}
    won = [order.slot for order in customer.life.orders]
    other = [EXTRA + deal.slot for deal in customer.deals if deal.stage != "won"]
    return {
        "contacts": [who.slot for who in customer.people],
        "deals": won + other,
        "tickets": tickets,
        "meetings": [touch.slot for touch in touches(customer, *MEETINGS)],
        "calls": [touch.slot for touch in touches(customer, "call")],
        "notes": [touch.slot for touch in touches(customer, "note")],
        "tasks": [todo.slot for todo in customer.todos],
        "feedback_submissions": [answer.slot for answer in customer.answers],
    }


def _others(customer: Customer) -> Iterator[Association]:
    """Lines to their deals, meetings and answers to the people in them."""
    n = customer.n
    for order in customer.life.orders:
        for line in order.lines:
            yield Association("line_items", hs(n, line.slot), "deals", hs(n, order.slot))
    for name, kinds in (("meetings", tuple(MEETINGS)), ("calls", ("call",))):
        for touch in touches(customer, *kinds):
            for slot in touch.attendees:
                yield Association(name, hs(n, touch.slot), "contacts", hs(n, slot))
    for answer in customer.answers:
        if answer.person is not None:
            yield Association("feedback_submissions", hs(n, answer.slot), "contacts", hs(n, answer.person))
