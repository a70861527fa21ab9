"""The shapes of an account's commercial life: contracts, orders and their lines, troubles, and the fate of each term."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class OrderLine:
    """One line. ``total`` is ``quantity`` times ``unit`` exactly, over the whole run of the order."""

    slot: int
    product: str
    billing: str
    quantity: int
    unit: Decimal

    @property
    def total(self) -> Decimal:
        return self.unit * self.quantity


@dataclass(frozen=True)
class Order:
    """What was signed. ``nature`` new or renewal makes a term ``[start, end)``; expansion and contraction change the term
    ``of`` until its end. Slots count within the account."""

    slot: int
    of: int
    contract: int
    nature: str
    line: str
    signed_on: date
    start: date
    end: date
    months: int
    seats: int
    lines: tuple[OrderLine, ...]
    broken: bool = False

    @property
    def is_term(self) -> bool:
        return self.nature in ("new", "renewal")

    @property
    def recurring(self) -> Decimal:
        return sum((line.total for line in self.lines if line.billing == "recurring"), Decimal(0))

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))


@dataclass
class Contract:
    """An agreement; it grows while the life of its account is told."""

    slot: int
    line: str
    signed_on: date
    start: date
    end: date
    seats: int
    cap: int | None


@dataclass(frozen=True)
class Trouble:
    """Causes at work from ``onset`` until the term ended or, where the customer stayed, ``until`` they were mended."""

    causes: tuple[str, ...]
    onset: date
    until: date
    ends_in_loss: bool


@dataclass(frozen=True)
class Fate:
    """The known truth about one term: see `csconnect_emulator.generator.truth`."""

    term: int
    line: str
    start: date
    end: date
    fate: str
    cause: str
    onset: date | None
    settled_on: date


@dataclass
class Life:
    """Everything signed, and why it ended. ``spans`` are the stretches ``[start, end)`` in which the product is in use,
    ``seats`` the purchased seats from each day on."""

    contracts: list[Contract] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    spans: list[tuple[date, date]] = field(default_factory=list)
    seats: list[tuple[date, int]] = field(default_factory=list)
    lines: list[tuple[date, int]] = field(default_factory=list)
    """How many product lines are in use from each day on."""

    def served(self, day: date) -> bool:
        """Whether the account is a paying customer on a day."""
        return any(start <= day < end for start, end in self.spans)

    def trouble(self, day: date) -> Trouble | None:
        """What is at work on a day, if anything."""
        return next((t for t in self.troubles if t.onset <= day < t.until), None)

    def ailing(self, day: date) -> Trouble | None:
        """What is at work on a day and can be seen in more than words: a quarrel over the price alone cannot."""
        trouble = self.trouble(day)
        return None if trouble is None or trouble.causes == ("price",) else trouble

    def suffers(self, day: date, cause: str) -> bool:
        trouble = self.trouble(day)
        return trouble is not None and cause in trouble.causes
