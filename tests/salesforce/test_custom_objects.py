"""What an org keeps in objects and fields of its own: read in the canonical words, and done without where it is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from csconnect.connectors.protocols import PullRequest
from csconnect.errors import MissingFieldError
from csconnect.mapping.load import load_mappings
from csconnect.mapping.read import read_page
from csconnect_emulator.ids import SF_PREFIXES, salesforce_id
from csconnect_emulator.salesforce import hide_field
from csconnect_emulator.salesforce.schema import definitions

MAPPINGS = load_mappings([Path(__file__).parents[2] / "mappings" / "salesforce"], {"void_stage": "Withdrawn"})
ACCOUNT, CONTRACT, CONTACT, USER = (salesforce_id(prefix, 1) for prefix in ("001", "800", "003", "005"))
ORDER, ORDER_PRODUCT = (salesforce_id(prefix, 1) for prefix in ("801", "802"))
SIDES = {"adjustment": "due", "commitment": "ours"}
"""What is meant where nobody says."""
DAY, LATER = "2026-03-01", "2026-04-01"
SHARED = {"Account__c": ACCOUNT, "Contract__c": CONTRACT}
KEYS = {"account_id": f"crm:{ACCOUNT}", "contract_id": f"crm:{CONTRACT}"}

RECORDS = {
    "payment": (
        {**SHARED, "Due_On__c": DAY, "Amount__c": 1200.5, "CurrencyIsoCode": "EUR", "Paid_On__c": LATER},
        {**KEYS, "due_on": date(2026, 3, 1), "amount": Decimal("1200.5"), "currency": "EUR", "paid_on": date(2026, 4, 1)},
    ),
    "quota": (
        {"Account__c": ACCOUNT, "Resource__c": "storage_gb", "Bought__c": 50, "Used__c": 0, "Measured_On__c": DAY},
        {"account_id": KEYS["account_id"], "resource": "storage_gb", "bought": 50, "used": 0, "measured_on": date(2026, 3, 1)},
    ),
    "commitment": (
        {**SHARED, "Side__c": "Theirs", "Text__c": "Name an owner", "Made_On__c": DAY, "Due_On__c": LATER, "Fulfilled_On__c": LATER},
        {
            **KEYS, "side": "theirs", "text": "Name an owner", "made_on": date(2026, 3, 1), "due_on": date(2026, 4, 1),
            "fulfilled_on": date(2026, 4, 1),
        },
    ),
    "project": (
        {
            **SHARED, "Name": "CRM implementation", "Phase__c": "Accepted", "Started_On__c": DAY, "Planned_Live_On__c": LATER,
            "Live_On__c": LATER, "Accepted_On__c": LATER,
        },
        {
            **KEYS, "name": "CRM implementation", "phase": "accepted", "started_on": date(2026, 3, 1),
            "planned_live_on": date(2026, 4, 1), "live_on": date(2026, 4, 1), "accepted_on": date(2026, 4, 1),
        },
    ),
    "role_change": (
        {"Account__c": ACCOUNT, "Contact__c": CONTACT, "Role__c": "Decision Maker", "Change__c": "Left", "Changed_On__c": DAY},
        {
            "account_id": KEYS["account_id"], "contact_id": f"crm:{CONTACT}", "role": "decision_maker", "change": "left",
            "changed_on": date(2026, 3, 1),
        },
    ),
    "need": (
        {
            "Account__c": ACCOUNT, "Kind__c": "New Product", "Product_Line__c": "Service", "Stated_On__c": DAY, "Closed_On__c": LATER,
            "Text__c": "asked for it",
        },
        {
            "account_id": KEYS["account_id"], "kind": "new_product", "product_line": "Service", "stated_on": date(2026, 3, 1),
            "closed_on": date(2026, 4, 1), "text": "asked for it",
        },
    ),
    "consumption": (
        {**SHARED, "Day__c": DAY, "Amount__c": 99.5, "CurrencyIsoCode": "EUR"},
        {**KEYS, "day": date(2026, 3, 1), "amount": Decimal("99.5"), "currency": "EUR"},
    ),
    "adjustment": (
        {
            "Account__c": ACCOUNT, "Order__c": ORDER, "Order_Product__c": ORDER_PRODUCT, "Side__c": "Renewed", "Annual_Delta__c": -12.5,
            "CurrencyIsoCode": "EUR", "Waived__c": True, "Requested_On__c": DAY, "Decided_On__c": LATER, "Status__c": "Approved",
            "Reason__c": "Fewer seats", "Approver__c": USER,
        },
        {
            "account_id": KEYS["account_id"], "term_id": f"crm:{ORDER}", "line_id": f"crm:{ORDER_PRODUCT}", "side": "renewed",
            "arr_delta": Decimal("-12.5"), "currency": "EUR", "waived": True, "requested_on": date(2026, 3, 1),
            "decided_on": date(2026, 4, 1), "status": "approved", "reason": "Fewer seats", "approver_id": f"crm:{USER}",
        },
    ),
    "concern": (
        {"Account__c": ACCOUNT, "Cause__c": "budget_cut", "Raised_On__c": DAY, "Resolved_On__c": LATER},
        {"account_id": KEYS["account_id"], "cause": "budget_cut", "raised_on": date(2026, 3, 1), "resolved_on": date(2026, 4, 1)},
    ),
}  # fmt: skip
"""Entity -> a record of the org, and what it is read as."""


def pulled(connection, entity):
    """Canonical rows of an entity; nothing may be set aside."""
    (mapping,) = MAPPINGS.of(entity)
    available = set(connection.describe(mapping.object).fields)
    request = PullRequest(mapping.object, mapping.fields_for(available), where=mapping.where)
    pages = [read_page(mapping, page, "crm", available) for page in connection.pull(request)]
    assert [reject for page in pages for reject in page.rejects] == []
    return [row for page in pages for row in page.batch.to_pylist()]


def loaded(org, entity, **fields):
    (mapping,) = MAPPINGS.of(entity)
    org.load(mapping.object, {"Id": salesforce_id(SF_PREFIXES[mapping.object], 1), **fields})


@pytest.mark.parametrize("entity", sorted(RECORDS))
def test_an_object_of_the_orgs_own_is_read_whole(org, entity):
    record, wanted = RECORDS[entity]
    loaded(org, entity, **record)
    (row,) = pulled(org.connect(), entity)
    assert {name: row[name] for name in wanted} == wanted
    assert wanted.keys() | {"id"} == MAPPINGS.of(entity)[0].read.keys(), "every field that is read stands in the record"


@pytest.mark.parametrize("entity", sorted(RECORDS))
def test_a_record_that_says_no_more_than_it_must_is_read_too(org, entity):
    (mapping,) = MAPPINGS.of(entity)
    needed = {path for name, field in mapping.read.items() if not field.optional for path in field.paths} - {"Id"}
    record = {name: value for name, value in RECORDS[entity][0].items() if name in needed}
    loaded(org, entity, **record)
    (row,) = pulled(org.connect(), entity)
    unsaid = {name for name, field in mapping.read.items() if field.optional} - {"side", "currency"}
    assert {row[name] for name in unsaid} <= {None, False}, "a checkbox that nobody ticked says no"
    assert row.get("side") == SIDES.get(entity)


@pytest.mark.parametrize("entity", sorted(RECORDS))
def test_an_optional_field_that_is_hidden_is_unknown_and_a_needed_one_is_an_error(org, entity):
    (mapping,) = MAPPINGS.of(entity)
    loaded(org, entity, **RECORDS[entity][0])
    for name, field in mapping.read.items():
        if field.optional and field.paths[0].endswith("__c"):
            hide_field(org.emulator.store, mapping.object, field.paths[0])
            (row,) = pulled(org.connect(), entity)
            assert row[name] in (None, SIDES.get(entity))
    hide_field(org.emulator.store, mapping.object, "Account__c")
    with pytest.raises(MissingFieldError, match=f"no field 'Account__c', which {entity}.account_id is read from"):
        pulled(org.connect(), entity)


@pytest.mark.parametrize(
    ("entity", "end"),
    [
        ("adjustment", "Decided_On__c"),
        ("payment", "Paid_On__c"),
        ("commitment", "Fulfilled_On__c"),
        ("project", "Live_On__c"),
        ("concern", "Resolved_On__c"),
    ],
)
def test_what_ends_a_matter_may_not_be_hidden(org, entity, end):
    """Without it all that was paid would look unpaid: unknown is not "not yet"."""
    (mapping,) = MAPPINGS.of(entity)
    loaded(org, entity, **{**RECORDS[entity][0], end: None})
    (row,) = pulled(org.connect(), entity)
    assert row[end.removesuffix("__c").lower()] is None, "an empty one is fine, and means that it goes on"
    hide_field(org.emulator.store, mapping.object, end)
    with pytest.raises(MissingFieldError, match=f"no field '{end}'"):
        pulled(org.connect(), entity)


def test_the_red_light_and_what_else_is_said_of_an_account(org):
    light = {
        "Red_Light__c": True, "Red_Light_Cause__c": "Key Person Left", "Red_Light_Reason__c": "Our supporter has left",
        "Red_Light_By__c": USER, "Red_Light_On__c": DAY, "Red_Light_Until__c": LATER,
    }  # fmt: skip
    said = {"Lifecycle_Stage__c": "Renewal", "Target_Segment__c": "No", "Business_Health__c": 70}
    org.load("Account", {"Id": ACCOUNT, "Name": "A", "Type": "Customer", **light, **said})
    (row,) = pulled(org.connect(), "account")
    wanted = {
        "stage": "renewal", "is_target": False, "business_health": 70, "red_light": True, "red_light_cause": "key_person_left",
        "red_light_reason": "Our supporter has left", "red_light_owner_id": f"crm:{USER}", "red_light_on": date(2026, 3, 1),
        "red_light_until": date(2026, 4, 1),
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted


def test_words_of_an_orgs_own_cost_no_account(org):
    """A stage that is not ours is unknown and is reckoned; a light whose cause is not ours burns for another."""
    org.load(
        "Account",
        {
            "Id": ACCOUNT,
            "Name": "A",
            "Lifecycle_Stage__c": "Onboarding",
            "Red_Light__c": True,
            "Red_Light_Cause__c": "Moon",
        },
    )
    (row,) = pulled(org.connect(), "account")
    assert (row["stage"], row["red_light"], row["red_light_cause"]) == (None, True, "other")


def test_what_nobody_says_of_an_account_is_unknown(org):
    org.load("Account", {"Id": ACCOUNT, "Name": "A"})
    (row,) = pulled(org.connect(), "account")
    assert (row["is_target"], row["stage"], row["business_health"], row["red_light_cause"]) == (None,) * 4
    assert row["red_light"] is False, "a checkbox that nobody ticked says no"
    hide_field(org.emulator.store, "Account", "Red_Light__c")
    (row,) = pulled(org.connect(), "account")
    assert row["red_light"] is None


def test_why_a_renewal_was_lost(org):
    words = {
        "Lost_Reason__c": "Self-build",
        "Lost_Cause__c": "Need Unmet",
        "Lost_Manageable__c": "Yes",
        "Lost_Voluntary__c": "No",
    }
    base = {"AccountId": ACCOUNT, "Name": "A", "StageName": "Closed Lost", "CloseDate": DAY}
    others = ({}, words | {"Lost_Cause__c": "Moon"})
    records = [{"Id": salesforce_id("006", n), **base, **more} for n, more in enumerate((words, *others), 1)]
    org.load("Opportunity", *records)
    names = ("lost_symptom", "lost_cause", "lost_manageable", "lost_voluntary")
    told, silent, other = ([row[name] for name in names] for row in pulled(org.connect(), "opportunity"))
    assert told == ["self-build", "need_unmet", True, False]
    assert silent == [None] * 4
    assert other[1] == "other", "a cause of an org's own costs no opportunity"


def test_meetings_goals_and_complaints(org):
    met = {"WhatId": ACCOUNT, "AccountId": ACCOUNT, "Type": "Visit", "ActivityDateTime": "2026-03-01T09:00:00.000+0000"}
    noted = {"Decision_Maker__c": True, "Outcome__c": "No Show", "Next_On__c": LATER}
    org.load("Event", {"Id": salesforce_id("00U", 1), **met, **noted}, {"Id": salesforce_id("00U", 2), **met})
    org.load("Goal__c", {"Id": salesforce_id("a01", 1), "Account__c": ACCOUNT, "Metric__c": "hours", "Kind__c": "ROI"})
    org.load("Case", {"Id": salesforce_id("500", 1), "AccountId": ACCOUNT, "Type": "Complaint"})
    connection = org.connect()
    first, second = pulled(connection, "touchpoint")
    assert (first["decision_maker"], first["outcome"], first["next_on"]) == (True, "no_show", date(2026, 4, 1))
    assert (second["outcome"], second["next_on"]) == (None, None)
    assert first["happened_at"] == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert [row["kind"] for row in pulled(connection, "goal")] == ["roi"]
    assert [row["category"] for row in pulled(connection, "ticket")] == ["complaint"]


def test_every_field_that_the_mappings_name_is_in_the_demo_org():
    """But for fields that csconnect makes, and those that a derived path stands for."""
    org = definitions()
    absent = {
        (mapping.object, path)
        for mapping in MAPPINGS
        for field in mapping.read.values()
        for path in field.paths
        if "." not in path and not path.startswith("CSC_") and path not in org[mapping.object]
    }
    assert absent == set()
