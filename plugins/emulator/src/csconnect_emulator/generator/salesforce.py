"""The world as records of the Salesforce org "Northwind Cloud"; objects and fields are those of docs/demo-org.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.keys import EXTRA, sf, sf_shared
from csconnect_emulator.generator.offer import PRODUCT_NUMBER, PRODUCTS
from csconnect_emulator.generator.reasons import Reason
from csconnect_emulator.generator.salesforce_activity import advocacies, cases, events, goals, surveys, tasks
from csconnect_emulator.generator.salesforce_care import (
    adjustments,
    commitments,
    concerns,
    consumption,
    needs,
    payments,
    projects,
    quotas,
    role_changes,
)
from csconnect_emulator.generator.stamps import (
    BULK_EDIT_DAYS,
    bulk_edited,
    day_text,
    midnight,
    morning,
    sf_stamps,
    sf_text,
)
from csconnect_emulator.generator.world import World

Row = dict[str, Any]

TYPES = {"customer": "Customer", "prospect": "Prospect", "partner": "Partner", "test": "Test"}
NATURES = {"new": "New", "renewal": "Renewal", "expansion": "Expansion", "contraction": "Contraction"}
BILLINGS = {"recurring": "Recurring", "one_off": "One-off"}
STAGES = {
    "prospecting": "Prospecting", "proposal": "Proposal", "negotiation": "Negotiation", "won": "Closed Won", "lost": "Closed Lost",
}  # fmt: skip
DEALS = {"new": "New Business", "renewal": "Renewal", "expansion": "Expansion"}


def render_salesforce(world: World) -> Iterator[tuple[str, Iterable[Row]]]:
    """(object, records) with parents before children. Records are derived while they are read; read each once, in order.

    Deleted and merged records are among them, with ``IsDeleted`` true and, for merged ones, ``MasterRecordId``.
    """
    for name, shared in SHARED.items():
        yield name, shared(world)
    for name, rows_of in PER_ACCOUNT.items():
        yield name, (row for customer in world.customers("salesforce") for row in rows_of(customer))


def users(world: World) -> Iterator[Row]:
    staff = world.staffs["salesforce"]
    for number in range(len(staff)):
        who = staff.colleague(number)
        yield {
            "Id": sf_shared("User", number),
            "Name": who.name,
            "FirstName": who.given,
            "LastName": who.family,
            "Email": who.email,
            "Username": who.email,
            "IsActive": who.active,
            **sf_stamps(world.as_of, midnight(world.as_of) - timedelta(days=1600), number),
        }


def products(world: World) -> Iterator[Row]:
    for number, product in enumerate(PRODUCTS):
        yield {
            "Id": sf_shared("Product2", number),
            "Name": product.name,
            "ProductCode": product.code,
            "Family": product.line,
            "IsActive": True,
            "Billing__c": BILLINGS[product.billing],
            **sf_stamps(world.as_of, midnight(world.as_of) - timedelta(days=1600), number),
        }


def rates(world: World) -> Iterator[Row]:
    for rate in world.rates:
        yield {
            "Id": sf_shared("DatedConversionRate", rate.number),
            "IsoCode": rate.currency,
            "ConversionRate": float(rate.per_dollar),
            "StartDate": rate.on.isoformat(),
            "NextStartDate": rate.until.isoformat(),
            **sf_stamps(
                world.as_of, min(midnight(rate.on), midnight(world.as_of) - timedelta(hours=1)), rate.number, still=True
            ),
        }


def accounts(customer: Customer) -> Iterator[Row]:
    world, profile = customer.world, customer.profile
    born = morning(profile.since - timedelta(days=45))
    row = {
        "Id": sf("Account", profile.n),
        "Name": profile.name,
        "AccountNumber": profile.key,
        "Type": TYPES[profile.kind],
        "Industry": profile.industry,
        "BillingCountry": profile.place.country,
        "NumberOfEmployees": profile.employees,
        "OwnerId": sf_shared("User", profile.seller),
        "ParentId": None if profile.parent is None else sf("Account", profile.parent),
        "CurrencyIsoCode": profile.currency,
        "MasterRecordId": None,
        "CSM__c": None if profile.csm is None else sf_shared("User", profile.csm),
        "Tier__c": profile.shown_segment and profile.shown_segment.capitalize(),
        "Region__c": profile.place.region,
        "Language__c": profile.place.language,
        "Time_Zone__c": profile.place.zone,
        "Data_Quality__c": profile.data_quality,
        "Target_Segment__c": None if profile.is_target is None else "Yes" if profile.is_target else "No",
        "Business_Health__c": profile.business_health,
        **_red_light(customer),
        **sf_stamps(world.as_of, born, profile.n),
    }
    if bulk_edited(profile.n) and profile.since < world.as_of - timedelta(days=BULK_EDIT_DAYS):
        edited = sf_text(midnight(world.as_of) - timedelta(days=BULK_EDIT_DAYS, hours=-2))
        row |= {"LastModifiedDate": edited, "SystemModstamp": edited}
    yield row
    blank = dict.fromkeys(set(row) & {"AccountNumber", "ParentId", "Data_Quality__c"})
    if "survivor" in profile.traits:
        merged = {"Id": sf("Account", profile.n, EXTRA), "Name": f"{profile.name} (old)", "MasterRecordId": row["Id"]}
        yield {**row, **blank, **merged, "IsDeleted": True}
    if "shadow" in profile.traits:
        yield {**row, **blank, "Id": sf("Account", profile.n, EXTRA + 1), "Type": "Prospect", "IsDeleted": True}


def _red_light(customer: Customer) -> Row:
    light, presser = customer.red_light, customer.profile.contact_person
    return {
        "Red_Light__c": light is not None and light.lit,
        "Red_Light_Cause__c": light and light.cause,
        "Red_Light_Reason__c": light and light.reason,
        "Red_Light_By__c": light and sf_shared("User", presser),
        "Red_Light_On__c": light and day_text(light.on),
        "Red_Light_Until__c": light and day_text(light.until),
    }


def contacts(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for who in customer.people:
        row = {
            "Id": sf("Contact", n, who.slot),
            "AccountId": sf("Account", n),
            "FirstName": who.given,
            "LastName": who.family,
            "Name": who.name,
            "Title": who.title,
            "Email": who.email,
            "ReportsToId": None if who.reports_to is None else sf("Contact", n, who.reports_to),
            "Chain_Roles__c": ";".join(who.roles),
            "Left_On__c": day_text(who.left_on),
            **sf_stamps(customer.world.as_of, morning(who.created), n, who.slot),
        }
        yield row
        if who.slot == 0 and n % 97 == 5:
            yield {**row, "Id": sf("Contact", n, EXTRA), "Email": None, "IsDeleted": True}


def contracts(customer: Customer) -> Iterator[Row]:
    n, world, profile = customer.n, customer.world, customer.profile
    quoted = {deal.contract: sf("Opportunity", n, deal.slot) for deal in customer.deals if deal.cpq}
    for contract in customer.life.contracts:
        length = (contract.end.year - contract.start.year) * 12 + contract.end.month - contract.start.month
        yield {
            "Id": sf("Contract", n, contract.slot),
            "AccountId": sf("Account", n),
            "ContractNumber": f"{n + 1:06d}{contract.slot:02d}",
            "StartDate": day_text(contract.start),
            "EndDate": day_text(contract.end - timedelta(days=1)),
            "ContractTerm": length,
            "Status": (status := "Activated" if contract.end > world.as_of else "Expired"),
            "StatusCode": status,
            "CustomerSignedDate": day_text(contract.signed_on),
            "OwnerId": sf_shared("User", profile.seller),
            "Seats__c": contract.seats,
            "Price_Cap__c": contract.cap,
            "SBQQ__RenewalOpportunity__c": quoted.get(contract.slot),
            **sf_stamps(world.as_of, morning(contract.signed_on), n, contract.slot),
        }


def orders(customer: Customer) -> Iterator[Row]:
    n, currency = customer.n, customer.profile.currency
    for order in customer.life.orders:
        yield {
            "Id": sf("Order", n, order.slot),
            "AccountId": sf("Account", n),
            "ContractId": sf("Contract", n, order.contract),
            "OrderNumber": f"{n + 1:06d}{order.slot:02d}",
            "Type": NATURES[order.nature],
            "EffectiveDate": day_text(order.start),
            "EndDate": day_text(order.end - timedelta(days=1)),
            "Status": "Activated",
            "StatusCode": "Activated",
            "TotalAmount": float(order.total),
            "CurrencyIsoCode": currency,
            "Product_Line__c": order.line,
            "Recurring_Amount__c": float(order.recurring),
            "Signed_On__c": day_text(order.signed_on),
            "Seats__c": order.seats,
            **sf_stamps(customer.world.as_of, morning(order.signed_on), n, order.slot),
        }


def order_items(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for order in customer.life.orders:
        for line in order.lines:
            yield {
                "Id": sf("OrderItem", n, line.slot),
                "OrderId": sf("Order", n, order.slot),
                "Product2Id": sf_shared("Product2", PRODUCT_NUMBER[line.product]),
                "Quantity": line.quantity,
                "CurrencyIsoCode": customer.profile.currency,
                "UnitPrice": float(line.unit),
                "TotalPrice": float(line.total),
                "ServiceDate": day_text(order.start),
                "EndDate": day_text(order.end - timedelta(days=1)),
                "Billing__c": BILLINGS[line.billing],
                **sf_stamps(customer.world.as_of, morning(order.signed_on), n, line.slot),
            }


def opportunities(customer: Customer) -> Iterator[Row]:
    n, profile = customer.n, customer.profile
    for deal in customer.deals:
        closed = deal.stage in ("won", "lost")
        yield {
            "Id": sf("Opportunity", n, deal.slot),
            "AccountId": sf("Account", n),
            "ContractId": None if deal.contract is None else sf("Contract", n, deal.contract),
            "Name": f"{profile.name} {DEALS[deal.kind]} {deal.close_on.year}"[:120],
            "StageName": STAGES[deal.stage],
            "Type": DEALS[deal.kind],
            "Origin__c": deal.origin,
            "Amount": float(deal.amount),
            "CurrencyIsoCode": profile.currency,
            "CloseDate": day_text(deal.close_on),
            "IsClosed": closed,
            "IsWon": deal.stage == "won",
            "OwnerId": sf_shared("User", profile.seller),
            "Description": "Created by the quoting package" if deal.cpq else None,
            **_lost(deal.reason),
            **sf_stamps(customer.world.as_of, morning(deal.created), n, deal.slot),
        }


def _lost(reason: Reason | None) -> Row:
    said = {True: "Yes", False: "No", None: None}
    return {
        "Lost_Reason__c": reason and reason.symptom.capitalize(),
        "Lost_Cause__c": reason and reason.cause,
        "Lost_Manageable__c": reason and said[reason.manageable],
        "Lost_Voluntary__c": reason and said[reason.voluntary],
    }


SHARED: dict[str, Callable[[World], Iterator[Row]]] = {
    "User": users,
    "Product2": products,
    "DatedConversionRate": rates,
}
"""The records that belong to no account."""

PER_ACCOUNT: dict[str, Callable[[Customer], Iterator[Row]]] = {
    "Account": accounts,
    "Contact": contacts,
    "Contract": contracts,
    "Order": orders,
    "OrderItem": order_items,
    "Opportunity": opportunities,
    "Case": cases,
    "Event": events,
    "Task": tasks,
    "Survey__c": surveys,
    "Goal__c": goals,
    "Advocacy__c": advocacies,
    "Adjustment__c": adjustments,
    "Payment__c": payments,
    "Quota__c": quotas,
    "Commitment__c": commitments,
    "Project__c": projects,
    "Role_Change__c": role_changes,
    "Concern__c": concerns,
    "Need__c": needs,
    "Consumption__c": consumption,
}
"""The records of one account, object by object, parents first."""
