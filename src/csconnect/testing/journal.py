"""A journal in memory, for tests of a target: what `csconnect.ledger` is for real."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from csconnect.model.values import Change, Outcome, Receipt


@dataclass
class MemoryJournal:
    """Implements `csconnect.writeback.journal.Journal`; nothing survives the process.

    ``entries`` are (run id, change, receipt) in the order they came; without a receipt it is an intent.
    """

    entries: list[tuple[str, Change, Receipt | None]] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def intend(self, run_id: str, changes: Sequence[Change]) -> None:
        with self._turn:
            self.entries += [(run_id, change, None) for change in changes]

    def record(self, run_id: str, done: Sequence[tuple[Change, Receipt]]) -> None:
        with self._turn:
            self.entries += [(run_id, change, receipt) for change, receipt in done]

    def pending(self, run_id: str) -> list[Change]:
        latest: dict[str, Change] = {}
        for change, receipt in self._of(run_id):
            if receipt is None:
                latest[change.id] = change
            elif receipt.outcome is not Outcome.UNKNOWN:
                latest.pop(change.id, None)
        return list(latest.values())

    def receipts(self, run_id: str) -> list[tuple[Change | None, Receipt]]:
        intended = {change.id: change for change, receipt in self._of(run_id) if receipt is None}
        return [(intended.get(change.id), receipt) for change, receipt in self._of(run_id) if receipt is not None]

    def last_writers(self, connection: str, object: str) -> Mapping[str, str]:
        return {
            record_id: run_id
            for run_id, change, receipt in self.entries
            if receipt is not None and receipt.outcome is Outcome.WRITTEN
            if (change.connection, change.object) == (connection, object)
            if (record_id := receipt.record_id or change.record_id)
        }

    def hold(self, accounts: Sequence[str], run_id: str, why: str) -> None:
        for account in accounts:
            self.held.setdefault(account, why)

    def _of(self, run_id: str) -> Iterator[tuple[Change, Receipt | None]]:
        return ((change, receipt) for run, change, receipt in list(self.entries) if run == run_id)
