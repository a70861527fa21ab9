"""The world in the words of the canonical model, with bare ids. `exports` writes these rows as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.export_care import (
    adjustments,
    commitments,
    concerns,
    consumption,
    needs,
    payments,
    projects,
    quotas,
    readings,
    role_changes,
)
from csconnect_emulator.generator.keys import home, hs_shared, sf_shared
from csconnect_emulator.generator.money import BASE
from csconnect_emulator.generator.offer import MODULES, PRODUCT_NUMBER, PRODUCTS
from csconnect_emulator.generator.stamps import morning
from csconnect_emulator.generator.world import World

Row = dict[str, Any]


def owners(world: World) -> Iterator[Row]:
    for system, staff in world.staffs.items():
        for number in range(len(staff)):
            who = staff.colleague(number)
            yield {"id": _owner(system, number), "name": who.name, "email": who.email, "active": who.active}


def products(world: World) -> Iterator[Row]:
    for number, product in enumerate(PRODUCTS):
        yield {"id": sf_shared("Product2", number), "name": product.name, "product_line": product.line}


def modules(world: World) -> Iterator[Row]:
    for module in MODULES:
        rest = {"core": module.core, "process": module.process, "product_line": module.line}
        yield {"id": module.id, "name": module.name, **rest, "kind": module.kind, "rare": module.rare}


def fx(world: World) -> Iterator[Row]:
    for rate in world.rates:
        value = (1 / rate.per_dollar).quantize(Decimal("0.0000000001"))
        yield {
            "id": f"{rate.currency}-{rate.on}",
            "currency": rate.currency,
            "base": BASE,
            "on": rate.on,
            "rate": value,
        }


def accounts(customer: Customer) -> Iterator[Row]:
    profile = customer.profile
    yield {
        "id": _id(customer, "Account"),
        "name": profile.name,
        "match_key": profile.key,
        "is_customer": profile.is_customer,
        "owner_id": _owner(profile.system, profile.contact_person),
        "parent_id": None if profile.parent is None else home(profile.system, "Account", profile.parent),
        "segment": profile.shown_segment,
        "industry": profile.industry,
        "region": profile.place.region,
        "country": profile.place.country,
        "language": profile.place.language,
        "time_zone": profile.place.zone,
        "currency": profile.currency,
        "employees": profile.employees,
        "data_quality": profile.data_quality,
        "created_at": morning(profile.since - timedelta(days=45)),
        "is_target": profile.is_target,
        "business_health": profile.business_health,
        **_red_light(customer),
    }


def _red_light(customer: Customer) -> Row:
    light, profile = customer.red_light, customer.profile
    if light is None:
        return {"red_light": False if profile.is_customer else None}
    return {
        "red_light": light.lit,
        "red_light_cause": light.cause,
        "red_light_reason": light.reason,
        "red_light_owner_id": _owner(profile.system, profile.contact_person),
        "red_light_on": light.on,
        "red_light_until": light.until,
    }


def contacts(customer: Customer) -> Iterator[Row]:
    for who in customer.people:
        yield {
            "id": _id(customer, "Contact", who.slot),
            "account_id": _id(customer, "Account"),
            "name": who.name,
            "title": who.title,
            "email": who.email,
            "roles": who.roles,
            "supportive": True if "champion" in who.roles else False if "opponent" in who.roles else None,
            "left_on": who.left_on,
            "reports_to_id": None if who.reports_to is None else _id(customer, "Contact", who.reports_to),
            "created_at": morning(who.created),
        }


def contracts(customer: Customer) -> Iterator[Row]:
    quoted = {deal.contract: _id(customer, "Opportunity", deal.slot) for deal in customer.deals if deal.cpq}
    for contract in customer.life.contracts:
        yield {
            "id": _id(customer, "Contract", contract.slot),
            "account_id": _id(customer, "Account"),
            "number": f"{customer.n + 1:06d}{contract.slot:02d}",
            "signed_on": contract.signed_on,
            "start": contract.start,
            "end": contract.end,
            "seats": contract.seats,
            "renewal_opportunity_id": quoted.get(contract.slot),
            "price_increase_cap": contract.cap,
        }


def terms(customer: Customer) -> Iterator[Row]:
    for order in customer.life.orders:
        if order.is_term:
            yield {
                "id": _id(customer, "Order", order.slot),
                "contract_id": _id(customer, "Contract", order.contract),
                "account_id": _id(customer, "Account"),
                "product_line": order.line,
                "nature": order.nature,
                "signed_on": order.signed_on,
                "start": order.start,
                "end": order.end,
                "months": order.months,
                "amount": order.recurring,
                "currency": customer.profile.currency,
                "seats": order.seats,
            }


def lines(customer: Customer) -> Iterator[Row]:
    for order in customer.life.orders:
        for line in order.lines:
            yield {
                "id": _id(customer, "OrderItem", line.slot),
                "term_id": _id(customer, "Order", order.of),
                "contract_id": _id(customer, "Contract", order.contract),
                "account_id": _id(customer, "Account"),
                "product_id": sf_shared("Product2", PRODUCT_NUMBER[line.product]),
                "product_line": order.line,
                "nature": order.nature,
                "billing": line.billing,
                "start": order.start,
                "end": order.end,
                "months": order.months,
                "quantity": line.quantity,
                "amount": line.total,
                "currency": customer.profile.currency,
            }


def tickets(customer: Customer) -> Iterator[Row]:
    for ticket in customer.tickets:
        yield {
            "id": _id(customer, "Case", ticket.slot),
            "account_id": _id(customer, "Account"),
            "subject": ticket.subject,
            "category": ticket.category,
            "priority": ticket.priority,
            "opened_at": ticket.opened_at,
            "closed_at": ticket.closed_at,
            "first_response_hours": ticket.first_response_hours,
        }


def touchpoints(customer: Customer) -> Iterator[Row]:
    names = {who.slot: who.name for who in customer.people}
    for touch in customer.touches:
        yield {
            "id": _id(customer, "Event", touch.slot),
            "account_id": _id(customer, "Account"),
            "kind": touch.kind,
            "happened_at": touch.at,
            "attendees": [names[slot] for slot in touch.attendees],
            "executive": touch.executive,
            "replied_within_hours": touch.replied_hours,
            "subject": touch.subject,
            "decision_maker": touch.decision_maker,
            "outcome": touch.outcome,
            "next_on": touch.next_on,
        }


def surveys(customer: Customer) -> Iterator[Row]:
    for answer in customer.answers:
        yield {
            "id": _id(customer, "Survey__c", answer.slot),
            "account_id": _id(customer, "Account"),
            "contact_id": None if answer.person is None else _id(customer, "Contact", answer.person),
            "kind": answer.kind,
            "score": answer.score,
            "answered_on": answer.on,
            "respondent_role": answer.role,
        }


def goals(customer: Customer) -> Iterator[Row]:
    for goal in customer.goals:
        yield {
            "id": _id(customer, "Goal__c", goal.slot),
            "account_id": _id(customer, "Account"),
            "metric": goal.metric,
            "kind": goal.kind,
            "baseline": goal.baseline,
            "target": goal.target,
            "actual": goal.actual,
            "due_on": goal.due_on,
            "measured_on": goal.measured_on,
        }


def advocacy(customer: Customer) -> Iterator[Row]:
    for praise in customer.praise:
        id = _id(customer, "Advocacy__c", praise.slot)
        yield {"id": id, "account_id": _id(customer, "Account"), "kind": praise.kind, "happened_on": praise.on}


SHARED: dict[str, Callable[[World], Iterator[Row]]] = {
    "owners": owners,
    "products": products,
    "modules": modules,
    "fx": fx,
}
PER_ACCOUNT: dict[str, Callable[[Customer], Iterator[Row]]] = {
    "accounts": accounts,
    "contacts": contacts,
    "contracts": contracts,
    "terms": terms,
    "lines": lines,
    "tickets": tickets,
    "touchpoints": touchpoints,
    "surveys": surveys,
    "goals": goals,
    "advocacy": advocacy,
    "role_changes": role_changes,
    "adjustments": adjustments,
    "payments": payments,
    "quotas": quotas,
    "commitments": commitments,
    "projects": projects,
    "concerns": concerns,
    "needs": needs,
    "consumption": consumption,
    "readings": readings,
}


def _id(customer: Customer, object: str, slot: int = 0) -> str:
    return home(customer.profile.system, object, customer.n, slot)


def _owner(system: str, number: int) -> str:
    return hs_shared(number) if system == "hubspot" else sf_shared("User", number)
