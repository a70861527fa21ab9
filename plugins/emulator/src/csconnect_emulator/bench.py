"""The hands of the conformance kit on an emulated system; a connector's own bench adds how it is opened and what it makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

from csconnect.connectors.protocols import Context
from csconnect.model.values import Change, Scalar
from csconnect.testing.bench import Bench
from csconnect_emulator.faults import Fault
from csconnect_emulator.server import RunningEmulator


class EmulatorBench(Bench):
    """Reaches into the store behind the servers, where it works as a person does; counts what came in at the front."""

    system: ClassVar[str]
    kept_by_system: ClassVar[frozenset[str]] = frozenset()
    """Fields that the system sets by itself."""
    writes: ClassVar[str]
    """Regular expression of the addresses that records are written through."""
    bad: ClassVar[Mapping[str, Scalar]]
    """A value that the system refuses on an account, whatever stands beside it."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.emulator, self.store = emulator, emulator.store

    def context(self) -> Context:
        """Of a connection that lives by the emulator's clock and never waits."""
        return Context(self.connection, now=self.emulator.state.clock.now, sleep=lambda seconds: None)

    def insert(self, entity: str, id: str, fields: Mapping[str, Any]) -> str:
        """A new record with what the vendor sets beside ``fields``; returns ``id``."""
        table = self.mapping(entity).object
        derived = self.emulator.state.derive[self.system](table, {}, dict(fields))
        return self.store.insert(self.system, table, id, derived).id

    def edit(self, entity: str, id: str, fields: Mapping[str, Scalar]) -> None:
        table = self.mapping(entity).object
        record = self.store.get(self.system, table, id)
        if record is None:
            raise AssertionError(f"there is no {entity} {id} to edit")
        self.store.update(
            self.system, table, id, self.emulator.state.derive[self.system](table, record.data, dict(fields))
        )

    def read(self, entity: str, id: str) -> Mapping[str, object] | None:
        record = self.store.get(self.system, self.mapping(entity).object, id)
        if record is None:
            return None
        return {name: value for name, value in record.data.items() if name not in self.kept_by_system}

    def state(self) -> object:
        names = self.store.objects(self.system)
        sql = "SELECT count(*), max(modified), sum(deleted) FROM {}"
        counts = {name: self.store.rows(sql.format(self.store.table(self.system, name))) for name in names}
        fields = {name: sorted(self.store.fields(self.system, name)) for name in names}
        return counts, fields, self.store.rows("SELECT count(*) FROM links")

    def heard(self) -> Sequence[str]:
        calls = [f"{each['path']}?{each['query']}" for each in self.emulator.state.log.entries()]
        return [call for call in calls if "oauth" not in call]

    def delete(self, entity: str, id: str) -> None:
        self.store.delete(self.system, self.mapping(entity).object, id)

    def merge(self, entity: str, loser: str, winner: str) -> None:
        self.emulator.state.merge[self.system](self.mapping(entity).object, loser, winner)

    @contextmanager
    def still(self) -> Iterator[None]:
        clock = self.emulator.state.clock
        now = clock.now()
        clock.set(now, frozen=True)
        try:
            yield
        finally:
            clock.set(now + timedelta(seconds=1))

    def wait(self, seconds: float) -> None:
        self.emulator.state.clock.advance(seconds)

    def spoil(self, change: Change) -> Change:
        return change.model_copy(update={"values": {**change.values, **self.bad}})

    @contextmanager
    def lose_answer(self) -> Iterator[None]:
        fault = Fault(path=self.writes, action="drop", when="after")
        self.emulator.state.faults.add(fault)
        try:
            yield
        finally:
            self.emulator.state.faults.clear()
        if not fault.struck:
            raise AssertionError("no write came, so no answer could be lost")
