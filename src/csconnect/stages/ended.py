"""The end of a run, good or bad: into the ledger, and to whoever wants the news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from csconnect.errors import CsconnectError
from csconnect.model.values import Receipt
from csconnect.stages.workspace import Workspace


def end_run(
    workspace: Workspace,
    run_id: str,
    outcome: str | BaseException,
    summary: Mapping[str, object] | None = None,
    receipts: Sequence[Receipt] = (),
) -> None:
    """Close run ``run_id`` in the ledger and tell plugins. ``outcome`` is a word, or the error that ended it (its code is kept).

    A plugin that fails over the news is named and harms nobody.
    """
    if isinstance(outcome, KeyboardInterrupt):
        outcome = "stopped"
    if isinstance(outcome, BaseException):
        outcome = outcome.error_code if isinstance(outcome, CsconnectError) else type(outcome).__name__
    workspace.ledger.finish_run(run_id, outcome, dict(summary or {}))
    news = {"run_id": run_id, "outcome": outcome, **(summary or {})}
    for problem in workspace.registry.finished(news, list(receipts)):
        workspace.note(f"plugin failed after the run: {problem}")
