"""What the rest of write-back is given: what a CRM should say, what it says, and what we know of earlier writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from csconnect.model.values import Scalar


class State(StrEnum):
    """How an existing opportunity or task stands; ``done`` is a task's ending, ``won`` and ``lost`` an opportunity's."""

    OPEN = "open"
    DONE = "done"
    WON = "won"
    LOST = "lost"
    VOID = "void"
    """Withdrawn by csconnect."""
    GONE = "gone"
    """Deleted by a person; ``closed_on`` is the day of the deletion."""


@dataclass(frozen=True)
class Desired:
    """What one record of the CRM should say.

    ``values`` has the core's names of owned fields (docs/mappings.md) and Python values. ``links`` has ``account_id``,
    ``contract_id`` and ``owner_id`` as bare ids of ``connection``. ``account`` is the canonical key of the account.

    For an account ``record_id`` is its bare id. For an opportunity it is the renewal that the contract or term already names,
    if any. ``key`` is the stem of our deterministic key (`csconnect.writeback.keys`); the sequence is the diff's business.
    """

    entity: str
    account: str
    connection: str
    values: Mapping[str, object]
    record_id: str | None = None
    rule: str = ""
    key: str | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    label: str = ""
    why: str = ""
    since: date | None = None
    """Opportunity: first day of the term that is to be renewed; a renewal of that contract closed since then counts too."""
    ended_on: date | None = None
    """End of the term the work is about; see `Options.no_work_before`."""
    window: tuple[date, date] | None = None
    """Opportunity: first and last expected close date of a renewal that names no contract and may be this one."""


@dataclass(frozen=True)
class Existing:
    """What one record of the CRM says after this run's pull. ``owned`` has raw wire values by the core's field names."""

    entity: str
    connection: str
    account: str
    record_id: str
    key: str | None = None
    """Our key, null on records that csconnect did not create."""
    rule: str = ""
    owned: Mapping[str, Scalar] = field(default_factory=dict)
    status: State = State.OPEN
    closed_on: date | None = None
    seen_on: date | None = None
    """The day of the pull that first saw it as it is."""
    parent: str | None = None
    """Bare id of the contract an opportunity belongs to."""
    kind: str | None = None
    """An opportunity's kind; only renewals and those of unknown kind count as one."""
    close_on: date | None = None
    """The day on which an opportunity is expected to close, or did."""
    label: str = ""


@dataclass(frozen=True)
class History:
    """What the ledger remembers. Without it plans stay correct; only drift marks and some silences are lost.

    ``written`` is the last value we wrote: (connection, object, record id, field) -> wire value. ``withdrawn`` are the records
    whose last closing was ours: (connection, object, record id). ``made`` are the keys we created: (connection, key) -> day.
    """

    written: Mapping[tuple[str, str, str, str], Scalar] = field(default_factory=dict)
    withdrawn: Collection[tuple[str, str, str]] = frozenset()
    made: Mapping[tuple[str, str], date] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """How the diff behaves.

    ``held`` accounts are left alone altogether. ``scope`` are the accounts that were judged in this run: a task of an account
    outside it is closed for want of a reason only if the history knows that we made it; None means all. Work about terms that
    ended before ``no_work_before`` (the first run minus grace) is never made.
    """

    snooze_days: int = 28
    held: Collection[str] = frozenset()
    scope: Collection[str] | None = None
    no_work_before: date | None = None
    gone_note: str = "The reason for this task has gone, so csconnect closed it."
    """Put above the body of a task that csconnect closes, so that it says so itself; empty to leave the body alone."""
    gone_notes: Mapping[str, str] = field(default_factory=dict)
    """The same by account, where it reads another language."""


@dataclass(frozen=True)
class Guards:
    """Limits of one run. Shares are fractions; caps are per owner and run, None for no cap.

    ``tasks`` and ``opportunities``: True allows them even on the first run, False never, None from the second applied run on.
    """

    shrink: float = 0.20
    bands: float = 0.20
    new_tasks: int | None = 20
    new_opportunities: int | None = 20
    tasks: bool | None = None
    opportunities: bool | None = None
