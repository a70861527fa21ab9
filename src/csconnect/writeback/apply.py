"""Executing a plan: read, intend, push, record, verify; batch by batch, so that it can be killed anywhere and run again.

The write-ahead is the journal's: an intent is durable before its push, a receipt after it. What was intended but has no
receipt is read and resolved when the same plan is applied again (law 2).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from csconnect.connectors.protocols import Target
from csconnect.errors import CsconnectError, ExternalError, PlanAlteredError, PlanError
from csconnect.model.values import Action, Change, Outcome, Plan, Receipt
from csconnect.writeback.batch import Batch
from csconnect.writeback.journal import Journal, undo_run_id
from csconnect.writeback.ownership import check_owned
from csconnect.writeback.wire import WRITTEN_ENTITIES, Writers

Progress = Callable[[int, int], None]
"""Told how many changes are done, of how many."""

_DONE = (Outcome.WRITTEN, Outcome.UNCHANGED)


@dataclass(frozen=True)
class ApplyResult:
    """What became of a plan.

    ``receipts`` are in the plan's order; a change that was not reached has none. ``windows`` are the seconds between reading and
    writing, one for each batch pushed. ``stopped`` says for each connection why it was given up.
    """

    receipts: tuple[Receipt, ...]
    windows: tuple[float, ...] = ()
    stopped: Mapping[str, CsconnectError] = field(default_factory=dict)
    interrupted: bool = False
    planned: int = 0

    @property
    def complete(self) -> bool:
        """Every change is written, or was so already."""
        return len(self.receipts) == self.planned and all(receipt.outcome in _DONE for receipt in self.receipts)

    @property
    def exit_code(self) -> int:
        """0 all done, 3 written in part."""
        return 0 if self.complete else 3

    def count(self, outcome: Outcome) -> int:
        return sum(1 for receipt in self.receipts if receipt.outcome is outcome)


def apply_plan(
    plan: Plan,
    targets: Mapping[str, Target],
    journal: Journal,
    writers: Writers,
    *,
    progress: Progress | None = None,
    threads: int = 4,
    resume: bool = True,
    verify_all: bool = True,
    timer: Callable[[], float] = time.perf_counter,
) -> ApplyResult:
    """Write ``plan`` and say what became of each change. Applying the same plan again finishes or repeats nothing.

    With ``resume`` changes that the journal knows as written under this plan, and not undone since, are not even read again.
    ``verify_all`` reads back every row written, else only those in doubt. ``threads`` is the most batches of one connection in
    flight; the target's ``write_threads`` limits it further.

    Raises before any call: `PlanAlteredError`, or `PlanError` for a change that is not ours (law 5) or has no target. Later
    trouble is never raised but told in the result.
    """
    if plan.fingerprint != plan.expected_fingerprint():
        raise PlanAlteredError("The plan was changed after it was made", where=plan.run_id, remedy="Make a new plan")
    check_owned(plan.changes, writers)
    for connection in sorted({change.connection for change in plan.changes} - set(targets)):
        remedy = "Configure the connection with a connector that writes"
        raise PlanError("The plan writes to a connection that cannot be written", where=connection, remedy=remedy)
    return _Applier(plan, targets, journal, writers, progress, threads, verify_all, timer).run(resume)


class _Applier:
    def __init__(
        self,
        plan: Plan,
        targets: Mapping[str, Target],
        journal: Journal,
        writers: Writers,
        progress: Progress | None,
        threads: int,
        verify_all: bool,
        timer: Callable[[], float],
    ) -> None:
        self.plan, self.targets, self.journal, self.writers = plan, targets, journal, writers
        self.progress, self.threads, self.verify_all, self.timer = progress, threads, verify_all, timer
        self.receipts: dict[str, Receipt] = {}
        self.windows: list[float] = []
        self.stopped: dict[str, CsconnectError] = {}
        self.halt = threading.Event()
        self.lock = threading.Lock()
        self.pending: set[str] = set()

    def run(self, resume: bool) -> ApplyResult:
        interrupted = False
        self.pending = {change.id for change in self.journal.pending(self.plan.run_id)}
        if resume and not self.journal.receipts(undo_run_id(self.plan.run_id)):
            self._skip_written()
        try:
            for connection, group in groupby(self.plan.changes, key=lambda change: change.connection):
                todo = [change for change in group if change.id not in self.receipts]
                self._connection(connection, list(_batches(todo, self.targets[connection])))
        except KeyboardInterrupt:
            interrupted = True
        ordered = tuple(self.receipts[change.id] for change in self.plan.changes if change.id in self.receipts)
        return ApplyResult(ordered, tuple(self.windows), dict(self.stopped), interrupted, len(self.plan.changes))

    def _skip_written(self) -> None:
        latest = {receipt.change_id: (change, receipt) for change, receipt in self.journal.receipts(self.plan.run_id)}
        note = {"outcome": Outcome.UNCHANGED, "code": "EARLIER", "message": "written earlier under this plan"}
        for ours in self.plan.changes:
            change, receipt = latest.get(ours.id, (None, None))
            if receipt and receipt.outcome in _DONE and change == ours:
                self.receipts[ours.id] = receipt.model_copy(update=note)

    def _connection(self, connection: str, batches: list[list[Change]]) -> None:
        workers = min(self.threads, self.targets[connection].capabilities.write_threads, len(batches))
        if workers <= 1:
            for batch in batches:
                self._batch(connection, batch)
            return
        with ThreadPoolExecutor(workers) as pool:
            try:
                for future in [pool.submit(self._batch, connection, batch) for batch in batches]:
                    future.result()
            except BaseException:
                # Let the batches in flight come to their receipts; start no other.
                self.halt.set()
                raise

    def _batch(self, connection: str, changes: list[Change]) -> None:
        if self.halt.is_set() or connection in self.stopped:
            return
        batch = Batch(
            self.targets[connection], self.journal, self.plan.run_id, self.writers, self.verify_all, self.timer
        )
        try:
            batch.run(changes, self.pending)
        except CsconnectError as error:
            self.stopped.setdefault(connection, error)
        except Exception as error:
            # A plugin's own mistake: its text may carry anything, so only its class is told.
            what = f"The connector failed with {type(error).__name__}"
            self.stopped.setdefault(
                connection, ExternalError(what, where=connection, remedy="Report this to its author")
            )
        with self.lock:
            self.receipts |= batch.receipts
            self.windows += batch.windows
            done = len(self.receipts)
        if self.progress:
            self.progress(done, len(self.plan.changes))


def _batches(changes: Sequence[Change], target: Target) -> Iterator[list[Change]]:
    """Changes of one object and one action, at most ``write_batch`` at a time; accounts first."""
    order = {entity: number for number, entity in enumerate(WRITTEN_ENTITIES)}
    actions = list(Action)

    def place(change: Change) -> tuple[int, str, int]:
        return (order.get(change.entity, len(order)), change.object, actions.index(change.action))

    size = max(1, target.capabilities.write_batch)
    for _, group in groupby(sorted(changes, key=place), key=place):
        pile = list(group)
        for start in range(0, len(pile), size):
            yield pile[start : start + size]
