"""A small world: a CRM in memory, its mappings, a journal in memory, and the steps of a run over them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from csconnect.connectors.protocols import PullRequest
from csconnect.mapping.load import load_mappings
from csconnect.mapping.read import read_page
from csconnect.model.values import Change, Plan, Receipt
from csconnect.testing.journal import MemoryJournal
from csconnect.testing.memory import MEMORY_MAPPINGS, MemorySystem
from csconnect.writeback import (
    ApplyResult,
    Desired,
    Existing,
    History,
    Options,
    State,
    UndoResult,
    Writers,
    apply_plan,
    diff,
    make_plan,
    undo_run,
)
from csconnect.writeback.keys import renewal_stem, task_stem

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
MAPPINGS = load_mappings([MEMORY_MAPPINGS])


class Crash(BaseException):
    """The process died here."""


@dataclass
class SteppingJournal(MemoryJournal):
    """A journal whose entries are durable the moment they are added; ``step`` may raise before or after that."""

    step: Callable[[str], None] = lambda step: None

    def intend(self, run_id: str, changes: Sequence[Change]) -> None:
        self.step("before intent")
        super().intend(run_id, changes)
        self.step("after intent")

    def record(self, run_id: str, done: Sequence[tuple[Change, Receipt]]) -> None:
        self.step("before receipt")
        super().record(run_id, done)
        self.step("after receipt")


@dataclass
class World:
    """One connection named ``crm``; ``plan``, ``apply`` and ``undo`` are one run's steps."""

    crm: MemorySystem = field(default_factory=MemorySystem)
    journal: Any = field(default_factory=SteppingJournal)
    writers: Writers = field(default_factory=lambda: Writers.of({"crm": MAPPINGS}))

    def twin(self) -> World:
        """A world of its own that stands as this one does."""
        return World(
            self.crm.copy(), SteppingJournal(list(self.journal.entries), dict(self.journal.held)), self.writers
        )

    def account(self, id: str, **values: Any) -> str:
        return self.crm.put("accounts", {"name": f"Account {id}", **values}, id)

    def existing(self) -> list[Existing]:
        return [item for entity in ("account", "opportunity", "task") for item in self._read(entity)]

    def _read(self, entity: str) -> Iterable[Existing]:
        mapping = MAPPINGS.writer(entity)
        assert mapping is not None
        for page in self.crm.pull(PullRequest(mapping.object, mapping.source_fields())):
            mapped = read_page(mapping, page, "crm", None)
            assert not mapped.rejects, mapped.rejects
            for row in mapped.batch.to_pylist():
                closed = row.get("closed_at")
                yield Existing(
                    entity=entity,
                    connection="crm",
                    account=row["id"] if entity == "account" else row["account_id"] or "",
                    record_id=row["id"].partition(":")[2],
                    key=row.get("key"),
                    owned=json.loads(row["_owned"]),
                    status=State(row.get("status") or "open"),
                    closed_on=closed.date() if closed else None,
                    parent=(row.get("contract_id") or "").partition(":")[2] or None,
                    kind=row.get("kind"),
                    close_on=row.get("close_on"),
                )

    def changes(
        self,
        desired: Iterable[Desired],
        *,
        today: date = TODAY,
        options: Options | None = None,
        history: History | None = None,
    ) -> list[Change]:
        return diff(desired, self.existing(), self.writers, today=today, options=options, history=history)

    def plan(self, desired: Iterable[Desired], run_id: str = "run-1", **more: Any) -> Plan:
        changes = self.changes(desired, **more)
        return make_plan(changes, run_id=run_id, made_at=NOW, as_of=TODAY, config_hash="c", targets={"crm": self.crm})

    def apply(self, plan: Plan, **more: Any) -> ApplyResult:
        return apply_plan(plan, {"crm": self.crm}, self.journal, self.writers, **more)

    def undo(self, run_id: str = "run-1", **more: Any) -> UndoResult:
        targets = {"crm": self.crm}
        return undo_run(run_id, targets, self.journal, self.writers, made_at=NOW, as_of=TODAY, **more)

    def shape(self) -> dict[str, list[tuple[str, str]]]:
        """What the CRM says, with records that carry a key named by it, since ids depend on the order of writes."""
        found: dict[str, list[tuple[str, str]]] = {}
        for object, rows in self.crm.state().items():
            named = [
                (str(values.get("csc_key") or id), repr((sorted(values.items()), links)))
                for id, (values, links) in rows.items()
            ]
            found[object] = sorted(named)
        return found

    # -- desires ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def score(id: str, score: int | None = 54, **values: object) -> Desired:
        band = None if score is None else "red" if score < 40 else "yellow" if score < 70 else "green"
        named = {"health_score": score, "health_band": band, "scored_on": TODAY, **values}
        return Desired("account", f"crm:{id}", "crm", named, record_id=id, label=id)

    @staticmethod
    def task(id: str, rule: str = "usage_drop", about: str = "", stage: str = "1", **values: object) -> Desired:
        named = {
            "subject": f"{rule} of {id}",
            "body": "why, what first",
            "due_on": date(2026, 11, 27),
            "urgency": "normal",
            "stage": stage,
            "status": "open",
            **values,
        }
        stem = task_stem(f"crm:{id}", rule, about)
        links = {"account_id": id, "owner_id": "u1"}
        return Desired("task", f"crm:{id}", "crm", named, rule=rule, key=stem, links=links, why="usage fell")

    @staticmethod
    def renewal(id: str, contract: str = "k1", start: date = date(2026, 1, 1), **more: Any) -> Desired:
        named = {
            "name": f"Renewal of {contract}",
            "stage": "first",
            "kind": "renewal",
            "amount": 84000,
            "currency": "USD",
        }
        links = {"account_id": id, "contract_id": contract, "owner_id": "u1"}
        stem = renewal_stem(f"crm:{contract}", start)
        values = {**named, "close_on": date(2027, 1, 1)}
        return Desired("opportunity", f"crm:{id}", "crm", values, key=stem, links=links, since=start, **more)


@pytest.fixture(scope="session")
def worlds() -> type[World]:
    """The class, so that properties can make a fresh world for every example."""
    return World


@pytest.fixture(scope="session")
def crash() -> type[Crash]:
    return Crash


@pytest.fixture
def world() -> World:
    return World()
