"""The world: a vendor of business software, its customers over three years, and what becomes of each of them.

Nothing is held in memory but the seed. Every account is derived from it when it is asked for, so a world of a hundred
thousand accounts needs no more room than one of ten. Only small worlds are kept once they are told, to save time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from csconnect_emulator.generator.cast import is_joined, system_of
from csconnect_emulator.generator.causes import Causes
from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.keys import LARGEST, home
from csconnect_emulator.generator.money import Rate, rates
from csconnect_emulator.generator.people import Staff
from csconnect_emulator.generator.truth import TermTruth, truths_of

HIDDEN = {"salesforce": (("Contact", "Left_On__c"),), "hubspot": ()}
"""Fields that exist but that the connection's user may not see, by system: (object, field)."""


KEEP = 2_500
"""Worlds of up to so many accounts keep what they have derived."""


@dataclass(frozen=True)
class Broken:
    """A record that does not fit the canonical model, on purpose. ``why`` names the oddity."""

    system: str
    object: str
    id: str
    why: str


OBJECTS = {"salesforce": ("Account", "Order"), "hubspot": ("companies", "deals")}
"""What an account and an order are called in each system."""


@dataclass(frozen=True)
class World:
    """``accounts`` living account records (customers and others), seen on the morning of ``as_of``.

    Usage, tickets and touchpoints are told for the last ``days`` days, what is rare (surveys, advocacy) for at least the last
    400; contracts and goals for as long as the customer has been one. Equal arguments give equal worlds, on every machine.
    """

    accounts: int
    days: int
    seed: int
    as_of: date
    causes: Causes = field(default_factory=Causes)

    @property
    def first_day(self) -> date:
        """The first day of which events are told."""
        return self.as_of - timedelta(days=self.days)

    @cached_property
    def staffs(self) -> dict[str, Staff]:
        """Who works in each system."""
        third = (self.accounts + 1) // 3
        counts = {"salesforce": self.accounts - third, "hubspot": third}
        return {system: Staff(self.seed, system, count) for system, count in counts.items()}

    def staff_of(self, n: int) -> Staff:
        return self.staffs[system_of(n)]

    @cached_property
    def _kept(self) -> dict[int, Customer]:
        return {}

    def customer(self, n: int) -> Customer:
        """Account number ``n``, from 0."""
        if self.accounts > KEEP:
            return Customer(self, n)
        return self._kept.setdefault(n, Customer(self, n))

    def customers(self, system: str | None = None, *, joined: bool = False) -> Iterator[Customer]:
        """All accounts, or those whose home is ``system``; with ``joined`` also those that only have their tickets there."""
        for n in range(self.accounts):
            if system in (None, system_of(n)) or (joined and is_joined(n)):
                yield self.customer(n)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """Monthly exchange rates."""
        return rates(self.seed, self.as_of)

    @property
    def truth(self) -> Iterator[TermTruth]:
        """The truth about every term, account by account; see `TermTruth`."""
        for customer in self.customers():
            yield from truths_of(customer, self.as_of)

    @property
    def broken(self) -> Iterator[Broken]:
        """The records that do not fit: terms that end before they start, choices and currencies that nobody knows, and
        match keys that two accounts claim. An account in an unknown currency brings its orders along, and with them its
        lines and opportunities, which are not listed one by one."""
        for customer in self.customers():
            profile = customer.profile
            account, order = OBJECTS[profile.system]
            for why in sorted(profile.traits & {"bad_choice", "unknown_currency", "twin_key"}):
                yield Broken(profile.system, account, home(profile.system, "Account", profile.n), why)
            for signed in customer.life.orders:
                why = "broken_term" if signed.broken else "unknown_currency"
                if signed.broken or why in profile.traits:
                    yield Broken(profile.system, order, home(profile.system, "Order", profile.n, signed.slot), why)

    @property
    def hidden(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """Fields that exist but are hidden from the connection's user, by system: (object, field)."""
        return HIDDEN


def generate(accounts: int, days: int, seed: int, as_of: date, causes: Causes | None = None) -> World:
    """Make a world. ``causes`` defaults to all of them; `Causes.none` is the null control.

    Raises `ValueError` for numbers out of range.
    """
    if not 1 <= accounts <= LARGEST:
        raise ValueError(f"accounts must be from 1 to {LARGEST}")
    if not 1 <= days <= 1461:
        raise ValueError("days must be from 1 to 1461")
    return World(accounts, days, seed, as_of, causes if causes is not None else Causes())
