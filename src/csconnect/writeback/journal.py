"""What apply and undo need from whoever keeps the books (the ledger implements it without knowing this module)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from csconnect.model.values import Change, Receipt

_UNDO = "~undo"


def undo_run_id(run_id: str) -> str:
    """The name under which the undo of a run is journalled: always the same, so that a killed undo can be taken up again."""
    return f"{run_id}{_UNDO}"


def is_undo(run_id: str) -> bool:
    """Whether the name is one of `undo_run_id`'s."""
    return run_id.endswith(_UNDO)


class Journal(Protocol):
    """A durable record of what was about to be written and what became of it, by the run that made the plan.

    Every method may be called from several threads. `intend` and `record` return only when the entry is safe from a crash.
    """

    def intend(self, run_id: str, changes: Sequence[Change]) -> None:
        """These changes are about to be pushed."""

    def record(self, run_id: str, done: Sequence[tuple[Change, Receipt]]) -> None:
        """This became of them. A later receipt adds to earlier ones; it never erases that something was written."""

    def pending(self, run_id: str) -> list[Change]:
        """Changes whose latest intent has no receipt, or only `Outcome.UNKNOWN`: they may or may not have got through."""

    def receipts(self, run_id: str) -> list[tuple[Change | None, Receipt]]:
        """Everything recorded, oldest first, with the change as it was last intended (None if it never was)."""

    def last_writers(self, connection: str, object: str) -> Mapping[str, str]:
        """Record id -> the run that wrote to it last, undos included under their own name."""

    def hold(self, accounts: Sequence[str], run_id: str, why: str) -> None:
        """Leave these accounts alone from now on; holding one twice keeps the first entry."""
