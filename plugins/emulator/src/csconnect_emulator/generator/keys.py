"""Record ids of the generated world: every child of account ``n`` has a number of its own, without counting others."""

from __future__ import annotations

from csconnect_emulator.ids import RUNTIME_BASE, SF_PREFIXES, salesforce_id

SLOTS = 2048
"""Children of one object that an account may have."""

LARGEST = RUNTIME_BASE // SLOTS - 1000
"""How many accounts a world may have before ids would meet those made at run time."""

EXTRA = 1024
"""Slots from here on are for what does not come from the account's own list: merged and deleted doubles, open deals."""


def sf(object: str, n: int, slot: int = 0) -> str:
    """The Salesforce id of the ``slot``-th record of ``object`` of account ``n``."""
    if not 0 <= slot < SLOTS:
        raise ValueError(f"slot {slot} of {object} is out of range")
    return salesforce_id(SF_PREFIXES[object], (n + 1) * SLOTS + slot)


def sf_shared(object: str, number: int) -> str:
    """The Salesforce id of a record that belongs to no account: users, products, rates."""
    return salesforce_id(SF_PREFIXES[object], number + 1)


def hs(n: int, slot: int = 0) -> str:
    """The HubSpot id of the ``slot``-th record of an object of account ``n``; unique within the object."""
    if not 0 <= slot < SLOTS:
        raise ValueError(f"slot {slot} is out of range")
    return str((n + 1) * SLOTS + slot)


def hs_shared(number: int) -> str:
    """The HubSpot id of an owner or a product."""
    return str(1001 + number)


def home(system: str, object_sf: str, n: int, slot: int = 0) -> str:
    """The id of a record in the system where its account lives."""
    return hs(n, slot) if system == "hubspot" else sf(object_sf, n, slot)
