"""The whole program in one function: pull, compute, plan and, when told to, apply."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.change import BandChanges
from csconnect.errors import CsconnectError
from csconnect.model.values import Plan
from csconnect.stages.accepted import KEY, customers, goes_by, live_rows
from csconnect.stages.apply import Progress, apply
from csconnect.stages.change import remember, why_bands_change
from csconnect.stages.close import KEY as STATEMENTS
from csconnect.stages.close import Closed, close_months
from csconnect.stages.ended import end_run
from csconnect.stages.plan import config_hash, plan
from csconnect.stages.pull import PullReport, pull
from csconnect.stages.score import Judged, judge
from csconnect.stages.workspace import Workspace
from csconnect.writeback import require_clear

if TYPE_CHECKING:
    from csconnect.writeback import ApplyResult


@dataclass
class SyncReport:
    """What a run did. ``seconds`` is the time of each stage."""

    run_id: str
    as_of: date
    pulled: PullReport | None = None
    bands: dict[str, int] = field(default_factory=dict)
    coverage: int | None = None
    nameless: dict[str, int] = field(default_factory=dict)
    """Connection -> rows that name no account we know; they are left out, visibly."""
    without_currency: dict[str, int] = field(default_factory=dict)
    """Connection -> amounts that count in no ARR, for nobody says what they are in."""
    plan: Plan | None = None
    band_changes: BandChanges | None = None
    """What bands change because of, where another card judges than in the last run that wrote."""
    applied: ApplyResult | None = None
    closed: Closed | None = None
    """The months that it closed or stated anew; None where it did not look."""
    live: dict[str, int] = field(default_factory=dict)
    """Rows that this run went by (`csconnect.stages.accepted`); empty when they had shrunk and nobody gave a reason."""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 nothing to do or all done, 2 the plan has changes, 3 written in part (docs/exit-codes.md)."""
        if self.applied is not None:
            return 0 if self.applied.complete else 3
        return 2 if self.plan is not None and self.plan.changes else 0


def sync(
    workspace: Workspace,
    *,
    as_of: date | None = None,
    write: bool = False,
    because: str = "",
    fetch: bool = True,
    progress: Progress | None = None,
    seen: Callable[[str, SyncReport], None] = lambda stage, report: None,
) -> SyncReport:
    """Pull everything, compute, plan; write only when ``write`` says so. ``fetch=False`` plans from the lake as it is.

    ``because`` is the reason for which guards that stop a run are lifted. ``seen`` is told after each stage. Every outcome,
    errors included, is a run in the ledger.
    """
    day = as_of or workspace.today
    run_id = workspace.ledger.start_run("sync" if write else "plan", day, config_hash(workspace), because).id
    report = SyncReport(run_id, day)
    with _recorded(workspace, report):
        if fetch:
            with _timed(report, "pull"):
                report.pulled = pull(workspace, run_id, because=because)
            seen("pull", report)
        with _timed(report, "score"):
            judged = judge(workspace, day, expanding=workspace.config.expansion.enabled)
        with judged:
            remember(workspace, run_id)
            accounts = judged.computed.scores.accounts
            for band in accounts.column("band").to_pylist():
                report.bands[band or "unknown"] = report.bands.get(band or "unknown", 0) + 1
            known = accounts.column("coverage").to_pylist()
            report.coverage = round(sum(known) / len(known)) if known else None
            report.nameless = judged.nameless()
            report.without_currency = judged.without_currency()
            seen("score", report)
            with _timed(report, "plan"):
                report.plan = plan(workspace, judged, run_id, report.pulled, because)
                report.band_changes = why_bands_change(workspace, judged)
                if goes_by(report.plan, because):
                    report.live = live_rows(workspace) | customers(judged)
            if report.live and fetch:  # a run that goes by what it has just read, shrunken or not
                with _timed(report, "close"):
                    report.closed = _close(workspace, judged, run_id)
        if report.closed:
            seen("close", report)
        seen("plan", report)
        require_clear(report.plan.guards)
        if write and report.plan.changes:
            with _timed(report, "apply"):
                report.applied = apply(workspace, report.plan, progress)
            seen("apply", report)
    return report


def _close(workspace: Workspace, judged: Judged, run_id: str) -> Closed:
    """No run stops for want of a statement: the next one makes it."""
    try:
        return close_months(workspace, judged.snapshot, judged.computed.as_of, run_id)
    except CsconnectError as error:
        return Closed(problem=str(error))


@contextmanager
def _recorded(workspace: Workspace, report: SyncReport) -> Iterator[None]:
    """Close the run, whatever happens."""
    try:
        yield
    except BaseException as error:
        end_run(workspace, report.run_id, error, summary(report))
        raise
    outcome = {0: "done", 2: "planned", 3: "partial"}[report.exit_code]
    end_run(workspace, report.run_id, outcome, summary(report), report.applied.receipts if report.applied else ())


def summary(report: SyncReport) -> dict[str, object]:
    """The run in numbers, for the ledger and for machines."""
    found: dict[str, object] = {"as_of": report.as_of.isoformat(), "bands": report.bands, "seconds": report.seconds}
    if report.pulled:
        found["pulled"] = {each.connection: dict(each.rows) for each in report.pulled.connections}
        found["rejected"] = sum(each.rejected for each in report.pulled.connections)
        found["calls"] = {each.connection: each.calls for each in report.pulled.connections}
    if report.live:
        found[KEY] = report.live
    if report.closed and not report.closed.problem:
        found[STATEMENTS] = report.closed.inputs
        found["closed"], found["restated"] = report.closed.closed, report.closed.restated
    if report.plan:
        found["changes"] = len(report.plan.changes)
    if report.band_changes:
        found["band_changes"] = vars(report.band_changes)
    if report.applied:
        found["outcomes"] = outcomes(report.applied)
    return found


def outcomes(result: ApplyResult) -> dict[str, int]:
    """How many changes ended how."""
    return dict(sorted(Counter(str(receipt.outcome) for receipt in result.receipts).items()))


@contextmanager
def _timed(report: SyncReport, stage: str) -> Iterator[None]:
    started = time.perf_counter()
    try:
        yield
    finally:
        report.seconds[stage] = round(time.perf_counter() - started, 2)
