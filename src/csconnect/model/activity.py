"""What happens: usage, tickets, touchpoints, surveys, goals, advocacy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field

from csconnect.model.base import AccountKey, ContactKey, Entity, KeyOf
from csconnect.model.enums import (
    AdvocacyKind,
    Cause,
    ContactRole,
    GoalKind,
    Priority,
    ReadingMetric,
    SurveyKind,
    TicketCategory,
    TouchpointKind,
    TouchpointOutcome,
)


class UsageDay(Entity):
    """One user of one account on one day: the lowest grain of usage (decks 1.3).

    A delivered day replaces that day of that connection, so a corrected export can simply be delivered again.
    """

    entity: ClassVar[str] = "usage_day"
    happened: ClassVar[str | None] = "day"
    key_fields: ClassVar[tuple[str, ...]] = ("account_id", "user", "day")

    account_id: AccountKey
    user: str
    """A hash of the user; csconnect never needs to know who it is."""
    day: date
    modules: list[str] = []
    logins: Annotated[int, Field(ge=0)] = 0
    events: Annotated[int, Field(ge=0)] = 0


class UsageModuleDay(Entity):
    """Roll-up of `UsageDay`: how many users of an account used a module on a day. Made at pull, never mapped."""

    entity: ClassVar[str] = "usage_module_day"
    happened: ClassVar[str | None] = "day"
    key_fields: ClassVar[tuple[str, ...]] = ("account_id", "module", "day")

    account_id: AccountKey
    module: str
    day: date
    users: Annotated[int, Field(ge=0)]


class Reading(Entity):
    """One number that the product reports of an account as a whole on a day (decks 001:1205-1227)."""

    entity: ClassVar[str] = "reading"
    happened: ClassVar[str | None] = "day"

    id: Annotated[str, KeyOf("reading")]
    account_id: AccountKey | None = None
    metric: ReadingMetric
    module: str | None = None
    """The module it is about, as usage names it; null for the whole account."""
    day: date
    value: Annotated[float, Field(ge=0)]


class Ticket(Entity):
    """A question, fault or wish of the customer, from whatever channel (book §1.6)."""

    entity: ClassVar[str] = "ticket"
    happened: ClassVar[str | None] = "opened_at"

    id: Annotated[str, KeyOf("ticket")]
    account_id: AccountKey | None = None
    subject: str | None = None
    category: TicketCategory | None = None
    priority: Priority | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    first_response_hours: Annotated[float, Field(ge=0)] | None = None


class Touchpoint(Entity):
    """A visit, call, meeting, mail or review (book §1.7)."""

    entity: ClassVar[str] = "touchpoint"
    happened: ClassVar[str | None] = "happened_at"

    id: Annotated[str, KeyOf("touchpoint")]
    account_id: AccountKey | None = None
    kind: TouchpointKind = TouchpointKind.MEETING
    happened_at: datetime
    attendees: list[str] = []
    executive: bool | None = None
    """An executive of the customer took part."""
    replied_within_hours: Annotated[float, Field(ge=0)] | None = None
    """How long the customer took to answer; null where no answer was asked for."""
    subject: str | None = None
    decision_maker: bool | None = None
    """A decision maker of the customer took part (book §3.8, §7.2.2)."""
    outcome: TouchpointOutcome | None = None
    """Null where nobody says: it is taken as held."""
    next_on: date | None = None
    """The next appointment, agreed before leaving (book §3.8)."""


class Survey(Entity):
    """One answer to NPS (0 to 10) or CSAT (book §1.8; C5: the industry's 0 to 10 is used)."""

    entity: ClassVar[str] = "survey"
    happened: ClassVar[str | None] = "answered_on"

    id: Annotated[str, KeyOf("survey")]
    account_id: AccountKey | None = None
    contact_id: ContactKey | None = None
    kind: SurveyKind = SurveyKind.NPS
    score: Annotated[float, Field(ge=0)]
    answered_on: date
    respondent_role: ContactRole | None = None


class Goal(Entity):
    """A quantified success standard agreed with the customer (book §1.9, §5.3)."""

    entity: ClassVar[str] = "goal"

    id: Annotated[str, KeyOf("goal")]
    account_id: AccountKey | None = None
    metric: str
    kind: GoalKind | None = None
    baseline: float | None = None
    target: float | None = None
    actual: float | None = None
    due_on: date | None = None
    measured_on: date | None = None


class Advocacy(Entity):
    """One occasion on which the customer spoke up for us (book §5.4.2, §8.3.2)."""

    entity: ClassVar[str] = "advocacy"
    happened: ClassVar[str | None] = "happened_on"

    id: Annotated[str, KeyOf("advocacy")]
    account_id: AccountKey | None = None
    kind: AdvocacyKind
    happened_on: date


class Concern(Entity):
    """Something a person learnt that endangers the customer and that no number shows: a budget cut, a competitor's evaluation
    (decks 004:1100-1130; book §7.2.1, §9.2)."""

    entity: ClassVar[str] = "concern"
    happened: ClassVar[str | None] = "raised_on"

    id: Annotated[str, KeyOf("concern")]
    account_id: AccountKey | None = None
    cause: Cause
    raised_on: date
    resolved_on: date | None = None
