"""What people in the CRM work on, and what csconnect may add to it: opportunities and tasks."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from csconnect.model.base import AccountKey, ContractKey, Currency, Entity, KeyOf, Money, OpportunityKey, OwnerKey
from csconnect.model.enums import Cause, OpportunityKind, OpportunityStatus, Origin, TaskStatus, Urgency


class Opportunity(Entity):
    """A possible sale (book §1.13). Ours carry ``key``; anyone's counts when we ask whether a renewal exists."""

    entity: ClassVar[str] = "opportunity"

    id: OpportunityKey
    account_id: AccountKey | None = None
    contract_id: ContractKey | None = None
    key: str | None = None
    """Our deterministic key, null on records that csconnect did not create."""
    name: str | None = None
    kind: OpportunityKind | None = None
    status: OpportunityStatus = OpportunityStatus.OPEN
    origin: Origin | None = None
    """Who found it first."""
    stage: str | None = None
    amount: Money | None = None
    currency: Currency | None = None
    months: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=6)] | None = None
    """Length of what is offered: 24 where the amount is for two years. Without it a renewal is taken to be as long as what it renews."""
    close_on: date | None = None
    owner_id: OwnerKey | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
    lost_symptom: str | None = None
    """The reason that was given, in the CRM's own word: competitor, price, self-build (decks 002:20: symptoms, not causes)."""
    lost_cause: Cause | None = None
    """What was behind it (decks 002:20; book L6)."""
    lost_manageable: bool | None = None
    """We could have prevented it (decks 002:20)."""
    lost_voluntary: bool | None = None
    """The customer chose to leave (主动流失; decks 000:126-127)."""


class Task(Entity):
    """A to-do in the CRM with a stable key, rule, owner and due date."""

    entity: ClassVar[str] = "task"

    id: Annotated[str, KeyOf("task")]
    account_id: AccountKey | None = None
    key: str | None = None
    """Our deterministic key, null on records that csconnect did not create."""
    subject: str | None = None
    body: str | None = None
    status: TaskStatus = TaskStatus.OPEN
    urgency: Urgency | None = None
    due_on: date | None = None
    owner_id: OwnerKey | None = None
    created_at: datetime | None = None
    closed_at: datetime | None = None
