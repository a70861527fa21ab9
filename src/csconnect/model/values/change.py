"""One intended write and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

Scalar = str | int | float | bool | None
"""What can stand in a CRM field on the wire, before the connector spells it: decimals and dates (``2026-01-31``) travel as text."""


class FieldKind(StrEnum):
    """How a written field behaves (architecture, decisions 5 and 6)."""

    SCORE = "score"
    """Compared both ways and re-asserted; a human edit is drift."""
    BUSINESS = "business"
    """Written once, when we create the record; then it is the person's."""
    PASSENGER = "passenger"
    """Written only beside a real change; never causes one."""


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    CLOSE = "close"
    """Withdraw a record that we created; never a delete."""


@dataclass(frozen=True)
class Record:
    """One record of a CRM as it stands now: the system's object name, its bare id, the fields that were asked for."""

    object: str
    id: str
    values: dict[str, Scalar] = field(default_factory=dict)


class Change(BaseModel):
    """One create, update or close of one record, in the target's own words.

    ``object`` and the names in ``values`` are the CRM's (``Account``, ``CSC_Health_Score__c``): what is shown is exactly what
    is sent. ``before`` holds the same fields as they stood when the plan was made (for a create: nothing). ``links`` names
    records to associate on create where the system keeps relations apart from fields: object name -> bare id.
    """

    model_config = ConfigDict(frozen=True)

    connection: str
    action: Action
    entity: str
    """Canonical entity: account, opportunity or task."""
    object: str
    record_id: str | None = None
    key: str | None = None
    """Our deterministic key, on records we create."""
    key_field: str | None = None
    """The CRM's field that carries ``key``."""
    account: str = ""
    """Canonical key of the account this is about."""
    label: str = ""
    """What a person calls the record."""
    values: dict[str, Scalar]
    before: dict[str, Scalar] = {}
    kinds: dict[str, FieldKind] = {}
    links: dict[str, str] = {}
    rule: str = ""
    why: str = ""

    @property
    def id(self) -> str:
        """Identity within a plan: the same change of the same record always has the same id."""
        return f"{self.connection}/{self.object}/{self.record_id or self.key}/{self.action}"


class Outcome(StrEnum):
    WRITTEN = "written"
    UNCHANGED = "unchanged"
    """The record already said so, for instance because an earlier attempt got through."""
    REFUSED = "refused"
    """The system said no to this record; the others went on."""
    CONFLICT = "conflict"
    """Somebody changed it between plan and apply; left alone."""
    GONE = "gone"
    UNKNOWN = "unknown"
    """Sent, but no answer came; a read-back will tell."""


class Receipt(BaseModel):
    """The result of one change, with the system's request id where it gives one."""

    model_config = ConfigDict(frozen=True)

    change_id: str
    outcome: Outcome
    record_id: str | None = None
    code: str = ""
    message: str = ""
    request_id: str = ""
