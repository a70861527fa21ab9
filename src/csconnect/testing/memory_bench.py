"""The bench of the CRM in memory: the reference of the kit, and an example of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

from csconnect.connectors.protocols import Capabilities
from csconnect.mapping import MappingSet, load_mappings
from csconnect.model.values import Change, Scalar
from csconnect.testing.bench import Bench
from csconnect.testing.memory import MEMORY_MAPPINGS, MemorySystem

MEMORY_CAPABILITIES = Capabilities(writes=True, write_batch=5, write_threads=2, lookup_batch=3)
_SPOILT = "spoilt by the bench"


class MemoryBench(Bench):
    """One `MemorySystem`, whose connector is the system itself."""

    given = {"opportunity": {"stage": "first"}}

    def __init__(self, system: MemorySystem | None = None) -> None:
        self.system = system or MemorySystem(capabilities=MEMORY_CAPABILITIES, page_size=10)
        self.system.hostility.refuse = lambda change: "SPOILT" if _SPOILT in change.values.values() else ""

    @property
    def mappings(self) -> MappingSet:
        return _mappings()

    def open(self) -> MemorySystem:
        return self.system

    def create(self, entity: str, values: Mapping[str, str]) -> str:
        named = {name: value for name, value in values.items() if name != "account_id"}
        table = self.mapping(entity).object
        if entity == "opportunity":
            named["account"] = values["account_id"]
        id = self.system.put(table, named)
        if entity == "task":
            self.system.link(table, id, "accounts", values["account_id"])
        return id

    def edit(self, entity: str, id: str, fields: Mapping[str, Scalar]) -> None:
        self.system.put(self.mapping(entity).object, fields, id)

    def read(self, entity: str, id: str) -> Mapping[str, object] | None:
        row = self.system.tables[self.mapping(entity).object].get(id)
        if row is None:
            return None
        return {name: value for name, value in row.values.items() if value is not None}

    def state(self) -> object:
        return self.system.state(), {name: sorted(fields) for name, fields in self.system.fields.items()}

    def heard(self) -> Sequence[str]:
        return ["a call"] * self.system.calls()

    def delete(self, entity: str, id: str) -> None:
        self.system.remove(self.mapping(entity).object, id)

    def merge(self, entity: str, loser: str, winner: str) -> None:
        self.system.merge(self.mapping(entity).object, loser, winner)

    @contextmanager
    def still(self) -> Iterator[None]:
        with self.system.still():
            yield

    def wait(self, seconds: float) -> None:
        """Its time is a count of versions, so every edit is later anyway."""

    def spoil(self, change: Change) -> Change:
        return change.model_copy(update={"values": {**change.values, next(iter(change.values)): _SPOILT}})

    @contextmanager
    def lose_answer(self) -> Iterator[None]:
        following = self.system.pushes + 1
        self.system.hostility.lose_answer = lambda push: push == following
        yield
        self.system.hostility.lose_answer = lambda push: False


@cache
def _mappings() -> MappingSet:
    return load_mappings([MEMORY_MAPPINGS])
