"""Delivery, money and care in the words of the canonical model: adjustments, projects, payments, quotas, consumption, commitments,
role changes, concerns, needs, and the readings of the product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.keys import home
from csconnect_emulator.generator.usage import readings_of

Row = dict[str, Any]


def role_changes(customer: Customer) -> Iterator[Row]:
    for change in customer.changes:
        yield {
            **_of(customer, "Role_Change__c", change.slot),
            "contact_id": _id(customer, "Contact", change.person),
            "role": change.role,
            "change": change.change,
            "changed_on": change.on,
        }


def adjustments(customer: Customer) -> Iterator[Row]:
    for each in customer.adjustments:
        yield {
            **_of(customer, "Adjustment__c", each.slot),
            "term_id": _id(customer, "Order", each.term),
            "line_id": None if each.line is None else _id(customer, "OrderItem", each.line),
            "side": "due",
            "arr_delta": each.delta,
            "currency": customer.profile.currency,
            "waived": each.waived,
            "requested_on": each.requested_on,
            "decided_on": each.decided_on,
            "status": each.status,
            "reason": each.reason,
        }


def payments(customer: Customer) -> Iterator[Row]:
    for payment in customer.payments:
        yield {
            **_of(customer, "Payment__c", payment.slot),
            "contract_id": _id(customer, "Contract", payment.contract),
            "due_on": payment.due_on,
            "amount": payment.amount,
            "currency": customer.profile.currency,
            "paid_on": payment.paid_on,
        }


def quotas(customer: Customer) -> Iterator[Row]:
    for quota in customer.quotas:
        yield {
            **_of(customer, "Quota__c", quota.slot),
            "resource": quota.resource,
            "bought": quota.bought,
            "used": quota.used,
            "measured_on": quota.measured_on,
        }


def commitments(customer: Customer) -> Iterator[Row]:
    for promise in customer.promises:
        yield {
            **_of(customer, "Commitment__c", promise.slot),
            "contract_id": None if promise.contract is None else _id(customer, "Contract", promise.contract),
            "side": promise.side,
            "text": promise.text,
            "made_on": promise.made_on,
            "due_on": promise.due_on,
            "fulfilled_on": promise.fulfilled_on,
        }


def projects(customer: Customer) -> Iterator[Row]:
    for project in customer.projects:
        yield {
            **_of(customer, "Project__c", project.slot),
            "contract_id": _id(customer, "Contract", project.contract),
            "name": project.name,
            "phase": project.phase,
            "started_on": project.started_on,
            "planned_live_on": project.planned_live_on,
            "live_on": project.live_on,
            "accepted_on": project.accepted_on,
        }


def concerns(customer: Customer) -> Iterator[Row]:
    for concern in customer.concerns:
        yield {
            **_of(customer, "Concern__c", concern.slot),
            "cause": concern.cause,
            "raised_on": concern.raised_on,
            "resolved_on": concern.resolved_on,
        }


def needs(customer: Customer) -> Iterator[Row]:
    for need in customer.needs:
        yield {
            **_of(customer, "Need__c", need.slot),
            "kind": need.kind,
            "product_line": need.line,
            "stated_on": need.stated_on,
            "closed_on": need.closed_on,
            "text": need.text,
        }


def consumption(customer: Customer) -> Iterator[Row]:
    for consumed in customer.consumption:
        yield {
            **_of(customer, "Consumption__c", consumed.slot),
            "contract_id": None,
            "day": consumed.month,
            "amount": consumed.amount,
            "currency": customer.profile.currency,
        }


def readings(customer: Customer) -> Iterator[Row]:
    """Over the days of which usage is told. Everybody has them, so an id names the account, the number and the day."""
    world, account = customer.world, _id(customer, "Account")
    for reading in readings_of(customer, world.first_day, world.as_of, world.as_of):
        about = f"{reading.metric}-{reading.module}" if reading.module else reading.metric
        yield {
            "id": f"{customer.n + 1:06d}-{about}-{reading.day:%Y%m%d}",
            "account_id": account,
            "metric": reading.metric,
            "module": reading.module,
            "day": reading.day,
            "value": reading.value,
        }


def _of(customer: Customer, object: str, slot: int) -> Row:
    return {"id": _id(customer, object, slot), "account_id": _id(customer, "Account")}


def _id(customer: Customer, object: str, slot: int = 0) -> str:
    return home(customer.profile.system, object, customer.n, slot)
