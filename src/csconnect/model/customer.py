"""Who the customer is: accounts, the people in them, and the people of ours who look after them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from csconnect.model.base import AccountKey, ContactKey, Currency, Entity, KeyOf, OwnerKey
from csconnect.model.enums import Cause, ContactRole, LifecycleStage, RoleEvent, Segment


class Account(Entity):
    """A customer organisation (book §1.1; decks 1.2)."""

    entity: ClassVar[str] = "account"

    id: AccountKey
    name: str
    match_key: str | None = None
    """The declared key by which other connections name the same customer (never the name)."""
    is_customer: bool = True
    """False for prospects, partners and test accounts: they are never scored."""
    owner_id: OwnerKey | None = None
    """The CSM who looks after the account; tasks go to this person."""
    parent_id: AccountKey | None = None
    segment: Segment | None = None
    industry: str | None = None
    region: str | None = None
    country: str | None = None
    language: str | None = None
    """BCP 47 tag of the language its CSM reads, such as ``en`` or ``zh``."""
    time_zone: str | None = None
    """IANA zone; dates of the account are local to it."""
    currency: Currency | None = None
    employees: int | None = None
    data_quality: float | None = None
    """Share of complete and accurate records in the product, 0 to 100 (decks 004:94-97)."""
    created_at: datetime | None = None
    stage: LifecycleStage | None = None
    """Lifecycle stage as somebody states it; where nobody does it is reckoned (`csconnect.compute.rollup`, ``lifecycle``)."""
    is_target: bool | None = None
    """Belongs to the customers our product is made for (book §5.1.1: 是否目标客户群体)."""
    business_health: float | None = None
    """The customer's own business condition (企业健康度), 0 to 100, from outside; the sources define no indicator (INC-09)."""
    red_light: bool | None = None
    """Somebody pressed the red light (红绿灯; decks 001:1461-1475)."""
    red_light_cause: Cause | None = None
    red_light_reason: str | None = None
    """In the words of the person who pressed it."""
    red_light_owner_id: OwnerKey | None = None
    """Who pressed it."""
    red_light_on: date | None = None
    red_light_until: date | None = None
    """The day from which it counts no more; without one it burns until it is put out."""


class Contact(Entity):
    """A person in an account, with a part in its decision chain (book §1.2)."""

    entity: ClassVar[str] = "contact"

    id: ContactKey
    account_id: AccountKey | None = None
    name: str | None = None
    title: str | None = None
    email: str | None = None
    roles: list[ContactRole] = []
    """Multi-valued: one person can be decision maker and key user."""
    supportive: bool | None = None
    left_on: date | None = None
    reports_to_id: ContactKey | None = None
    created_at: datetime | None = None


class RoleChange(Entity):
    """Somebody took a part in the decision chain, gave it up, or left (decks 001:1280, 1474; book §7.2.1)."""

    entity: ClassVar[str] = "role_change"
    happened: ClassVar[str | None] = "changed_on"

    id: Annotated[str, KeyOf("role_change")]
    account_id: AccountKey | None = None
    contact_id: ContactKey | None = None
    role: ContactRole
    change: RoleEvent
    changed_on: date


class Owner(Entity):
    """One of our people: a CSM, account manager or salesperson."""

    entity: ClassVar[str] = "owner"

    id: OwnerKey
    name: str
    email: str | None = None
    active: bool = True
    """Writes that name an inactive owner are refused by the CRM; a fallback is used instead."""
