"""The packaged mapping files against the demo portal, from the wire to canonical rows and back."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from csconnect.connectors.protocols import PullRequest, WantedField
from csconnect.mapping import Mapping, MappingSet, load_mappings, read_page
from csconnect.model.values import Action, Change, Outcome
from csconnect_emulator.generator.seed import seed_store
from csconnect_emulator.generator.world import World, generate
from csconnect_emulator.hubspot.schema import packaged

FOLDER = Path(__file__).parents[2] / "mappings" / "hubspot"
ENTITIES = {
    "account", "contact", "owner", "product", "contract", "term", "contract_line", "ticket", "touchpoint", "survey",
    "opportunity", "task",
}  # fmt: skip


@pytest.fixture
def mappings() -> MappingSet:
    return load_mappings([FOLDER], {"void_stage": "withdrawn"})


@pytest.fixture
def world(emulated: Any) -> World:
    made = generate(45, 400, 7, date(2024, 1, 15))
    seed_store(emulated.store, made)
    emulated.limits.update(enforced=0)
    return made


def wanted(mappings: MappingSet) -> list[WantedField]:
    return [
        WantedField(
            mapping.object, str(owned.to), owned.type, owned.label, owned.help, choices=tuple(owned.choices.values())
        )
        for mapping in mappings
        for owned in mapping.write.values()
        if owned.label
    ]


def canonical(emulated: Any, mapping: Mapping) -> tuple[list[dict[str, Any]], list[Any]]:
    """Rows and rejects of a whole pull through ``mapping``."""
    available = emulated.hub.describe(mapping.object).fields
    request = PullRequest(mapping.object, mapping.fields_for(available), where=mapping.where)
    mapped = [read_page(mapping, page, "hub", available) for page in emulated.hub.pull(request)]
    return [row for one in mapped for row in one.batch.to_pylist()], [bad for one in mapped for bad in one.rejects]


def test_every_entity_that_the_portal_has_is_mapped(mappings: MappingSet) -> None:
    assert {mapping.entity for mapping in mappings} == ENTITIES


def test_everything_owned_has_its_texts_in_both_languages_and_says_its_polarity(mappings: MappingSet) -> None:
    for mapping in mappings:
        for owned in mapping.write.values():
            if owned.to and owned.to.startswith("csc_"):
                assert {"en", "zh"} <= owned.label.keys() & owned.help.keys(), owned.to
    account = mappings.writer("account")
    assert account is not None
    for name in ("health_score", "health_band", "because"):
        assert "0" in account.write[name].help["en"]
        assert "100 best" in account.write[name].help["en"].replace("100 is best", "100 best")
        assert "100 最好" in account.write[name].help["zh"]


def test_the_demo_portal_maps_but_for_what_is_broken_on_purpose(
    emulated: Any, world: World, mappings: MappingSet
) -> None:
    emulated.hub.provision(wanted(mappings), apply=True)
    broken = {record.id for record in world.broken if record.system == "hubspot"}
    counts: Counter[str] = Counter()
    for mapping in mappings:
        rows, rejects = canonical(emulated, mapping)
        counts[mapping.entity] += len(rows)
        assert {bad.source_id for bad in rejects} <= broken, (mapping.name, rejects[:3])
        assert all(row["id"].startswith("hub:") for row in rows)
    assert set(counts) == ENTITIES
    assert all(counts.values()), counts


def test_terms_lines_and_deals_agree_with_the_world(emulated: Any, world: World, mappings: MappingSet) -> None:
    orders = [
        order
        for customer in world.customers("hubspot")
        for order in customer.life.orders
        if order.nature in ("new", "renewal") and not order.broken
    ]
    by_name = {
        mapping.name: canonical(emulated, mapping)[0]
        for mapping in mappings
        if mapping.entity in ("term", "contract_line")
    }
    terms = sorted((row["start"], row["end"], row["amount"]) for row in by_name["term"])
    assert terms == sorted((order.start, order.end, order.recurring) for order in orders)
    assert all(
        row["account_id"] and row["months"] > 0 and row["nature"] in ("new", "renewal") for row in by_name["term"]
    )
    whole = [
        row for row in by_name["term"] if (row["end"].month, row["end"].day) == (row["start"].month, row["start"].day)
    ]
    assert whole
    assert all(row["months"] == 12 * (row["end"].year - row["start"].year) for row in whole)
    assert all(
        row["account_id"] and row["term_id"] and row["nature"] and row["currency"] for row in by_name["contract_line"]
    )


def test_why_deals_were_lost_agrees_with_the_world(emulated: Any, world: World, mappings: MappingSet) -> None:
    (mapping,) = mappings.of("opportunity")
    rows = [row for row in canonical(emulated, mapping)[0] if row["status"] == "lost"]
    found = [tuple(row[f"lost_{name}"] for name in ("symptom", "cause", "manageable", "voluntary")) for row in rows]
    reasons = [
        deal.reason for customer in world.customers("hubspot") for deal in customer.deals if deal.stage == "lost"
    ]
    told = [(r.symptom, r.cause, r.manageable, r.voluntary) if r else (None,) * 4 for r in reasons]
    assert sorted(found, key=repr) == sorted(told, key=repr)
    assert any(None not in row for row in found)


def test_what_we_write_comes_back_as_ours(emulated: Any, world: World, mappings: MappingSet) -> None:
    emulated.hub.provision(wanted(mappings), apply=True)
    writer = mappings.writer("opportunity")
    assert writer is not None
    company = next(iter(emulated.pull("companies", "hs_object_id").ids))
    values = {
        "csc_key": "k1",
        "dealname": "Renewal",
        "csc_contract": "77",
        "csc_kind": "renewal",
        "dealstage": "contractsent",
        "amount": "120.50",
        "deal_currency_code": "CNY",
        "closedate": "2024-03-31",
        "description": "why",
    }
    assert set(values) <= {owned.to for owned in writer.write.values()}
    change = Change(
        connection="hub", action=Action.CREATE, entity="opportunity", object="deals", key="k1", key_field="csc_key",
        values=values, links={"companies": company},
    )  # fmt: skip
    (made,) = emulated.hub.push([change])
    assert made.outcome is Outcome.WRITTEN
    rows = {row["key"]: row for row in canonical(emulated, writer)[0] if row["key"]}
    assert rows["k1"] | {"_owned": None} == rows["k1"] | {
        "id": f"hub:{made.record_id}",
        "account_id": f"hub:{company}",
        "contract_id": "hub:77",
        "kind": "renewal",
        "status": "open",
        "close_on": date(2024, 3, 31),
        "currency": "CNY",
        "_owned": None,
    }
    assert json.loads(rows["k1"]["_owned"])["name"] == "Renewal"
    close = change.model_copy(
        update={"action": Action.CLOSE, "record_id": made.record_id, "values": writer.close, "links": {}}
    )
    assert emulated.hub.push([close])[0].outcome is Outcome.WRITTEN
    rows = {row["key"]: row for row in canonical(emulated, writer)[0] if row["key"]}
    assert rows["k1"]["status"] == "void"


def test_the_red_light_and_what_else_is_said_of_a_company(emulated: Any, mappings: MappingSet) -> None:
    light = {
        "red_light": "true", "red_light_cause": "budget_cut", "red_light_reason": "预算被削减", "red_light_by": "1001",
        "red_light_on": "2024-01-02", "red_light_until": "2024-02-01",
    }  # fmt: skip
    said = {"csm_stage": "renewal", "target_segment": "false", "business_health": "70"}
    theirs = {"csm_stage": "onboarding", "red_light": "true", "red_light_cause": "moon"}
    company = {"name": "A", "lifecyclestage": "customer"}
    emulated.load(
        "companies",
        {"id": "1", "hs_object_id": "1", **company, **light, **said},
        {"id": "2", "hs_object_id": "2", **company, **theirs},
        {"id": "3", "hs_object_id": "3", **company},
    )
    emulated.hub.provision(wanted(mappings), apply=True)
    rows, rejects = canonical(emulated, mappings.of("account")[0])
    assert rejects == []
    first, second, third = sorted(rows, key=lambda row: row["id"])
    expected = {
        "stage": "renewal", "is_target": False, "business_health": 70, "red_light": True, "red_light_cause": "budget_cut",
        "red_light_reason": "预算被削减", "red_light_owner_id": "hub:1001", "red_light_on": date(2024, 1, 2),
        "red_light_until": date(2024, 2, 1),
    }  # fmt: skip
    assert {name: first[name] for name in expected} == expected
    assert (second["stage"], second["red_light_cause"]) == (None, "other"), "a word that is not ours costs no account"
    assert {third[name] for name in expected} == {None}, "what nobody says is unknown"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("COMPLETED", "held"), ("NO_SHOW", "no_show"), ("CANCELED", "declined"), ("SCHEDULED", None), ("RESCHEDULED", None), (None, None),
    ],
)  # fmt: skip
def test_what_became_of_a_meeting(emulated: Any, mappings: MappingSet, said: str | None, meant: str | None) -> None:
    meeting = {"id": "1", "hs_object_id": "1", "hs_timestamp": "2024-01-10T09:00:00Z", "hs_meeting_outcome": said}
    emulated.load("meetings", {**meeting, "decision_maker_present": "true", "next_on": "2024-02-01"})
    (mapping,) = (one for one in mappings.of("touchpoint") if one.object == "meetings")
    ((row,), rejects) = canonical(emulated, mapping)
    assert rejects == []
    assert (row["outcome"], row["decision_maker"], row["next_on"]) == (meant, True, date(2024, 2, 1))


def test_a_complaint_is_a_category_of_its_own(emulated: Any, mappings: MappingSet) -> None:
    words = {"1": "COMPLAINT", "2": "BILLING_ISSUE", "3": "PRODUCT_ISSUE"}
    emulated.load(
        "tickets", *({"id": id, "hs_object_id": id, "hs_ticket_category": word} for id, word in words.items())
    )
    rows, rejects = canonical(emulated, mappings.of("ticket")[0])
    assert rejects == []
    assert {row["id"]: row["category"] for row in rows} == {"hub:1": "complaint", "hub:2": None, "hub:3": "bug"}


def test_every_property_that_the_mappings_name_is_in_the_demo_portal(mappings: MappingSet) -> None:
    portal = {name: {prop.name for prop in properties} for name, properties in packaged().properties.items()}
    absent = {
        (mapping.object, path)
        for mapping in mappings
        for field in mapping.read.values()
        for path in field.paths
        if mapping.object in portal
        and "." not in path
        and not path.startswith("csc_")
        and path not in portal[mapping.object]
    }
    assert absent == set()
