"""The packaged mappings read a whole generated org, and what they write is what they read back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from csconnect.connectors.protocols import PullRequest, WantedField
from csconnect.mapping.load import load_mappings
from csconnect.mapping.read import read_page
from csconnect.mapping.write import compare_as, to_wire
from csconnect.model import ENTITIES
from csconnect.model.values import Action, Change, Outcome
from csconnect_emulator.generator import generate
from csconnect_emulator.generator.seed import seed_store

MAPPINGS = load_mappings([Path(__file__).parents[2] / "mappings" / "salesforce"], {"void_stage": "Withdrawn"})
NOT_IN_SALESFORCE = {"module", "usage_day", "usage_module_day", "reading"}


def wanted() -> list[WantedField]:
    return [
        WantedField(
            mapping.object,
            field.to,
            field.type,
            field.label,
            field.help,
            field.length or 255,
            field.scale or 0,
            tuple(field.choices.values()),
        )
        for mapping in MAPPINGS
        for field in mapping.write.values()
        if field.label and field.to
    ]


def pulled(connection, mapping, cursor=None):
    """Canonical rows and rejects of one mapping."""
    available = set(connection.describe(mapping.object).fields)
    request = PullRequest(mapping.object, mapping.fields_for(available), cursor=cursor, where=mapping.where)
    pages = [read_page(mapping, page, "crm", available) for page in connection.pull(request)]
    return [row for page in pages for row in page.batch.to_pylist()], [
        reject for page in pages for reject in page.rejects
    ]


def test_there_is_a_mapping_for_every_entity_salesforce_has():
    assert {mapping.entity for mapping in MAPPINGS} == set(ENTITIES) - NOT_IN_SALESFORCE
    assert {mapping.entity for mapping in MAPPINGS if mapping.write} == {"account", "opportunity", "task"}


def test_health_says_its_polarity_in_every_language():
    writer = MAPPINGS.writer("account")
    for name in ("health_score", "health_band", "because"):
        assert "0 worst, 100 best" in writer.write[name].help["en"].replace(" is ", " ")
        assert "0 最差，100 最好" in writer.write[name].help["zh"]
    assert all(
        {"en", "zh"} <= field.label.keys() & field.help.keys()
        for m in MAPPINGS
        for field in m.write.values()
        if field.label
    )


def test_a_generated_org_is_read_whole(org):
    world = generate(30, 200, 11, date(2026, 11, 20))
    counts = seed_store(org.emulator.store, world)
    connection = org.connect()
    rows, rejects = {}, {}
    for mapping in MAPPINGS:
        name, made = mapping.entity, counts[f"salesforce/{mapping.object}"]
        rows[name], rejects[name] = pulled(connection, mapping)
        # Some of the generated records are broken on purpose.
        assert len(rejects[name]) <= 0.05 * made + 2, rejects[name][:3]
        assert rows[name]
    accounts = {row["id"] for row in rows["account"]} | {f"crm:{reject.source_id}" for reject in rejects["account"]}
    terms = {row["id"]: row for row in rows["term"]}
    assert all(
        row["account_id"] in accounts
        for row in rows["contact"] + rows["ticket"] + rows["touchpoint"]
        if row["account_id"]
    )
    assert all(term["start"] < term["end"] for term in terms.values())
    assert all(term["currency"] for term in terms.values())
    assert sum(line["term_id"] in terms for line in rows["contract_line"]) > len(rows["contract_line"]) / 2
    assert {row["status"] for row in rows["opportunity"]} <= {"open", "won", "lost", "void"}
    assert all((row["closed_at"] is None) == (row["status"] == "open") for row in rows["opportunity"])


def test_the_last_covered_day_is_not_the_end(org, account_id, make_id):
    account, contract, order = account_id(1), make_id("800", 1), make_id("801", 1)
    last = {"EndDate": "2027-12-31", "StatusCode": "Activated"}
    org.load("Account", {"Id": account, "Name": "A", "Type": "Customer"})
    org.load("Contract", {"Id": contract, "AccountId": account, "StartDate": "2025-01-01", **last})
    shared = {"AccountId": account, "ContractId": contract, **last}
    money = {"Recurring_Amount__c": 1200.5, "CurrencyIsoCode": "EUR"}
    org.load("Order", {"Id": order, "Type": "New", "EffectiveDate": "2025-01-01", **shared, **money})
    org.load("Order", {"Id": make_id("801", 2), "Type": "Expansion", "EffectiveDate": "2026-01-01", **shared})
    org.load(
        "DatedConversionRate",
        {"Id": make_id("04w", 1), "IsoCode": "EUR", "ConversionRate": 0.8, "StartDate": "2026-01-01"},
    )
    connection = org.connect()
    ((term,), _), ((agreement,), _) = (pulled(connection, MAPPINGS.of(name)[0]) for name in ("term", "contract"))
    assert (term["start"], term["end"], term["months"]) == (date(2025, 1, 1), date(2028, 1, 1), Decimal(36))
    assert (term["amount"], term["currency"], term["contract_id"]) == (Decimal("1200.5"), "EUR", f"crm:{contract}")
    assert (agreement["start"], agreement["end"]) == (date(2025, 1, 1), date(2028, 1, 1))
    ((rate,), _) = pulled(connection, MAPPINGS.of("fx_rate")[0])
    assert (rate["currency"], rate["base"], rate["rate"]) == ("EUR", "USD", Decimal("1.25"))


def test_a_renewal_that_was_signed_before_it_begins_is_known_from_the_day_it_is_there(org, account_id, make_id):
    """Its start is no signing date: a lake asked about today would withhold it, and its term would seem unrenewed."""
    order = {"AccountId": account_id(1), "Type": "Renewal", "EffectiveDate": "2027-01-01", "EndDate": "2027-12-31"}
    org.load("Account", {"Id": account_id(1), "Name": "A", "Type": "Customer"})
    org.load("Order", {"Id": make_id("801", 1), "StatusCode": "Activated", **order})
    org.load("Order", {"Id": make_id("801", 2), "StatusCode": "Activated", **order, "Signed_On__c": "2026-11-20"})
    rows, _ = pulled(org.connect(), MAPPINGS.of("term")[0])
    assert [row["signed_on"] for row in rows] == [None, date(2026, 11, 20)]


def test_only_activated_orders_are_terms_and_lines(org, account_id, make_id):
    """A draft is a quote; the status code says so whatever the org calls its statuses, and the lines follow their order."""
    account, signed, quote = account_id(1), make_id("801", 1), make_id("801", 2)
    shared = {"AccountId": account, "Type": "Renewal", "EffectiveDate": "2026-01-01", "EndDate": "2026-12-31"}
    org.load("Account", {"Id": account, "Name": "A", "Type": "Customer"})
    org.load("Order", {"Id": signed, "Status": "In force", "StatusCode": "Activated", **shared})
    org.load("Order", {"Id": quote, "Status": "Offered", "StatusCode": "Draft", **shared})
    org.load("OrderItem", *({"Id": make_id("802", n), "OrderId": id} for n, id in enumerate((signed, quote), 1)))
    connection = org.connect()
    for entity, prefix in (("term", "801"), ("contract_line", "802")):
        (mapping,) = MAPPINGS.of(entity)
        cursor = list(connection.pull(PullRequest(mapping.object, ("Id",), where=mapping.where)))[-1].cursor
        assert [row["id"] for row in pulled(connection, mapping)[0]] == [f"crm:{make_id(prefix, 1)}"]
        org.edit("Order", quote, Status="In force", StatusCode="Activated")
        assert f"crm:{make_id(prefix, 2)}" in {row["id"] for row in pulled(connection, mapping, cursor)[0]}
        org.edit("Order", quote, Status="Offered", StatusCode="Draft")


VALUES = {
    "account": {
        "health_score": 54, "health_band": "red", "health_trend": -7, "because": "Usage fell: -12", "coverage": 80, "stickiness": "L2",
        "danger_level": "high", "danger_causes": "A champion left.",
        "next_renewal": date(2027, 1, 1), "arr": Decimal("12345.67"), "scored_on": date(2026, 11, 22), "scorecard": "default 3f2a",
    },
    "opportunity": {
        "key": "c-1/2027-01-01", "name": "Renewal", "stage": "Prospecting", "kind": "renewal", "amount": Decimal("99.5"), "currency": "EUR",
        "close_on": date(2027, 1, 1), "why": "line one\nline two",
    },
    "task": {
        "key": "a|rule|1", "subject": "Call", "body": "because\nof this", "due_on": date(2026, 12, 1), "urgency": "high", "stage": "first",
        "status": "open",
    },
}  # fmt: skip


@pytest.mark.parametrize("entity", sorted(VALUES))
def test_what_is_written_is_what_is_read_back(org, account_id, entity):
    account = account_id(1)
    org.load("Account", {"Id": account, "Name": "A", "Type": "Customer"})
    connection = org.connect()
    assert {step.state for step in connection.provision(wanted(), apply=True)} == {"created"}
    mapping = MAPPINGS.writer(entity)
    values = to_wire(mapping, VALUES[entity] | ({} if entity == "account" else {"account_id": account}))
    new = {"action": Action.UPDATE, "record_id": account} if entity == "account" else {"action": Action.CREATE}
    key = {} if entity == "account" else {"key": VALUES[entity]["key"], "key_field": mapping.write["key"].to}
    change = Change(connection="crm", entity=entity, object=mapping.object, values=values, **new, **key)
    (receipt,) = connection.push([change])
    assert (receipt.outcome, receipt.message) == (Outcome.WRITTEN, "")
    stored = org.get(mapping.object, receipt.record_id)
    for name, value in VALUES[entity].items():
        field = mapping.write[name]
        assert compare_as(field, stored[field.to]) == compare_as(field, to_wire(mapping, {name: value})[field.to]), name
    ((row,), rejects) = pulled(connection, mapping)
    assert rejects == []
    assert row["_owned"]
    if entity != "account":
        assert (row["key"], row["account_id"], row["status"]) == (VALUES[entity]["key"], f"crm:{account}", "open")
        close = Change(
            connection="crm",
            action=Action.CLOSE,
            entity=entity,
            object=mapping.object,
            record_id=receipt.record_id,
            values=mapping.close,
        )
        assert connection.push([close])[0].outcome is Outcome.WRITTEN
        ((row,), _) = pulled(connection, mapping)
        assert row["status"] == {"opportunity": "void", "task": "done"}[entity]
        assert row["closed_at"] is not None
