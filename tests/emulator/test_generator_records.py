"""The rendered records: every reference resolves, every field is one that the emulated systems have, sums add up."""

from __future__ import annotations

import re
import tracemalloc
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import pytest

from csconnect_emulator.generator import World, generate, hubspot_associations, render_hubspot, render_salesforce
from csconnect_emulator.generator.keys import LARGEST, SLOTS, hs, sf
from csconnect_emulator.hubspot.schema import packaged
from csconnect_emulator.ids import RUNTIME_BASE, is_id
from csconnect_emulator.salesforce.schema import definitions

AS_OF = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
Records = dict[str, list[dict[str, Any]]]

REFERENCES = {
    "OwnerId": "User", "CSM__c": "User", "AccountId": "Account", "Account__c": "Account", "ParentId": "Account",
    "WhatId": "Account", "MasterRecordId": "Account", "ContractId": "Contract", "OrderId": "Order", "Product2Id": "Product2",
    "Contact__c": "Contact", "ReportsToId": "Contact", "SBQQ__RenewalOpportunity__c": "Opportunity",
    "Contract__c": "Contract", "Red_Light_By__c": "User", "Order__c": "Order", "Order_Product__c": "OrderItem", "Approver__c": "User",
}  # fmt: skip
HUBSPOT_REFERENCES = {
    "hubspot_owner_id": "owners", "csm_owner": "owners", "red_light_by": "owners", "hs_parent_company_id": "companies",
    "associatedcompanyid": "companies", "hs_product_id": "products", "hs_merged_object_ids": "companies",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return generate(900, 365, 3, AS_OF)


@pytest.fixture(scope="module")
def salesforce(world: World) -> Records:
    return {name: list(rows) for name, rows in render_salesforce(world)}


@pytest.fixture(scope="module")
def hubspot(world: World) -> Records:
    return {name: list(rows) for name, rows in render_hubspot(world)}


def _ids(rows: list[dict[str, Any]], key: str = "Id") -> set[str]:
    found = [row[key] for row in rows]
    assert len(set(found)) == len(found)
    return set(found)


def test_every_salesforce_reference_resolves(salesforce: Records) -> None:
    ids = {name: _ids(rows) for name, rows in salesforce.items()}
    assert all(is_id(id) for found in ids.values() for id in found)
    followed = Counter()
    for rows in salesforce.values():
        for row in rows:
            for field in REFERENCES.keys() & row.keys():
                if row[field] is not None:
                    assert row[field] in ids[REFERENCES[field]]
                    followed[field] += 1
    assert followed.keys() == REFERENCES.keys()


def test_every_hubspot_reference_and_association_resolves(world: World, hubspot: Records) -> None:
    ids = {name: _ids(rows, "id") for name, rows in hubspot.items()}
    assert all(re.fullmatch(r"[1-9]\d*", id) for found in ids.values() for id in found)
    followed = Counter()
    for rows in hubspot.values():
        for row in rows:
            for field in HUBSPOT_REFERENCES.keys() & row.keys():
                if row[field] is not None:
                    assert row[field] in ids[HUBSPOT_REFERENCES[field]]
                    followed[field] += 1
    assert followed.keys() == HUBSPOT_REFERENCES.keys()
    linked = defaultdict(set)
    for link in hubspot_associations(world):
        assert link.from_id in ids[link.from_object]
        assert link.to_id in ids[link.to_object]
        linked[link.from_object, link.to_object].add(link.from_id)
    for name in ("contacts", "deals", "tickets", "meetings", "calls", "notes", "tasks", "feedback_submissions"):
        assert linked[name, "companies"] == ids[name]
    assert linked["line_items", "deals"] == ids["line_items"]


def test_every_rendered_field_exists_in_the_emulated_org(salesforce: Records) -> None:
    known = definitions()
    for name, rows in salesforce.items():
        used = set().union(*(row.keys() for row in rows))
        assert used <= known[name].keys()
        for row in rows:
            for field, value in row.items():
                choices = known[name][field].choices
                assert (
                    not (known[name][field].restricted and value is not None and field != "CurrencyIsoCode")
                    or value in choices
                )


def test_every_rendered_property_exists_in_the_emulated_portal(hubspot: Records) -> None:
    for name, rows in hubspot.items():
        used = set().union(*(row.keys() for row in rows)) - {"id", "archived", "createdate", "hs_lastmodifieddate"}
        known = {prop.name for prop in packaged().properties.get(name, ())} | {"email", "firstName", "lastName"}
        assert used <= known
        for row in rows:
            assert all(value is None or isinstance(value, (str, bool)) for value in row.values())
            assert all(
                isinstance(value, str) or name == "owners" or field == "archived"
                for field, value in row.items()
                if value
            )


def test_what_demo_org_lists_is_what_is_rendered(salesforce: Records, hubspot: Records) -> None:
    for name in (
        "Account",
        "Contact",
        "Contract",
        "Order",
        "OrderItem",
        "Opportunity",
        "Case",
        "Event",
        "Task",
        "Survey__c",
        "Goal__c",
        "Adjustment__c",
        "Payment__c",
        "Quota__c",
        "Commitment__c",
        "Project__c",
        "Role_Change__c",
        "Concern__c",
        "Need__c",
        "Consumption__c",
    ):
        assert salesforce[name]
    assert {row["Type"] for row in salesforce["Account"]} == {"Customer", "Prospect", "Partner", "Test"}
    assert {row["Type"] for row in salesforce["Order"]} == {"New", "Renewal", "Expansion", "Contraction"}
    assert {row["StageName"] for row in salesforce["Opportunity"]} >= {"Prospecting", "Closed Won", "Closed Lost"}
    assert {row["deal_nature"] for row in hubspot["deals"]} == {"new", "renewal", "expansion", "contraction"}
    assert {row["dealstage"] for row in hubspot["deals"]} >= {"appointmentscheduled", "closedwon", "closedlost"}
    assert {row["hs_pipeline_stage"] for row in hubspot["tickets"]} == {"1", "2", "3", "4"}


def test_all_stamps_lie_in_the_past_in_order(salesforce: Records, hubspot: Records) -> None:
    for rows in salesforce.values():
        for row in rows:
            made, changed = (datetime.fromisoformat(row[name]) for name in ("CreatedDate", "SystemModstamp"))
            assert made <= changed < NOW
    for name, rows in hubspot.items():
        field = "lastmodifieddate" if name == "contacts" else "hs_lastmodifieddate"
        for row in rows:
            assert datetime.fromisoformat(row["createdate"]) <= datetime.fromisoformat(row[field]) < NOW


def test_a_bulk_edit_gave_many_accounts_one_stamp(salesforce: Records) -> None:
    stamps = Counter(row["SystemModstamp"] for row in salesforce["Account"])
    assert stamps.most_common(1)[0][1] > 50


def test_order_items_add_up_to_their_orders(salesforce: Records) -> None:
    sums: dict[str, float] = defaultdict(float)
    recurring: dict[str, float] = defaultdict(float)
    for item in salesforce["OrderItem"]:
        sums[item["OrderId"]] += item["TotalPrice"]
        recurring[item["OrderId"]] += item["TotalPrice"] if item["Billing__c"] == "Recurring" else 0
        assert item["TotalPrice"] == pytest.approx(item["Quantity"] * item["UnitPrice"], abs=0.005)
    for order in salesforce["Order"]:
        assert order["TotalAmount"] == pytest.approx(sums[order["Id"]], abs=0.005)
        assert order["Recurring_Amount__c"] == pytest.approx(recurring[order["Id"]], abs=0.005)


def test_only_the_listed_records_are_broken(world: World, salesforce: Records, hubspot: Records) -> None:
    broken = defaultdict(set)
    for one in world.broken:
        broken[one.object, one.why].add(one.id)
    backwards = {row["Id"] for row in salesforce["Order"] if row["EndDate"] < row["EffectiveDate"]}
    assert backwards == broken["Order", "broken_term"]
    terms = [row for row in hubspot["deals"] if row.get("term_start")]
    assert {row["id"] for row in terms if row["term_end"] < row["term_start"]} == broken["deals", "broken_term"]
    alive = [row for row in salesforce["Account"] if not row.get("IsDeleted")]
    assert {row["Id"] for row in alive if row["CurrencyIsoCode"] == "XXQ"} == broken["Account", "unknown_currency"]
    strange = {row["Id"] for row in salesforce["Order"] if row["CurrencyIsoCode"] == "XXQ"}
    assert strange == broken["Order", "unknown_currency"]
    odd = {row["Id"] for row in alive if row["Tier__c"] not in ("Strategic", "Enterprise", "Micro", None)}
    assert odd == broken["Account", "bad_choice"]
    keys = Counter(row["AccountNumber"] for row in alive if row["AccountNumber"])
    twins = {row["Id"] for row in alive if keys[row["AccountNumber"]] > 1}
    assert broken["Account", "twin_key"] < twins
    assert len(twins) == 2 * len(broken["Account", "twin_key"])
    assert all(broken[key] for key in (("Order", "broken_term"), ("deals", "broken_term"), ("companies", "bad_choice")))


def test_merged_and_deleted_doubles_stand_beside_their_survivors(salesforce: Records, hubspot: Records) -> None:
    gone = [row for row in salesforce["Account"] if row.get("IsDeleted")]
    merged = [row for row in gone if row["MasterRecordId"]]
    assert merged
    assert len(gone) > len(merged)
    assert {row["MasterRecordId"] for row in merged} <= _ids(
        [row for row in salesforce["Account"] if not row.get("IsDeleted")]
    )
    archived = {row["id"] for row in hubspot["companies"] if row.get("archived")}
    swallowed = {row["hs_merged_object_ids"] for row in hubspot["companies"] if row.get("hs_merged_object_ids")}
    assert swallowed < archived


def test_joined_accounts_have_their_tickets_in_hubspot_and_the_rest_in_salesforce(
    world: World, salesforce: Records, hubspot: Records
) -> None:
    ours = {row["AccountNumber"]: row["Id"] for row in salesforce["Account"] if row["AccountNumber"]}
    joined = {row["id"]: ours[row["csc_account_ref"]] for row in hubspot["companies"] if row["csc_account_ref"] in ours}
    assert len(joined) == 15
    assert {row["AccountId"] for row in salesforce["Case"]}.isdisjoint(joined.values())
    assert {row["AccountId"] for row in salesforce["Contract"]} & set(joined.values())
    ticketed = {link.to_id for link in hubspot_associations(world) if link.from_object == "tickets"}
    assert len(ticketed & joined.keys()) > 5
    acme = next(row for row in salesforce["Account"] if row["Name"] == "Acme Robotics")
    assert acme["Id"] in joined.values()
    company = next(row["id"] for row in hubspot["companies"] if row["name"] == "Acme Robotics")
    assert company in ticketed


def test_some_due_contracts_have_a_renewal_already_and_some_have_none(salesforce: Records, hubspot: Records) -> None:
    soon = [row for row in salesforce["Contract"] if "2026-11-22" <= row["EndDate"] <= "2027-02-20"]
    pending = {
        row["ContractId"] for row in salesforce["Opportunity"] if not row["IsClosed"] and row["Type"] == "Renewal"
    }
    quoted = {row["Id"] for row in soon if row["SBQQ__RenewalOpportunity__c"]}
    assert quoted
    assert quoted < pending & {row["Id"] for row in soon}
    assert {row["Id"] for row in soon} - pending
    assert any(row["deal_nature"] == "renewal" and row["hs_is_closed"] == "false" for row in hubspot["deals"])


def test_ids_never_meet_those_made_at_run_time() -> None:
    assert int(hs(LARGEST, SLOTS - 1)) < RUNTIME_BASE
    assert sf("Account", 1) < sf("Account", 2) < sf("Account", LARGEST)
    with pytest.raises(ValueError, match="out of range"):
        hs(0, SLOTS)


def test_a_world_of_a_hundred_thousand_is_read_lazily() -> None:
    world = generate(100_000, 90, 7, AS_OF)
    tracemalloc.start()
    try:
        for render in (render_salesforce, render_hubspot):
            for _, rows in render(world):
                assert len(list(islice(rows, 40))) > 5
        assert len(list(islice(world.truth, 100))) == 100
        assert world.customer(99_999).profile.key is None or world.customer(99_999).profile.key.endswith("100000")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
