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
    """Requirement, bug, how-to question (book §4.3.2) or complaint."""

    REQUIREMENT = "requirement"
    BUG = "bug"
    HOW_TO = "how_to"
    COMPLAINT = "complaint"
    """A complaint presses the red light by itself (decks 001:1538)."""


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


class TouchpointOutcome(StrEnum):
    """Whether a meeting took place; refusals are a sign of danger (book §7.2.1)."""

    HELD = "held"
    DECLINED = "declined"
    NO_SHOW = "no_show"


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


class GoalKind(StrEnum):
    """What a success standard is about: 业绩增长 / 成本下降 / 员工满意度 (book §5.3.1), or the return on the investment itself."""

    PERFORMANCE = "performance"
    COST = "cost"
    SATISFACTION = "satisfaction"
    ROI = "roi"
    """``actual`` is benefit over cost in percent: 200 is twice the cost (decks 004:1100-1130)."""


class ModuleKind(StrEnum):
    """How deep use of a module binds a customer: 记录型 / 流程型 / 整合型 / 定制型 (book §5.2.2), and analytics (BI; decks 001:1226)."""

    RECORDING = "recording"
    PROCESS = "process"
    ANALYTICS = "analytics"
    INTEGRATION = "integration"
    CUSTOMISATION = "customisation"


class ReadingMetric(StrEnum):
    """What a product reports of an account as a whole (decks 001:1205-1227, book §1.5). Stocks hold until the next reading, flows
    count since the one before."""

    OPENED_SEATS = "opened_seats"
    """Stock: user accounts that are open (开通账号)."""
    RECORDS = "records"
    """Stock: records in a module (实例数)."""
    API_CALLS = "api_calls"
    """Flow: calls of the customer's own integrations."""
    ONLINE_MINUTES = "online_minutes"
    """Mean minutes online per active user and day (在线时长)."""


class Side(StrEnum):
    """Who made a promise (book §6.1.1: 双方承诺)."""

    OURS = "ours"
    THEIRS = "theirs"


class ProjectPhase(StrEnum):
    """Phases of an implementation (book §6.2.1, §6.3.1)."""

    REQUIREMENTS = "requirements"
    DESIGN = "design"
    CONFIGURATION = "configuration"
    TEST = "test"
    DATA = "data"
    TRAINING = "training"
    LIVE = "live"
    ACCEPTED = "accepted"


class RoleEvent(StrEnum):
    """What happened to a person's part in the decision chain."""

    GAINED = "gained"
    LOST = "lost"
    """Gave up the part, stays with the customer."""
    LEFT = "left"
    """Left the customer."""


class Cause(StrEnum):
    """Why a customer is in danger although no number may show it: causes of the red light (decks 001:1461-1475), of the danger
    levels (book §7.2.1), of the renewal-risk card (decks 004:1100-1130), and the root causes of a loss (decks 002:20)."""

    BUGS = "bugs"
    BELOW_EXPECTATION = "below_expectation"
    DELIVERY_DELAY = "delivery_delay"
    KEY_PERSON_LEFT = "key_person_left"
    DETRACTOR = "detractor"
    COMPLAINT = "complaint"
    VALUE_UNCLEAR = "value_unclear"
    WRONG_CUSTOMER = "wrong_customer"
    BUSINESS_FAILING = "business_failing"
    BUDGET_CUT = "budget_cut"
    ORGANISATION_CHANGE = "organisation_change"
    COMPETITOR = "competitor"
    PRICE = "price"
    POLICY = "policy"
    """A change of law or industry policy (book §3.6)."""
    NEED_UNMET = "need_unmet"
    """需求未满足, the largest of the causes that could have been managed (decks 002:20)."""
    OTHER = "other"


class LifecycleStage(StrEnum):
    """Where a customer stands: 签约购买 / 实施交付 / 内部推广 / 稳定使用 / 续约沟通 (book §5.2.1, §5.4; C1: the loop of five)."""

    SIGNED = "signed"
    IMPLEMENTATION = "implementation"
    PROMOTION = "promotion"
    STABLE = "stable"
    RENEWAL = "renewal"


class OpportunityKind(StrEnum):
    NEW = "new"
    RENEWAL = "renewal"
    EXPANSION = "expansion"


class Origin(StrEnum):
    """Who found a sale first (decks 002:28-31): from data and talks, by sales, by the product itself, or asked for by the customer."""

    CSM = "csm"
    SALES = "sales"
    PRODUCT = "product"
    CUSTOMER = "customer"


class NeedKind(StrEnum):
    """What a customer may want more of: 增账号 / 升级 / 新租户 / 新产品 / 跨线 (decks 002:29)."""

    MORE_ACCOUNTS = "more_accounts"
    UPGRADE = "upgrade"
    NEW_TENANT = "new_tenant"
    NEW_PRODUCT = "new_product"
    CROSS_LINE = "cross_line"


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


class DangerLevel(StrEnum):
    """高度危险 / 普通危险 / 轻度危险 (book §7.2.1)."""

    HIGH = "high"
    ORDINARY = "ordinary"
    LIGHT = "light"


class BookSide(StrEnum):
    """Which lines an adjustment changes: what fell due (应续) or what was renewed (已续)."""

    DUE = "due"
    RENEWED = "renewed"


class AdjustmentStatus(StrEnum):
    """Where a request to adjust stands; only what is approved counts (decks 001:2830)."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class TermState(StrEnum):
    """Where a term stands in its renewal (decks INC-19; issue 2)."""

    NOT_DUE = "not_due"
    DUE = "due"
    DEFERRED = "deferred"
    CHURNED = "churned"
    RENEWED = "renewed"
    WON_BACK = "won_back"
