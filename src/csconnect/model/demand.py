"""What a customer asks for beyond what it has, and what it consumes of what it paid for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar

from csconnect.model.base import AccountKey, ContractKey, Currency, Entity, KeyOf, Money
from csconnect.model.enums import NeedKind


class Need(Entity):
    """A need that the customer stated and that we could sell to (需求; decks 002:28-31, 004:658-663; book §7.1.1)."""

    entity: ClassVar[str] = "need"
    happened: ClassVar[str | None] = "stated_on"

    id: Annotated[str, KeyOf("need")]
    account_id: AccountKey | None = None
    kind: NeedKind | None = None
    product_line: str | None = None
    """What it is about, where somebody says."""
    stated_on: date
    closed_on: date | None = None
    """The day on which it was met or given up; open until then."""
    text: str | None = None


class Consumption(Entity):
    """What a prepaid customer consumed (消耗) on a day or in a month (decks 001:3297-3306, 3352-3383): another amount than what its
    contract is worth."""

    entity: ClassVar[str] = "consumption"
    happened: ClassVar[str | None] = "day"

    id: Annotated[str, KeyOf("consumption")]
    account_id: AccountKey | None = None
    contract_id: ContractKey | None = None
    day: date
    """The day it was on; of a whole month any day of it, such as the first."""
    amount: Money | None = None
    currency: Currency | None = None
