"""What was sold: products and modules, contracts, terms, lines, and exchange rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from csconnect.model.base import (
    AccountKey,
    ContractKey,
    Currency,
    Entity,
    KeyOf,
    Money,
    OpportunityKey,
    OwnerKey,
    ProductKey,
    TermKey,
)
from csconnect.model.enums import AdjustmentStatus, Billing, BookSide, ModuleKind, Nature, ProjectPhase, Side

Months = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=6)]
CreditedDays = Annotated[int, Field(ge=0)]
"""Days by which a service credit (book §7.2.2) moved the end: ``end`` of a row has them in it, ``months`` and amount do not."""
Percent = Annotated[float, Field(ge=-100)]


class Product(Entity):
    """Something on the price list (book §1.4)."""

    entity: ClassVar[str] = "product"

    id: ProductKey
    name: str
    product_line: str | None = None


class Module(Entity):
    """A part of the product that usage can name (decks 001:1200-1227, 000:274-295)."""

    entity: ClassVar[str] = "module"

    id: str
    """The module's name as it stands in usage rows; the same in every connection."""
    name: str
    core: bool = False
    """Core (late-process) modules are the sticky ones: contract, order, payment, invoice."""
    process: str | None = None
    """The end-to-end process it belongs to, such as ``lead_to_cash``."""
    product_line: str | None = None
    kind: ModuleKind | None = None
    """How deep its use binds a customer (book §5.2.2)."""
    rare: bool = False
    """Rarely used by its nature; its use earns little (decks 001:1207)."""


class Contract(Entity):
    """An agreement (book §1.3; decks 1.1). Its terms carry the money and the dates."""

    entity: ClassVar[str] = "contract"
    happened: ClassVar[str | None] = "signed_on"

    id: ContractKey
    account_id: AccountKey | None = None
    number: str | None = None
    signed_on: date | None = None
    start: date | None = None
    end: date | None = None
    """First day that is no longer covered: ``[start, end)``."""
    credited_days: CreditedDays | None = None
    seats: int | None = None
    """Purchased accounts (购买账号)."""
    renewal_opportunity_id: OpportunityKey | None = None
    """A renewal that someone else's process (CPQ, a person) already made for it."""
    price_increase_cap: float | None = None
    """Special clause: the most a renewal may rise, in percent (book §5.2.1)."""
    renewal_uplift: Percent | None = None
    """By how much its renewal is to rise, in percent; a line's own beats it."""


class Term(Entity):
    """A ``[start, end)`` period of a contract: what falls due and is renewed, or is not."""

    entity: ClassVar[str] = "term"
    happened: ClassVar[str | None] = "signed_on"

    id: TermKey
    contract_id: ContractKey | None = None
    account_id: AccountKey | None = None
    product_line: str | None = None
    """A term is renewed by the next term of the same account and product line."""
    nature: Nature = Nature.NEW
    signed_on: date | None = None
    start: date
    end: date
    """First day that is no longer covered."""
    months: Months | None = None
    """Length in months, reckoned once, in the mapping; 60 for five years."""
    credited_days: CreditedDays | None = None
    amount: Money | None = None
    """Recurring amount over the whole term, one-off fees excluded."""
    currency: Currency | None = None
    seats: int | None = None
    renewal_opportunity_id: OpportunityKey | None = None


class ContractLine(Entity):
    """One line of an order: the unit from which ARR is reckoned (decks 001:2787)."""

    entity: ClassVar[str] = "contract_line"

    id: Annotated[str, KeyOf("contract_line")]
    term_id: TermKey | None = None
    contract_id: ContractKey | None = None
    account_id: AccountKey | None = None
    product_id: ProductKey | None = None
    product_line: str | None = None
    nature: Nature | None = None
    billing: Billing = Billing.RECURRING
    start: date | None = None
    end: date | None = None
    """First day that is no longer covered; a line without dates runs as long as its term."""
    months: Months | None = None
    """Length in months, reckoned in the mapping."""
    credited_days: CreditedDays | None = None
    """Where nobody says, those of its term, which then are not in ``end``."""
    quantity: Money | None = None
    amount: Money | None = None
    """Amount over the line's whole length; negative for a contraction."""
    currency: Currency | None = None
    renewal_uplift: Percent | None = None
    """By how much its renewal is to rise, in percent."""


class Adjustment(Entity):
    """A request to change a due or a renewed line of the finance book (应续调整申请; decks 001:2830)."""

    entity: ClassVar[str] = "adjustment"
    happened: ClassVar[str | None] = "decided_on"

    id: Annotated[str, KeyOf("adjustment")]
    account_id: AccountKey | None = None
    term_id: TermKey | None = None
    """The term whose lines it changes, where it names no line."""
    line_id: Annotated[str, KeyOf("contract_line")] | None = None
    side: BookSide = BookSide.DUE
    arr_delta: Money | None = None
    """What is added by the year; negative for less."""
    currency: Currency | None = None
    waived: bool | None = None
    """Nothing of it is due any more, whatever ``arr_delta`` says."""
    requested_on: date | None = None
    decided_on: date | None = None
    status: AdjustmentStatus = AdjustmentStatus.REQUESTED
    reason: str | None = None
    approver_id: OwnerKey | None = None


class FxRate(Entity):
    """A dated exchange rate: one unit of ``currency`` is ``rate`` units of ``base``."""

    entity: ClassVar[str] = "fx_rate"

    id: str
    currency: Currency
    base: Currency
    on: date
    rate: Annotated[Decimal, Field(gt=0, max_digits=24, decimal_places=10)]


class Payment(Entity):
    """One instalment of a contract: when it is due and when it came (回款计划; decks 001:2880-2903)."""

    entity: ClassVar[str] = "payment"

    id: Annotated[str, KeyOf("payment")]
    account_id: AccountKey | None = None
    contract_id: ContractKey | None = None
    due_on: date
    amount: Money | None = None
    currency: Currency | None = None
    paid_on: date | None = None
    """The day on which all of it had come."""


class Quota(Entity):
    """How much of something limited an account has bought and used: storage, messages, custom objects (decks 001:1312-1316; book
    §7.1.1). Seats stand in the contract and in usage."""

    entity: ClassVar[str] = "quota"

    id: Annotated[str, KeyOf("quota")]
    account_id: AccountKey | None = None
    resource: str
    """What is limited, in the product's words, such as ``storage_gb`` or ``sms``."""
    bought: Annotated[float, Field(ge=0)]
    used: Annotated[float, Field(ge=0)] | None = None
    measured_on: date | None = None


class Commitment(Entity):
    """A promise between us and the customer (双方承诺; book §6.1.1, §7.3.1)."""

    entity: ClassVar[str] = "commitment"
    happened: ClassVar[str | None] = "made_on"

    id: Annotated[str, KeyOf("commitment")]
    account_id: AccountKey | None = None
    contract_id: ContractKey | None = None
    side: Side = Side.OURS
    text: str | None = None
    made_on: date | None = None
    due_on: date | None = None
    fulfilled_on: date | None = None


class Project(Entity):
    """An implementation, a second one included (book §1.10, §6.2)."""

    entity: ClassVar[str] = "project"
    happened: ClassVar[str | None] = "started_on"

    id: Annotated[str, KeyOf("project")]
    account_id: AccountKey | None = None
    contract_id: ContractKey | None = None
    name: str | None = None
    phase: ProjectPhase | None = None
    started_on: date | None = None
    planned_live_on: date | None = None
    live_on: date | None = None
    """The actual go-live (上线)."""
    accepted_on: date | None = None
