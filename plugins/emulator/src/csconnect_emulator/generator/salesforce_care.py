"""Delivery, money and care as records of the Salesforce org: adjustments, payments, quotas, commitments, projects, role changes,
concerns, needs, consumption."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.keys import sf, sf_shared
from csconnect_emulator.generator.money import month_shift
from csconnect_emulator.generator.stamps import day_text, morning, sf_stamps

Row = dict[str, Any]


def adjustments(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for each in customer.adjustments:
        yield {
            **_of(customer, "Adjustment__c", each.slot, each.requested_on),
            "Order__c": sf("Order", n, each.term),
            "Order_Product__c": None if each.line is None else sf("OrderItem", n, each.line),
            "Side__c": "due",
            "Annual_Delta__c": None if each.delta is None else float(each.delta),
            "CurrencyIsoCode": customer.profile.currency,
            "Waived__c": each.waived,
            "Requested_On__c": day_text(each.requested_on),
            "Decided_On__c": day_text(each.decided_on),
            "Status__c": each.status,
            "Reason__c": each.reason,
            "Approver__c": None if each.decided_on is None else sf_shared("User", customer.profile.seller),
        }


def payments(customer: Customer) -> Iterator[Row]:
    signed = {contract.slot: contract.signed_on for contract in customer.life.contracts}
    for payment in customer.payments:
        yield {
            **_of(customer, "Payment__c", payment.slot, signed[payment.contract]),
            "Contract__c": sf("Contract", customer.n, payment.contract),
            "Due_On__c": day_text(payment.due_on),
            "Amount__c": float(payment.amount),
            "CurrencyIsoCode": customer.profile.currency,
            "Paid_On__c": day_text(payment.paid_on),
        }


def quotas(customer: Customer) -> Iterator[Row]:
    for quota in customer.quotas:
        yield {
            **_of(customer, "Quota__c", quota.slot, customer.profile.since),
            "Resource__c": quota.resource,
            "Bought__c": quota.bought,
            "Used__c": quota.used,
            "Measured_On__c": day_text(quota.measured_on),
        }


def commitments(customer: Customer) -> Iterator[Row]:
    for promise in customer.promises:
        yield {
            **_of(customer, "Commitment__c", promise.slot, promise.made_on),
            "Contract__c": None if promise.contract is None else sf("Contract", customer.n, promise.contract),
            "Side__c": promise.side,
            "Text__c": promise.text,
            "Made_On__c": day_text(promise.made_on),
            "Due_On__c": day_text(promise.due_on),
            "Fulfilled_On__c": day_text(promise.fulfilled_on),
        }


def projects(customer: Customer) -> Iterator[Row]:
    for project in customer.projects:
        yield {
            **_of(customer, "Project__c", project.slot, project.started_on),
            "Name": project.name,
            "Contract__c": sf("Contract", customer.n, project.contract),
            "Phase__c": project.phase,
            "Started_On__c": day_text(project.started_on),
            "Planned_Live_On__c": day_text(project.planned_live_on),
            "Live_On__c": day_text(project.live_on),
            "Accepted_On__c": day_text(project.accepted_on),
        }


def role_changes(customer: Customer) -> Iterator[Row]:
    for change in customer.changes:
        yield {
            **_of(customer, "Role_Change__c", change.slot, change.on),
            "Contact__c": sf("Contact", customer.n, change.person),
            "Role__c": change.role,
            "Change__c": change.change,
            "Changed_On__c": day_text(change.on),
        }


def concerns(customer: Customer) -> Iterator[Row]:
    for concern in customer.concerns:
        yield {
            **_of(customer, "Concern__c", concern.slot, concern.raised_on),
            "Cause__c": concern.cause,
            "Raised_On__c": day_text(concern.raised_on),
            "Resolved_On__c": day_text(concern.resolved_on),
        }


def needs(customer: Customer) -> Iterator[Row]:
    for need in customer.needs:
        yield {
            **_of(customer, "Need__c", need.slot, need.stated_on),
            "Kind__c": need.kind,
            "Product_Line__c": need.line,
            "Stated_On__c": day_text(need.stated_on),
            "Closed_On__c": day_text(need.closed_on),
            "Text__c": need.text,
        }


def consumption(customer: Customer) -> Iterator[Row]:
    for consumed in customer.consumption:
        yield {
            **_of(customer, "Consumption__c", consumed.slot, month_shift(consumed.month, 1)),
            "Day__c": day_text(consumed.month),
            "Amount__c": float(consumed.amount),
            "CurrencyIsoCode": customer.profile.currency,
        }


def _of(customer: Customer, object: str, slot: int, made: date) -> Row:
    """What every one of them has."""
    n, as_of = customer.n, customer.world.as_of
    stamps = sf_stamps(as_of, morning(made), n, slot)
    return {"Id": sf(object, n, slot), "Account__c": sf("Account", n), **stamps}
