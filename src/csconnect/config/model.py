"""What may stand in ``csconnect.yaml``. Every default is one that a careful admin would choose for the first run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from csconnect.compute.stickiness import SteadyUse
from csconnect.compute.terms import RenewalRules


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Customers(_Part):
    """Which accounts are customers: those whose ``field`` (the system's name) has one of ``values``."""

    field: str
    values: list[str | int | bool]


class WriteBack(_Part):
    """What may be written to a connection. The first run writes fields only; tasks and opportunities are switched on later."""

    account: bool = True
    opportunity: bool = False
    task: bool = False
    owner_fallback: str | None = None
    """Bare id of the person who gets tasks whose owner is missing or inactive."""
    settings: dict[str, str | int | float | bool] = {}
    """Values that mapping files name as ``$name``: stage, void_stage, pipeline, record_type ..."""


class ConnectionConfig(_Part):
    """A configured connector."""

    connector: str
    org: str = ""
    """Pinned org or portal id; anything else is refused."""
    home: bool = False
    """Accounts of this connection receive write-back. The first home listed wins where two know the same customer."""
    match: Literal["match_key", "id"] = "match_key"
    """How its accounts find their customer: by their match key, or (connections without accounts) by their account id itself."""
    language: str | None = None
    mappings: Path | None = None
    """Folder with mapping files that replace packaged ones of the same name."""
    entities: list[str] | None = None
    """Read only these entities; default all that the mappings know."""
    customers: Customers | None = None
    settings: dict[str, Any] = {}
    write_back: WriteBack = WriteBack(account=False)


class Guards(_Part):
    """Limits that stop a run and ask for a reason; shares are percentages."""

    pull_shrink: Annotated[float, Field(ge=0, le=100)] = 20
    band_change: Annotated[float, Field(ge=0, le=100)] = 20
    tasks_per_owner: Annotated[int, Field(ge=0)] = 20
    opportunities_per_owner: Annotated[int, Field(ge=0)] = 20
    plan_ttl_hours: Annotated[float, Field(gt=0)] = 24
    snooze_days: Annotated[int, Field(ge=0)] = 28


class Renewals(_Part):
    due_days: Annotated[int, Field(ge=1, le=365)] = 90
    grace_days: Annotated[int, Field(ge=0, le=365)] = 90

    def rules(self) -> RenewalRules:
        return RenewalRules(self.due_days, self.grace_days)


class Stickiness(_Part):
    window: Annotated[int, Field(ge=7, le=365)] = 28
    min_days: Annotated[int, Field(ge=1)] = 8
    min_users: Annotated[int, Field(ge=1)] = 2

    def rule(self) -> SteadyUse:
        return SteadyUse(self.window, self.min_days, self.min_users)


class Config(_Part):
    """The whole file. Paths are relative to the folder it lies in."""

    version: Literal[1] = 1
    lake: Path = Path(".csconnect/lake")
    ledger: str = "sqlite:///.csconnect/ledger.db"
    language: str = "en"
    scorecard: str = "weekly_health"
    library: Path | None = None
    """Folder with own signals and scorecards."""
    guards: Guards = Guards()
    renewals: Renewals = Renewals()
    stickiness: Stickiness = Stickiness()
    connections: dict[str, ConnectionConfig]
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
        """The ledger's database URL with a relative SQLite path resolved."""
        prefix = "sqlite:///"
        if self.ledger.startswith(prefix) and not self.ledger.startswith("sqlite:////"):
            return prefix + str(self.path(Path(self.ledger.removeprefix(prefix))))
        return self.ledger
