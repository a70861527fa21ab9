"""Fills the emulator's store with a world: records, associations, who may see what, and how the world was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from itertools import islice
from typing import Any

from csconnect_emulator import hubspot, salesforce
from csconnect_emulator.generator import hubspot as hs_rows
from csconnect_emulator.generator import salesforce as sf_rows
from csconnect_emulator.generator.causes import Causes
from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.hubspot_links import links_of
from csconnect_emulator.generator.world import World, generate
from csconnect_emulator.salesforce.org import hide_field
from csconnect_emulator.store import RecordStore

META = "generator"
BATCH = 1_000


def seed_store(store: RecordStore, world: World) -> dict[str, int]:
    """Load both systems of ``world`` into a store; returns how many records each ``system/object`` got.

    Defines the orgs, their credentials and objects first where the store lacks them. Accounts are loaded batch by batch, so
    memory does not grow with the world. Meant for a fresh store: a record that is already there raises
    `sqlite3.IntegrityError`.
    """
    salesforce.install(store)
    hubspot.install(store)
    counts: Counter[str] = Counter()
    for system, dialect in (("salesforce", sf_rows), ("hubspot", hs_rows)):
        for name, shared in dialect.SHARED.items():
            counts[f"{system}/{name}"] += store.load(system, name, shared(world))
        for batch in _batches(world.customers(system, joined=system == "hubspot")):
            for name, rows_of in dialect.PER_ACCOUNT.items():
                rows = (row for customer in batch for row in rows_of(customer))
                counts[f"{system}/{name}"] += store.load(system, name, rows)
            if system == "hubspot":
                store.associations.add(system, (link for customer in batch for link in links_of(customer)))
    for object, field in world.hidden["salesforce"]:
        hide_field(store, object, field)
    store.set_meta(META, recipe(world))
    return dict(counts)


def _batches(customers: Iterator[Customer]) -> Iterator[list[Customer]]:
    """A batch's accounts are derived once for all their objects."""
    while batch := list(islice(customers, BATCH)):
        yield batch


def recipe(world: World) -> dict[str, Any]:
    """All that it takes to make ``world`` again, as JSON; the ground truth follows from it."""
    plain = {"accounts": world.accounts, "days": world.days, "seed": world.seed, "as_of": world.as_of.isoformat()}
    return {**plain, "causes": asdict(world.causes)}


def seeded_world(store: RecordStore) -> World | None:
    """The world that a store was filled with, if any."""
    found = store.get_meta(META)
    if found is None:
        return None
    as_of, causes = date.fromisoformat(found["as_of"]), Causes(**found["causes"])
    return generate(found["accounts"], found["days"], found["seed"], as_of, causes)
