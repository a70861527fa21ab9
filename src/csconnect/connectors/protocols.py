"""The seam between the core and a connector: what an author implements, and the requests the core makes of it.

A connector offers a `Source`, a `Target`, or both. Authors yield plain rows and push one batch at a time; batching, threads,
budgets, diffs, retries and the ledger are the core's (architecture, decisions 12 and 13).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from csconnect.model.values import Change, Cursor, Finding, Page, Receipt, Record


@dataclass(frozen=True)
class Capabilities:
    """What a system can do, read by generic code and by the conformance kit."""

    reads: bool = True
    writes: bool = False
    incremental: bool = True
    """A pull with a cursor yields only what changed since."""
    tombstones: bool = True
    """Deleted and merged records are reported."""
    write_batch: int = 100
    """The most changes one `Target.push` may be given."""
    write_threads: int = 1
    """How many batches may be pushed at once; above 1, `Target.push` is called from several threads."""
    lookup_batch: int = 100
    """The most ids, keys or parents in one `Lookup`."""
    closes: bool = True
    """What it created can be withdrawn by the fields that a mapping's ``close`` names."""
    creates: frozenset[str] = frozenset({"opportunity", "task"})
    """Canonical entities that the target can create."""


@dataclass(frozen=True)
class FieldInfo:
    """One field of an object as the system describes it. ``type`` is the system's own word."""

    name: str
    label: str
    type: str
    writable: bool = True
    unique: bool = False
    choices: tuple[str, ...] = ()
    length: int | None = None


@dataclass(frozen=True)
class ObjectSchema:
    """An object and the fields that *our user* can see; a hidden field is simply absent."""

    name: str
    label: str
    fields: Mapping[str, FieldInfo]


@dataclass(frozen=True)
class PullRequest:
    """Read ``fields`` of every record of ``object``, or of those changed since ``cursor``.

    A field may be a path over a relation in the system's own spelling (``Account.Name``, ``associations.companies``).
    ``where`` is a condition in the system's own language that the mapping declared; it is not applied to tombstones. A record
    that changed since ``cursor`` and no longer meets it is reported as a tombstone: nobody else can tell that it left.
    """

    object: str
    fields: tuple[str, ...]
    cursor: Cursor | None = None
    where: str = ""
    now: datetime | None = None
    because: str = ""
    """The reason a person gave for which what looks lost is taken as it is (guards); empty for none."""


@dataclass(frozen=True)
class Lookup:
    """Live read of few records: by id, by our key (``field`` = the key field) or by parent (``field`` = the relation)."""

    object: str
    fields: tuple[str, ...]
    field: str
    """``id`` or the field that must be one of ``values``."""
    values: tuple[str, ...]


@dataclass(frozen=True)
class WantedField:
    """A field that write-back needs. ``label`` and ``help`` by language tag."""

    object: str
    name: str
    type: str
    """text, long_text, integer, number, date, choice, money, key (unique external id)."""
    label: Mapping[str, str]
    help: Mapping[str, str]
    length: int = 255
    scale: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProvisionStep:
    """One thing that is there, is missing, or was made. ``state``: present, hidden, missing, created, failed."""

    what: str
    where: str
    state: str
    detail: str = ""


@runtime_checkable
class Source(Protocol):
    """The reading half of a connector."""

    capabilities: Capabilities

    def check(self) -> list[Finding]:
        """Auth, org identity, permissions, quota. Never writes; every finding that is not fine has its exact remedy."""

    def org(self) -> tuple[str, str, bool]:
        """Identity of the org: its id, its name, and whether it is production.

        The core refuses to go on when the id is not the pinned one, letter for letter; where a system spells an id in several
        ways, tell it as `Context.org` does. It is asked for on every run: keep the answer.
        """

    def describe(self, object: str) -> ObjectSchema:
        """The object's fields as our user sees them; raises `MissingFieldError` when there is no such object."""

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Pages of rows and tombstones; resumable from the cursor of any page."""

    def calls(self) -> int:
        """How many calls against the system's quota this object has spent so far, log-ins left out."""

    def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Target(Protocol):
    """The writing half of a connector."""

    capabilities: Capabilities

    def existing(self, lookup: Lookup) -> Iterator[Record]:
        """The records of ``lookup`` as they stand now; ids or keys that do not exist are simply not yielded."""

    def push(self, batch: Sequence[Change]) -> list[Receipt]:
        """Write one batch of changes of one object and one action.

        Returns receipts of the same length in the same order. A record that the system refuses is a receipt, never an
        exception; exceptions mean that nothing is known about the whole batch.
        """

    def provision(self, wanted: Sequence[WantedField], *, apply: bool) -> list[ProvisionStep]:
        """What of ``wanted`` is missing; with ``apply`` also make it. Doing it twice does nothing the second time."""

    def export(self, wanted: Sequence[WantedField]) -> dict[str, str]:
        """The same as files for the vendor's own deployment tool: relative path -> text."""

    def cost(self, changes: Sequence[Change]) -> int:
        """How many calls pushing these changes will spend, reads before and after included."""


@dataclass(frozen=True)
class Context:
    """What the core lends to a connector: the connection's name, its pinned org, a clock, and how to sleep and report.

    Tests pass their own ``sleep`` and ``now``; a connector never imports ``time`` for either.
    """

    connection: str
    org: str = ""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sleep: Callable[[float], None] = time.sleep
    note: Callable[[str], None] = field(default=lambda text: None)


@dataclass(frozen=True)
class Connector:
    """What a plugin registers: how to open one system's API.

    ``settings`` is a pydantic model of the connection's settings; fields that hold secrets are `pydantic.SecretStr`.
    ``open`` gets the validated settings and a context and returns an object that is a `Source`, a `Target`, or both.
    """

    name: str
    title: str
    settings: type[BaseModel]
    open: Callable[[Any, Context], Any]
    mappings: str = ""
    """Folder name of the mapping files that speak this system's vocabulary."""
    asks: tuple[str, ...] = field(default_factory=tuple)
    """Settings that ``csconnect init`` asks for, in this order; those that hold secrets it refers to the environment by itself."""
