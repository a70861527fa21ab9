"""A journal in memory, for tests of a target: what `csconnect.ledger` is for real."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from csconnect.model.values import Change, Outcome, Receipt


@dataclass
class MemoryJournal:
    """Implements `csconnect.writeback.journal.Journal`; nothing survives the process."""

    intents: list[tuple[str, Change]] = field(default_factory=list)
    done: list[tuple[str, Change, Receipt]] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def intend(self, run_id: str, changes: Sequence[Change]) -> None:
        with self._turn:
            self.intents += [(run_id, change) for change in changes]

    def record(self, run_id: str, done: Sequence[tuple[Change, Receipt]]) -> None:
        with self._turn:
            self.done += [(run_id, change, receipt) for change, receipt in done]

    def pending(self, run_id: str) -> list[Change]:
        intended = {change.id: change for run, change in self.intents if run == run_id}
        latest = {change.id: receipt for run, change, receipt in self.done if run == run_id}
        return [change for id, change in intended.items() if id not in latest or latest[id].outcome is Outcome.UNKNOWN]

    def receipts(self, run_id: str) -> list[tuple[Change | None, Receipt]]:
        intended = {change.id: change for run, change in self.intents if run == run_id}
        return [(intended.get(change.id), receipt) for run, change, receipt in self.done if run == run_id]

    def hold(self, accounts: Sequence[str], run_id: str, why: str) -> None:
        for account in accounts:
            self.held.setdefault(account, why)
