"""What may stand in ``csconnect.yaml``. Every default is one that a careful admin would choose for the first run."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from csconnect.compute.economics import Commission
from csconnect.compute.stickiness import SteadyUse
from csconnect.compute.terms import RenewalRules
from csconnect.model.enums import LifecycleStage, Segment


def _spelt(value: Any) -> Any:
    """An id that YAML took for a number, as it was written."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(getattr(value, "_width", None) or 0)
    return value


Id = Annotated[str, BeforeValidator(_spelt)]
"""An id in a system, which may look like a number."""


CURRENCY = "^[A-Z]{3}$"
MEMORY = r"^\d+(\.\d+)?(MB|GB)$"

Currency = Annotated[str, Field(pattern=CURRENCY)]
"""ISO 4217."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Customers(_Part):
    """Which accounts are customers: those whose ``field`` (the system's name) has one of ``values``."""

    field: str
    """A field of the account in the system's own spelling."""
    values: list[str | int | bool]
    """Its values that mean "customer"."""


class WrittenFields(_Part):
    """Which fields are written, by csconnect's names (docs/mappings.md); the mapping says what the system calls them."""

    account: list[str] | None = None
    """Score fields on the account; default all but `renewal_state` and `renewal_due_arr`."""
    opportunity: list[str] = []
    """Score fields on open renewals, whoever made them, of `renewal_state`, `due_on`, `due_arr`, `flags`, `outlook`."""


class WriteBack(_Part):
    """What may be written to a connection. The first run writes fields only; tasks and opportunities are switched on later."""

    account: bool = True
    """Score fields on the account."""
    opportunity: bool = False
    """Renewal opportunities; those of expansion too where ``expansion.enabled``."""
    task: bool = False
    """Tasks: one for an account that is red, one for each term that falls due."""
    fields: WrittenFields = WrittenFields()
    """Which score fields are written."""
    owner_fallback: Id | None = None
    """Bare id of the person who gets tasks whose owner is missing or inactive."""
    settings: dict[str, str | int | float | bool] = {}
    """Values that mapping files name as ``$name``: stage, void_stage, pipeline, record_type ..."""


class ConnectionConfig(_Part):
    """A configured connector."""

    connector: str
    """Name of an installed connector: ``salesforce``, ``hubspot``, ``files`` or a plugin's."""
    org: Id = ""
    """Pinned org or portal id; anything else is refused."""
    home: bool = False
    """Accounts of this connection receive write-back. The first home listed wins where two know the same customer."""
    match: Literal["match_key", "id"] = "match_key"
    """How its accounts find their customer: by their match key, or (connections without accounts) by their account id itself."""
    language: str | None = None
    """Language of what is written here, unless an account says otherwise; default the file's ``language``."""
    mappings: Path | None = None
    """Folder with mapping files that replace packaged ones of the same name."""
    entities: list[str] | None = None
    """Read only these entities; default all that the mappings know."""
    customers: Customers | None = None
    """Which accounts are customers; default what the account mapping says. Only customers are scored and written."""
    csm_field: str | None = None
    """The account's field (the system's name) that holds the CSM; where it is empty the mapping's own fields stand in."""
    currency: Currency | None = None
    """What amounts are in that name no currency (ISO code): that of an org or portal which has only one. Without it they count in no
    ARR."""
    settings: dict[str, Any] = {}
    """The connector's own settings."""
    write_back: WriteBack = WriteBack(account=False)
    """What may be written; without this section, nothing."""


class Guards(_Part):
    """Limits that stop a run and ask for a reason; shares are percentages."""

    pull_shrink: Annotated[float, Field(ge=0, le=100)] = 20
    """Percent of an entity's rows that may vanish in one pull."""
    band_change: Annotated[float, Field(ge=0, le=100)] = 20
    """Percent of the customers whose colour may change in one run; an account's first colour does not count."""
    tasks_per_owner: Annotated[int, Field(ge=0)] = 20
    """New tasks for one person in one run; the rest wait for the next, the soonest due go first."""
    opportunities_per_owner: Annotated[int, Field(ge=0)] = 20
    """The same for renewal opportunities."""
    plan_ttl_hours: Annotated[float, Field(gt=0)] = 24
    """How old a plan may be when it is applied."""
    snooze_days: Annotated[int, Field(ge=0)] = 28
    """How long csconnect keeps quiet about a matter after a person closed its task."""


class Renewals(_Part):
    """When a term falls due, and how long after its end it may still be renewed (docs/domain.md)."""

    due_days: Annotated[int, Field(ge=1, le=365)] = 90
    """Days before its end."""
    grace_days: Annotated[int, Field(ge=0, le=365)] = 90
    """Days after its end."""
    start_days: dict[Segment, Annotated[int, Field(ge=1, le=365)]] = {Segment.MICRO: 30}
    """Days before its end for the accounts of a tier; those that are not named here have ``due_days``."""
    uplift_percent: Annotated[float, Field(ge=-100, le=100)] = 0
    """By how much a renewal that csconnect makes rises, where neither a line nor the contract says it; never above the contract's cap."""

    def rules(self) -> RenewalRules:
        tiers = {str(tier): days for tier, days in self.start_days.items()}
        return RenewalRules(self.due_days, self.grace_days, tiers, self.uplift_percent)


class Expansion(_Part):
    """Who is asked to buy more (docs/retention.md). ``csconnect expansions`` lists them, whether or not it is enabled."""

    enabled: bool = False
    """Makes an opportunity for each, on connections whose ``write_back`` has ``opportunity: true``."""
    seats: Annotated[float, Field(gt=0)] = 95
    """Percent of the seats bought that are in use, from which more may be wanted."""
    quota: Annotated[float, Field(gt=0)] = 90
    """The same of a quota."""
    stickiness: Annotated[int, Field(ge=0, le=5)] = 3
    """Lowest level of stickiness of an account that is asked; 3 is L3."""
    score: Annotated[float, Field(ge=0, le=100)] = 80
    """Lowest score of an account that is asked; it must be green besides."""


class CommissionConfig(_Part):
    """What a CSM earns by healthy ARR (docs/retention.md); shown, never written."""

    rate: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.01")
    """Share of a month's healthy ARR; 0.01 is 1 %."""
    neutral: tuple[Decimal, Decimal] = (Decimal("1.00"), Decimal("1.05"))
    """Month-on-month of healthy ARR within which the coefficient is 1."""
    above: Annotated[Decimal, Field(ge=0)] = Decimal("1.1")
    """Coefficient above it."""
    below: Annotated[Decimal, Field(ge=0)] = Decimal("0.8")
    """Coefficient below it."""

    def rule(self) -> Commission:
        return Commission(self.rate, self.neutral, self.above, self.below)


class Retention(_Part):
    """How the figures of ``csconnect retention`` are reckoned (docs/retention.md)."""

    currency: Currency | None = None
    """Into which all amounts are converted; without it each currency has figures of its own."""
    rate_max_age_days: Annotated[int, Field(ge=1, le=366)] = 45
    """How long an exchange rate holds. What falls after that is left out and listed, never converted at an old rate."""
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1
    """Month in which a fiscal year begins; the year is named after the calendar year of that month."""
    acquisition_cost: Annotated[Decimal, Field(gt=0)] | None = None
    """What winning a customer costs on average (CAC), in ``currency``."""
    contact_days: dict[Segment, Annotated[int, Field(ge=1, le=366)]] = {Segment.STRATEGIC: 31, Segment.ENTERPRISE: 61}
    """Days of the contact cycle of a tier, for the reach rate; a tier that is not named here has none and is left out of it."""
    commission: CommissionConfig = CommissionConfig()
    """What a CSM earns by healthy ARR."""
    restate_months: Annotated[int, Field(ge=0, le=24)] = 3
    """How many of the last closed months are reckoned again when their facts change; what then comes out otherwise is stated as a
    further version (docs/retention.md). 0 for none."""


class Stickiness(_Part):
    """When a module counts as in steady use (docs/domain.md)."""

    window: Annotated[int, Field(ge=7, le=365)] = 28
    """Days looked back."""
    min_days: Annotated[int, Field(ge=1)] = 8
    """Days in the window on which anybody used it."""
    min_users: Annotated[int, Field(ge=1)] = 2
    """Users on its best day; an account with a single user is judged by that one."""

    def rule(self) -> SteadyUse:
        return SteadyUse(self.window, self.min_days, self.min_users)


class CardWhen(_Part):
    """Which accounts a card judges: those that have one of the values in every attribute that is named."""

    segment: list[Segment] | None = None
    """Importance of the account."""
    stage: list[LifecycleStage] | None = None
    """Lifecycle stage, as stated or as reckoned (docs/domain.md)."""
    industry: list[str] | None = None
    """As the CRM spells it."""
    region: list[str] | None = None
    """As the CRM spells it."""
    country: list[str] | None = None
    """As the CRM spells it."""

    def named(self) -> dict[str, list[str]]:
        """Attribute -> its values, of those that are named."""
        return {name: [str(value) for value in values] for name, values in self if values is not None}


class CardChoice(_Part):
    """A card for some of the accounts; the first in the list that fits judges."""

    card: str
    """Name of the card."""
    when: CardWhen
    """Whom it judges."""


class Config(_Part):
    """The whole file. Paths are relative to the folder it lies in."""

    version: Literal[1] = 1
    """Of this file's format."""
    lake: Path = Path(".csconnect/lake")
    """Folder of the facts (docs/lake.md)."""
    memory: Annotated[str, Field(pattern=MEMORY)] = "600MB"
    """How much memory the engine may use; more makes large lakes faster."""
    ledger: str = "sqlite:///.csconnect/ledger.db"
    """Database URL of runs, plans, receipts and holds: SQLite or PostgreSQL."""
    language: str = "en"
    """What CSMs read where neither account nor connection says otherwise: ``en`` or ``zh``."""
    scorecard: str = "weekly_health"
    """Name of the card in force for everyone whom ``scorecards`` does not name."""
    scorecards: list[CardChoice] = []
    """Cards for some of the accounts, the first that fits wins; ``scorecard`` judges everyone else."""
    dangers: str | None = "book"
    """Name of the causes that endanger an account (docs/signals.md); null for none."""
    library: Path | None = None
    """Folder with own signals, scorecards, dangers and phrases."""
    guards: Guards = Guards()
    """Limits that stop a run."""
    renewals: Renewals = Renewals()
    """Term states."""
    retention: Retention = Retention()
    """Rates and their periods."""
    expansion: Expansion = Expansion()
    """Who is asked to buy more."""
    stickiness: Stickiness = Stickiness()
    """L0 to L5."""
    connections: dict[str, ConnectionConfig]
    """Name -> a configured connector. Names are part of every key, so they are not changed later."""
    root: Path = Path()
    digest: str = ""
    """Hash of the file's text, stamped on plans."""

    @property
    def homes(self) -> list[str]:
        """Connections that receive write-back, the first to win first."""
        return [name for name, connection in self.connections.items() if connection.home]

    def path(self, relative: Path) -> Path:
        """``relative`` as seen from the folder of the configuration file."""
        return relative if relative.is_absolute() else self.root / relative

    @property
    def ledger_url(self) -> str:
        """The ledger's database URL with a relative SQLite path resolved; a bare path is a SQLite file."""
        prefix = "sqlite:///"
        if "://" not in self.ledger:
            return prefix + str(self.path(Path(self.ledger)))
        if self.ledger.startswith(prefix) and not self.ledger.startswith("sqlite:////"):
            return prefix + str(self.path(Path(self.ledger.removeprefix(prefix))))
        return self.ledger
