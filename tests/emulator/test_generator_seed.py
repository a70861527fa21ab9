"""A seeded store holds both systems, remembers how it was made, and hides what is to be hidden."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from csconnect_emulator.generator import World, generate, hubspot_associations, render_hubspot, render_salesforce
from csconnect_emulator.generator.seed import seed_store, seeded_world
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.store import RecordStore

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(60, 120, 3, AS_OF)


@pytest.fixture(scope="module")
def store(world: World) -> Iterator[RecordStore]:
    store = RecordStore()
    seed_store(store, world)
    yield store
    store.close()


def test_the_store_holds_exactly_what_is_rendered(store: RecordStore, world: World) -> None:
    for system, render, key in (("salesforce", render_salesforce, "Id"), ("hubspot", render_hubspot, "id")):
        for name, rows in render(world):
            told = {row[key]: row for row in rows}
            kept = store.get_many(system, name, told, include_deleted=True)
            assert kept.keys() == told.keys()
            gone = {id for id, record in kept.items() if record.deleted}
            assert gone == {id for id, row in told.items() if row.get("IsDeleted") or row.get("archived")}


def test_associations_are_found_from_both_sides(store: RecordStore, world: World) -> None:
    links = [
        link for link in hubspot_associations(world) if (link.from_object, link.to_object) == ("tickets", "companies")
    ]
    assert links
    for link in links:
        assert (link.from_id, link.label) in store.associations.of("hubspot", "companies", [link.to_id], "tickets")[
            link.to_id
        ]


def test_the_hidden_field_is_there_but_out_of_sight(store: RecordStore) -> None:
    assert "Left_On__c" in store.fields("salesforce", "Contact")
    visible = Access(store).visible("Contact")
    assert "left_on__c" not in visible
    assert "chain_roles__c" in visible


def test_a_store_knows_its_world(store: RecordStore, world: World) -> None:
    assert seeded_world(store) == world
    fresh = RecordStore()
    assert seeded_world(fresh) is None
    fresh.close()
    assert store.get_meta("salesforce.credentials")
    assert store.get_meta("hubspot.credentials")
    assert [record.data["Name"] for record in store.query("salesforce", "Organization")] == ["Northwind Cloud"]
