"""A CRM in memory: Source and Target for tests, as well-behaved or as hostile as the test asks.

`MEMORY_MAPPINGS` is the folder of mapping files that speak its vocabulary (``accounts``, ``opportunities``, ``tasks``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from csconnect.connectors.protocols import (
    Capabilities,
    FieldInfo,
    Lookup,
    ObjectSchema,
    ProvisionStep,
    PullRequest,
    WantedField,
)
from csconnect.errors import MissingFieldError, UnreachableError
from csconnect.model.values import Action, Change, Finding, Level, Outcome, Page, Receipt, Record, Scalar, Tombstone

MEMORY_MAPPINGS = Path(__file__).parent / "memory_mappings"

LOST = "E-UNKNOWN-OUTCOME"


@dataclass
class Hostility:
    """What a system may do to its client. Everything is off to begin with; numbers count pushes from 1.

    ``step`` is told of every operation (``existing``, ``push``, ``row``, ``link``, ``answer``) and may raise, which is how a
    crash is simulated.
    """

    refuse: Callable[[Change], str] = lambda change: ""
    """A code with which this row is refused, or nothing."""
    ignore: Callable[[Change], bool] = lambda change: False
    """Say yes to the row and change nothing."""
    lose_answer: Callable[[int], bool] = lambda push: False
    """Commit the whole push, then lose the connection."""
    break_after: Callable[[int], int | None] = lambda push: None
    """Commit so many rows of the push, then lose the connection."""
    fail: Callable[[str], Exception | None] = lambda step: None
    """An error to raise instead of doing ``existing`` or ``push``."""
    meddle: Callable[[MemorySystem, Sequence[Change]], None] | None = None
    """A person at work between our reading and our writing."""
    step: Callable[[str], None] = lambda step: None


@dataclass
class Row:
    """One stored record. ``links`` are associations kept apart from fields: object -> ids."""

    id: str
    values: dict[str, Scalar]
    version: int
    links: dict[str, set[str]] = field(default_factory=dict)


class MemorySystem:
    """Objects of records in dictionaries, behind the two protocols. Safe to share between threads.

    ``as_text`` gives every number back as text, as some systems do. ``unique_keys`` makes a create whose key exists update that
    record (an upsert); without it a second record is made, so that only reading first prevents doubles.
    """

    def __init__(
        self,
        objects: Sequence[str] = ("accounts", "opportunities", "tasks"),
        *,
        capabilities: Capabilities | None = None,
        as_text: bool = False,
        unique_keys: bool = False,
        hostility: Hostility | None = None,
        page_size: int = 200,
    ) -> None:
        self.page_size = page_size
        self.capabilities = capabilities or Capabilities(writes=True, write_batch=5, lookup_batch=3)
        self.as_text, self.unique_keys = as_text, unique_keys
        self.hostility = hostility or Hostility()
        self.tables: dict[str, dict[str, Row]] = {name: {} for name in objects}
        self.deleted: list[tuple[str, int, str]] = []
        self.merged: dict[tuple[str, str], str] = {}
        self.fields: dict[str, set[str]] = {name: {"id"} for name in objects}
        self.pushes = 0
        self._calls = 0
        self._clock = self._made = 0
        self._stopped = False
        self._turn = threading.RLock()

    # -- what a person does in it -----------------------------------------------------------------------------------------

    def put(self, object: str, values: Mapping[str, Scalar], id: str | None = None) -> str:
        """Make a record, or change fields of the one with this id."""
        with self._turn:
            self._tick()
            known = self.tables[object].get(id or "")
            row = known or Row(id or self._new_id(object), {}, self._clock)
            row.values |= dict(values)
            row.version = self._clock
            self.tables[object][row.id] = row
            self.fields[object] |= set(values)
            return row.id

    def link(self, object: str, id: str, to: str, other: str) -> None:
        """Associate a record with the record ``other`` of object ``to``; doing it twice is doing it once."""
        with self._turn:
            self.tables[object][id].links.setdefault(to, set()).add(other)

    def remove(self, object: str, id: str) -> None:
        """Delete a record."""
        with self._turn:
            self._tick()
            del self.tables[object][id]
            self.deleted.append((object, self._clock, id))

    def merge(self, object: str, loser: str, winner: str) -> None:
        """Delete ``loser`` in favour of ``winner``, which takes over its associations."""
        with self._turn:
            self.remove(object, loser)
            self.merged[object, loser] = winner
            self.put(object, {}, winner)
            for row in (row for rows in self.tables.values() for row in rows.values()):
                if loser in row.links.get(object, ()):
                    row.links[object] = (row.links[object] - {loser}) | {winner}

    @contextmanager
    def still(self) -> Iterator[None]:
        """Time stands still: all that is done inside bears one version."""
        self._tick()
        self._stopped = True
        try:
            yield
        finally:
            self._stopped = False

    def copy(self) -> MemorySystem:
        """A system of its own with the same content and a good temper."""
        with self._turn:
            twin = MemorySystem(
                tuple(self.tables), capabilities=self.capabilities, as_text=self.as_text, unique_keys=self.unique_keys
            )
            content = (self.tables, self.deleted, self.merged, self.fields, self._clock, self._made, self.pushes)
            twin.tables, twin.deleted, twin.merged, twin.fields, twin._clock, twin._made, twin.pushes = deepcopy(
                content
            )
            return twin

    def state(self) -> dict[str, dict[str, tuple[dict[str, Scalar], dict[str, list[str]]]]]:
        """Everything it holds, for comparing two systems: object -> id -> (values, links)."""
        with self._turn:
            return {
                name: {
                    row.id: (dict(row.values), {o: sorted(ids) for o, ids in row.links.items()})
                    for row in rows.values()
                }
                for name, rows in self.tables.items()
            }

    # -- Source -----------------------------------------------------------------------------------------------------------

    def check(self) -> list[Finding]:
        """Always fine."""
        return [Finding(level=Level.OK, code="memory", what="A CRM in memory")]

    def org(self) -> tuple[str, str, bool]:
        """It is never production."""
        return ("memory", "Memory", False)

    def describe(self, object: str) -> ObjectSchema:
        """The fields that any record has or that were provisioned."""
        self._table(object)
        names = sorted(self.fields[object])
        return ObjectSchema(object, object, {name: FieldInfo(name, name, "text") for name in names})

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """What has gone, then records by version; the cursor is a version from which on nothing is delivered yet, or not all."""
        since = int(request.cursor or 0)
        with self._turn:
            self._calls += 1
            rows = sorted(self._table(request.object).values(), key=lambda row: row.version)
            news = [(row.version, self._spelt(row, request.fields)) for row in rows if row.version >= since]
            gone = [
                Tombstone(id, self.merged.get((name, id)))
                for name, version, id in self.deleted
                if name == request.object and version >= since
            ]
            until = str(self._clock)
        if request.cursor:
            yield Page(tombstones=gone)
        for start in range(0, len(news), self.page_size):
            part = news[start : start + self.page_size]
            yield Page([dict(values) for _, values in part], cursor=str(part[-1][0]))
        yield Page(cursor=until)

    def calls(self) -> int:
        return self._calls

    def close(self) -> None:
        """Nothing to let go of."""

    # -- Target -----------------------------------------------------------------------------------------------------------

    def existing(self, lookup: Lookup) -> Iterator[Record]:
        """Records by id, by a field, or by an association (``associations.accounts``)."""
        self._step("existing")
        if len(lookup.values) > self.capabilities.lookup_batch:
            raise AssertionError("more values than lookup_batch were asked for at once")
        with self._turn:
            self._calls += 1
            found = [row for row in self._table(lookup.object).values() if self._matches(row, lookup)]
            return iter([Record(lookup.object, row.id, self._spelt(row, lookup.fields)) for row in found])

    def push(self, batch: Sequence[Change]) -> list[Receipt]:
        """Write one batch of one object and one action."""
        if len(batch) > self.capabilities.write_batch or len({(change.object, change.action) for change in batch}) != 1:
            raise AssertionError("a batch is of one object and one action, and no longer than write_batch")
        self._step("push")
        with self._turn:
            self._calls += 1
            self.pushes += 1
            push = self.pushes
            if self.hostility.meddle:
                self.hostility.meddle(self, batch)
            most = self.hostility.break_after(push)
            receipts: list[Receipt] = []
            for number, change in enumerate(batch):
                if most is not None and number >= most:
                    raise UnreachableError("The connection was lost", where="memory", remedy="Try again", code=LOST)
                receipts.append(self._write(change))
        if self.hostility.lose_answer(push):
            raise UnreachableError("The connection was lost", where="memory", remedy="Try again", code=LOST)
        self.hostility.step("answer")
        return receipts

    def provision(self, wanted: Sequence[WantedField], *, apply: bool) -> list[ProvisionStep]:
        """Fields that no record has yet are missing until they are made."""
        steps = []
        for want in wanted:
            there = want.name in self.fields[want.object]
            if apply:
                self.fields[want.object].add(want.name)
            state = "present" if there else "created" if apply else "missing"
            steps.append(ProvisionStep(want.name, want.object, state))
        return steps

    def export(self, wanted: Sequence[WantedField]) -> dict[str, str]:
        return {"fields.txt": "".join(f"{want.object}.{want.name} {want.type}\n" for want in wanted)}

    def cost(self, changes: Sequence[Change]) -> int:
        """A read before, the push, a read after, for every batch."""
        groups = {(change.object, change.action) for change in changes}
        sizes = [sum((change.object, change.action) == group for change in changes) for group in groups]
        pushes = sum(-(-size // self.capabilities.write_batch) for size in sizes)
        return pushes + 2 * sum(-(-size // self.capabilities.lookup_batch) for size in sizes)

    # -- inside -----------------------------------------------------------------------------------------------------------

    def _table(self, object: str) -> dict[str, Row]:
        if object not in self.tables:
            raise MissingFieldError(
                f"There is no object '{object}'", where="memory", remedy=f"Use {sorted(self.tables)}"
            )
        return self.tables[object]

    def _tick(self) -> None:
        self._clock += 0 if self._stopped else 1

    def _new_id(self, object: str) -> str:
        self._made = max(self._made + 1, self._clock)
        return f"{object[:1]}{self._made:06d}"

    def _step(self, name: str) -> None:
        self.hostility.step(name)
        error = self.hostility.fail(name)
        if error is not None:
            raise error

    def _spelt(self, row: Row, fields: Sequence[str]) -> dict[str, Scalar]:
        values: dict[str, Scalar] = {}
        for name in fields:
            value = row.id if name == "id" else row.values.get(name)
            if name.startswith("associations."):
                value = min(row.links.get(name.partition(".")[2], ()), default=None)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            values[name] = str(value) if number and self.as_text else value
        return values

    def _matches(self, row: Row, lookup: Lookup) -> bool:
        if lookup.field.startswith("associations."):
            return bool(row.links.get(lookup.field.partition(".")[2], set()) & set(lookup.values))
        found = row.id if lookup.field == "id" else row.values.get(lookup.field)
        return found is not None and str(found) in lookup.values

    def _write(self, change: Change) -> Receipt:
        self.hostility.step("row")
        code = self.hostility.refuse(change)
        if code:
            return Receipt(
                change_id=change.id, outcome=Outcome.REFUSED, code=code, message="a rule of this system says no"
            )
        record_id = self._known(change)
        if record_id is None and change.action is not Action.CREATE:
            return Receipt(change_id=change.id, outcome=Outcome.GONE, record_id=change.record_id)
        if not self.hostility.ignore(change):
            record_id = self.put(change.object, change.values, record_id)
            for object, bare in change.links.items():
                self.hostility.step("link")
                self.link(change.object, record_id, object, bare)
        return Receipt(
            change_id=change.id, outcome=Outcome.WRITTEN, record_id=record_id, request_id=f"push-{self.pushes}"
        )

    def _known(self, change: Change) -> str | None:
        rows = self.tables[change.object]
        if change.action is not Action.CREATE:
            return change.record_id if change.record_id in rows else None
        if not self.unique_keys or not change.key_field:
            return None
        return next((row.id for row in rows.values() if row.values.get(change.key_field) == change.key), None)
