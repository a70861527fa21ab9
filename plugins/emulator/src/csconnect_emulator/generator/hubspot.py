"""The world as records of the HubSpot portal "澜图科技"; objects and properties are those of docs/demo-org.md.

Values are text or null, as the API answers them. Rows carry their record id as ``id`` and as ``hs_object_id``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.hubspot_activity import calls, feedback, meetings, notes, tasks, tickets
from csconnect_emulator.generator.keys import EXTRA, hs, hs_shared
from csconnect_emulator.generator.offer import PRODUCT_NUMBER, PRODUCTS
from csconnect_emulator.generator.orders import Order
from csconnect_emulator.generator.sales import Deal
from csconnect_emulator.generator.stamps import (
    BULK_EDIT_DAYS,
    bulk_edited,
    day_text,
    hs_stamps,
    hs_text,
    midnight,
    morning,
)
from csconnect_emulator.generator.world import World

Row = dict[str, Any]

STAGES = {
    "prospecting": "appointmentscheduled", "proposal": "appointmentscheduled", "negotiation": "contractsent", "lost": "closedlost",
}  # fmt: skip
LIFECYCLE = {"customer": "customer", "prospect": "opportunity", "partner": "lead", "test": "lead"}
BY_CODE = {product.code: product for product in PRODUCTS}


def render_hubspot(world: World) -> Iterator[tuple[str, Iterable[Row]]]:
    """(object, records) with parents before children. Records are derived while they are read; read each once, in order.

    Merged and deleted records are among them, with ``archived`` true.
    """
    for name, shared in SHARED.items():
        yield name, shared(world)
    for name, rows_of in PER_ACCOUNT.items():
        yield name, (row for customer in world.customers("hubspot", joined=True) for row in rows_of(customer))


def owners(world: World) -> Iterator[Row]:
    staff = world.staffs["hubspot"]
    for number in range(len(staff)):
        who = staff.colleague(number)
        names = {"firstName": who.given, "lastName": who.family, "archived": not who.active}
        stamps = hs_stamps(world.as_of, midnight(world.as_of) - timedelta(days=1600), number)
        yield {"id": hs_shared(number), "email": who.email, **names, **stamps}


def products(world: World) -> Iterator[Row]:
    for number, product in enumerate(PRODUCTS):
        yield {
            **_id(hs_shared(number)),
            "name": product.name_zh,
            "hs_sku": product.code,
            "description": product.name,
            "product_line": product.line,
            "billing": product.billing,
            **hs_stamps(world.as_of, midnight(world.as_of) - timedelta(days=1600), number),
        }


def companies(customer: Customer) -> Iterator[Row]:
    profile, as_of = customer.profile, customer.world.as_of
    swallowed = hs(profile.n, EXTRA) if "survivor" in profile.traits else None
    row = {
        **_id(hs(profile.n)),
        "name": profile.name,
        "domain": profile.domain,
        "industry": profile.industry,
        "country": profile.place.country,
        "lifecyclestage": LIFECYCLE[profile.kind],
        "hs_parent_company_id": None,
        "hs_merged_object_ids": None,
        "csc_account_ref": profile.key,
        **hs_stamps(as_of, morning(profile.since - timedelta(days=45)), profile.n),
    }
    if profile.system != "hubspot":
        yield {**row, "hubspot_owner_id": hs_shared(profile.n % customer.world.staffs["hubspot"].csms)}
        return
    row |= {
        "numberofemployees": _text(profile.employees),
        "hubspot_owner_id": hs_shared(profile.seller),
        "hs_parent_company_id": None if profile.parent is None else hs(profile.parent),
        "hs_merged_object_ids": swallowed,
        "csm_owner": None if profile.csm is None else hs_shared(profile.csm),
        "customer_tier": profile.shown_segment,
        "region": profile.place.region,
        "csm_language": profile.place.language,
        "csm_time_zone": profile.place.zone,
        "data_quality": _text(profile.data_quality),
        "target_segment": _text(profile.is_target),
        "business_health": _text(profile.business_health),
        **_red_light(customer),
    }
    if bulk_edited(profile.n) and profile.since < as_of - timedelta(days=BULK_EDIT_DAYS):
        row["hs_lastmodifieddate"] = hs_text(midnight(as_of) - timedelta(days=BULK_EDIT_DAYS, hours=-2))
    yield row
    gone = {"csc_account_ref": None, "hs_parent_company_id": None, "hs_merged_object_ids": None, "archived": True}
    if swallowed:
        yield {**row, **gone, **_id(swallowed), "name": f"{profile.name}（旧）"}
    if "shadow" in profile.traits:
        yield {**row, **gone, **_id(hs(profile.n, EXTRA + 1)), "lifecyclestage": "lead"}


def _red_light(customer: Customer) -> Row:
    light, presser = customer.red_light, customer.profile.contact_person
    if light is None:
        return {}
    return {
        "red_light": _text(light.lit),
        "red_light_cause": light.cause,
        "red_light_reason": light.reason,
        "red_light_by": hs_shared(presser),
        "red_light_on": day_text(light.on),
        "red_light_until": day_text(light.until),
    }


def contacts(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for who in _own(customer, customer.people):
        yield {
            **_id(hs(n, who.slot)),
            "firstname": who.given,
            "lastname": who.family,
            "jobtitle": who.title,
            "email": who.email,
            "associatedcompanyid": hs(n),
            "chain_roles": ";".join(who.roles),
            "left_on": day_text(who.left_on),
            **hs_stamps(customer.world.as_of, morning(who.created), n, who.slot, name="lastmodifieddate"),
        }


def deals(customer: Customer) -> Iterator[Row]:
    """Orders are closed-won deals; what is open or lost stands beside them from slot `EXTRA` on."""
    for order in _own(customer, customer.life.orders):
        yield _order(customer, order)
    for deal in _own(customer, customer.deals):
        if deal.stage != "won":
            yield _deal(customer, deal)


def _order(customer: Customer, order: Order) -> Row:
    n, profile = customer.n, customer.profile
    return {
        **_id(hs(n, order.slot)),
        "dealname": f"{profile.name} {order.line} {order.start.year}",
        "pipeline": "default",
        "dealstage": "closedwon",
        "amount": _text(order.total),
        "closedate": hs_text(morning(order.signed_on)),
        "dealtype": "newbusiness" if order.nature == "new" else "existingbusiness",
        "deal_currency_code": profile.currency,
        "hubspot_owner_id": hs_shared(profile.seller),
        "hs_is_closed": "true",
        "hs_is_closed_won": "true",
        "deal_nature": order.nature,
        "deal_origin": {deal.order: deal.origin for deal in customer.deals}.get(order.slot),
        "term_start": day_text(order.start),
        "term_end": day_text(order.end - timedelta(days=1)),
        "signed_on": day_text(order.signed_on),
        "product_line": order.line,
        "recurring_amount": _text(order.recurring),
        "seats": _text(order.seats),
        **hs_stamps(customer.world.as_of, morning(order.signed_on), n, order.slot),
    }


def _deal(customer: Customer, deal: Deal) -> Row:
    n, profile, reason = customer.n, customer.profile, deal.reason
    name = {"new": "新购", "renewal": "续约", "expansion": "增购"}[deal.kind]
    return {
        **_id(hs(n, EXTRA + deal.slot)),
        "dealname": f"{profile.name} {name} {deal.close_on.year}",
        "pipeline": "default",
        "dealstage": STAGES[deal.stage],
        "amount": _text(deal.amount),
        "closedate": hs_text(morning(deal.close_on)),
        "dealtype": "newbusiness" if deal.kind == "new" else "existingbusiness",
        "deal_currency_code": profile.currency,
        "hubspot_owner_id": hs_shared(profile.seller),
        "hs_is_closed": _text(deal.stage == "lost"),
        "hs_is_closed_won": "false",
        "deal_nature": deal.kind,
        "deal_origin": deal.origin,
        "closed_lost_reason": reason and reason.symptom.capitalize(),
        "lost_cause": reason and reason.cause,
        "lost_manageable": reason and _text(reason.manageable),
        "lost_voluntary": reason and _text(reason.voluntary),
        **hs_stamps(customer.world.as_of, morning(deal.created), n, EXTRA + deal.slot),
    }


def line_items(customer: Customer) -> Iterator[Row]:
    n = customer.n
    for order in _own(customer, customer.life.orders):
        for line in order.lines:
            yield {
                **_id(hs(n, line.slot)),
                "name": BY_CODE[line.product].name_zh,
                "hs_product_id": hs_shared(PRODUCT_NUMBER[line.product]),
                "quantity": _text(line.quantity),
                "price": _text(line.unit),
                "amount": _text(line.total),
                "billing": line.billing,
                "product_line": order.line,
                **hs_stamps(customer.world.as_of, morning(order.signed_on), n, line.slot),
            }


SHARED: dict[str, Callable[[World], Iterator[Row]]] = {"owners": owners, "products": products}
"""The records that belong to no account."""

PER_ACCOUNT: dict[str, Callable[[Customer], Iterator[Row]]] = {
    "companies": companies,
    "contacts": contacts,
    "deals": deals,
    "line_items": line_items,
    "tickets": tickets,
    "meetings": meetings,
    "calls": calls,
    "notes": notes,
    "tasks": tasks,
    "feedback_submissions": feedback,
}
"""The records of one account, object by object, parents first. A joined account has only its company and tickets here."""


def _own(customer: Customer, items: Iterable[Any]) -> Iterable[Any]:
    return items if customer.profile.system == "hubspot" else ()


def _id(id: str) -> Row:
    return {"id": id, "hs_object_id": id}


def _text(value: Decimal | int | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)
