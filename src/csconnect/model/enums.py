"""Closed vocabularies. The value is what stands in the lake, in SQL and in mapping files."""

from __future__ import annotations

from enum import StrEnum


class Segment(StrEnum):
    """Importance of an account (book §5.1.1: 战略客户 / 企业客户 / 非关注客户)."""

    STRATEGIC = "strategic"
    ENTERPRISE = "enterprise"
    MICRO = "micro"


class ContactRole(StrEnum):
    """A contact's part in the decision chain, 决策链 (book §1.3.4, §5.2.1, §6.1.1; decks 004:143)."""

    DECISION_MAKER = "decision_maker"
    INITIATOR = "initiator"
    SELECTOR = "selector"
    CHAMPION = "champion"
    OPPONENT = "opponent"
    BUYER = "buyer"
    PROMOTION_OWNER = "promotion_owner"
    PROJECT_MANAGER = "project_manager"
    KEY_USER = "key_user"
    IT = "it"
    DEPARTMENT_HEAD = "department_head"
    ADMINISTRATOR = "administrator"
    USER = "user"


class Nature(StrEnum):
    """Why an order line exists: 新购 / 续费 / 增购 / 减购 (decks 001:2776-2825)."""

    NEW = "new"
    RENEWAL = "renewal"
    EXPANSION = "expansion"
    CONTRACTION = "contraction"


class Billing(StrEnum):
    """Recurring lines make ARR; implementation and services are one-off (decks 001:1097-1099)."""

    RECURRING = "recurring"
    ONE_OFF = "one_off"


class TicketCategory(StrEnum):
    """Requirement, bug or how-to question (book §4.3.2)."""

    REQUIREMENT = "requirement"
    BUG = "bug"
    HOW_TO = "how_to"


class Priority(StrEnum):
    """P0 to P3 (decks 004:948-968)."""

    P0 = "p0"
    P1 = "p1"
    P2 = "p2"
    P3 = "p3"


class TouchpointKind(StrEnum):
    """Kinds of contact with the customer (book §1.7)."""

    CALL = "call"
    EMAIL = "email"
    MEETING = "meeting"
    VISIT = "visit"
    BUSINESS_REVIEW = "business_review"
    KICKOFF = "kickoff"
    TRAINING = "training"
    NOTE = "note"


class SurveyKind(StrEnum):
    NPS = "nps"
    CSAT = "csat"


class AdvocacyKind(StrEnum):
    """How a customer speaks up for us (book §5.4.2, §8.3.2; decks 004:201-225)."""

    SHARES_SUCCESS = "shares_success"
    INTERNAL_PROMOTION = "internal_promotion"
    REFERENCE = "reference"
    CASE_STUDY = "case_study"
    SPEAKER = "speaker"
    REFERRAL = "referral"


class OpportunityKind(StrEnum):
    NEW = "new"
    RENEWAL = "renewal"
    EXPANSION = "expansion"


class OpportunityStatus(StrEnum):
    """``void`` is how csconnect withdraws what it created, so that win rates stay clean (architecture, decision 10)."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    VOID = "void"


class TaskStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    VOID = "void"


class Urgency(StrEnum):
    """Priority of a task."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Band(StrEnum):
    """The colour of a health score; 0 is worst and 100 is best, always."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class TermState(StrEnum):
    """Where a term stands in its renewal (decks INC-19; issue 2)."""

    NOT_DUE = "not_due"
    DUE = "due"
    DEFERRED = "deferred"
    CHURNED = "churned"
    RENEWED = "renewed"
    WON_BACK = "won_back"
