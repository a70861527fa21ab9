"""The core at work on one connector under test: wants, plans, applies, undoes; and what the records then say."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from csconnect.connectors.protocols import Lookup
from csconnect.mapping import OwnedField
from csconnect.model.values import Action, Change, FieldKind, Plan, Record, Scalar
from csconnect.testing.bench import Bench
from csconnect.testing.journal import MemoryJournal
from csconnect.writeback import (
    ApplyResult,
    Desired,
    Existing,
    State,
    UndoResult,
    Writer,
    Writers,
    apply_plan,
    diff,
    make_plan,
    undo_run,
)
from csconnect.writeback.keys import renewal_stem, task_stem
from csconnect.writeback.ownership import wanted_fields

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
_numbers = itertools.count(1)


class Desk:
    """One opened connector with the core around it. ``journal`` may be replaced by a fresh one, as if the ledger were lost."""

    def __init__(self, bench: Bench, connector: Any) -> None:
        self.bench, self.target = bench, connector
        self.journal = MemoryJournal()
        self.writers = Writers.of({bench.connection: bench.mappings})

    @classmethod
    def ready(cls, bench: Bench, connector: Any) -> Desk:
        """With the fields that write-back needs made, and without the optional ones that this system lacks."""
        desk = cls(bench, connector)
        connector.provision(wanted_fields(bench.mappings), apply=True)
        if hasattr(connector, "describe"):
            desk.writers = Writers(
                replace(writer, mapping=writer.mapping.written_where(connector.describe(writer.target_object).fields))
                for writer in desk.writers
            )
        return desk

    def writer(self, entity: str) -> Writer:
        found = self.writers.get(self.bench.connection, entity)
        if found is None:
            raise AssertionError(f"No mapping of the bench writes {entity}. Write next: its 'write' section")
        return found

    # -- what should be ---------------------------------------------------------------------------------------------------

    def want(self, entity: str, account: str, values: Mapping[str, object], about: str = "") -> Desired:
        """What a record of ``account`` (bare id) should say; ``values`` by the core's names. ``about`` tells keys apart."""
        connection, key, id = self.bench.connection, f"{self.bench.connection}:{account}", None
        stem: str | None = None
        given = dict(self.bench.given.get(entity, {}))
        if entity == "account":
            id = account
        elif entity == "opportunity":
            stem, values = renewal_stem(f"{key}{about}", TODAY), {"name": "Renewal", "close_on": TODAY, **values}
        else:
            stem = task_stem(key, "conformance", about)
            values = {"subject": "Call", "due_on": TODAY, "stage": "1", "status": "open", **values}
        named = {**given, **values}
        links = {name: str(value) for name, value in named.items() if name.endswith("_id")}
        rest = {name: value for name, value in named.items() if name not in links}
        links |= {} if entity == "account" else {"account_id": account}
        return Desired(entity, key, connection, rest, record_id=id, key=stem, links=links, rule="kit")

    def update(self, account: str, values: Mapping[str, object]) -> Change:
        """A change of an account, as a plan would hold it."""
        writer = self.writer("account")
        wire = writer.wire(self.want("account", account, values))
        return Change(
            connection=self.bench.connection,
            action=Action.UPDATE,
            entity="account",
            object=writer.target_object,
            record_id=account,
            account=f"{self.bench.connection}:{account}",
            values=wire,
            kinds=dict.fromkeys(wire, FieldKind.SCORE),
        )

    def creation(self, entity: str, account: str, about: str = "", **values: object) -> Change:
        """A create of a task or opportunity of ``account``, as a plan would hold it."""
        (change,) = self.plan([self.want(entity, account, values, about)], existing=[]).changes
        return change

    # -- what is ----------------------------------------------------------------------------------------------------------

    def existing(self, accounts: Iterable[str]) -> list[Existing]:
        """What the records of these accounts (bare ids) say now, read live."""
        ids, found = list(accounts), list[Existing]()
        for writer in self.writers:
            field = "id" if writer.entity == "account" else self.bench.parent_field(writer.entity)
            asked = [*writer.fields, *writer.mapping.closing]
            asked += [] if writer.entity == "account" else [field]
            for record in self.look(writer.target_object, field, ids, tuple(dict.fromkeys(asked))):
                found.append(self._existing(writer, record))
        return found

    def look(self, object: str, field: str, values: Sequence[str], fields: tuple[str, ...]) -> list[Record]:
        """`Target.existing`, never asked for more than ``lookup_batch`` at once."""
        size = self.target.capabilities.lookup_batch
        parts = [tuple(values[start : start + size]) for start in range(0, len(values), size)]
        return [record for part in parts for record in self.target.existing(Lookup(object, fields, field, part))]

    def children(self, entity: str, account: str) -> list[Record]:
        """The tasks or opportunities of an account, found by their parent."""
        writer = self.writer(entity)
        fields = tuple(field for field in (writer.key_field, *writer.mapping.closing) if field)
        return self.look(writer.target_object, self.bench.parent_field(entity), [account], fields)

    def _existing(self, writer: Writer, record: Record) -> Existing:
        names = {field: name for name, owned in writer.mapping.write.items() if (field := owned.to)}
        owned = {names[field]: value for field, value in record.values.items() if field in names}
        account = record.id
        status = State.OPEN
        if writer.entity != "account":
            account = str(record.values.get(self.bench.parent_field(writer.entity)) or "")
            ended = State.DONE if writer.entity == "task" else State.VOID
            status = ended if closed(writer, record.values) else State.OPEN
        return Existing(
            writer.entity,
            writer.connection,
            f"{writer.connection}:{account}",
            record.id,
            key=str(record.values.get(writer.key_field or "") or "") or None,
            owned=owned,
            status=status,
            closed_on=None if status is State.OPEN else TODAY,
        )

    # -- from the one to the other ----------------------------------------------------------------------------------------

    def plan(self, desired: Sequence[Desired], existing: Sequence[Existing] | None = None) -> Plan:
        """What has to change so that the accounts of ``desired`` say it."""
        there = (
            self.existing({want.account.partition(":")[2]: None for want in desired}) if existing is None else existing
        )
        changes = diff(desired, there, self.writers, today=TODAY)
        targets = {self.bench.connection: self.target}
        return make_plan(
            changes, run_id=f"run-{next(_numbers)}", made_at=NOW, as_of=TODAY, config_hash="kit", targets=targets
        )

    def apply(self, plan: Plan, *, batch: int = 0) -> ApplyResult:
        """Execute a plan, in batches of at most ``batch`` where that is given."""
        target = _Narrow(self.target, batch) if batch else self.target
        return apply_plan(plan, {self.bench.connection: target}, self.journal, self.writers)

    def undo(self, plan: Plan) -> UndoResult:
        targets = {self.bench.connection: self.target}
        return undo_run(plan.run_id, targets, self.journal, self.writers, made_at=NOW, as_of=TODAY)


class _Narrow:
    """A target that takes smaller batches, so that a small plan has many of them."""

    def __init__(self, target: Any, size: int) -> None:
        self._target = target
        self.capabilities = replace(target.capabilities, write_batch=min(size, target.capabilities.write_batch))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


def closed(writer: Writer, values: Mapping[str, Scalar]) -> bool:
    """Whether a record says what withdrawing it makes it say."""
    close = writer.mapping.close
    return bool(close) and all(writer.same(name, values.get(name), value) for name, value in close.items())


def owned_fields(writer: Writer) -> Iterator[tuple[str, OwnedField]]:
    """Owned fields by the core's name, without keys and references: those that a value can be made up for."""
    for name, owned in writer.mapping.write.items():
        if owned.to and owned.type not in ("key", "reference"):
            yield name, owned


@contextmanager
def at_desk(bench: Bench) -> Iterator[Desk]:
    """A desk over a freshly opened connector, on a system that has been provisioned."""
    with bench.opened() as connector:
        yield Desk.ready(bench, connector)
