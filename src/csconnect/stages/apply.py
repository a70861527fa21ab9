"""Execute a plan, or take a run back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from csconnect.errors import PlanError
from csconnect.model.values import Plan
from csconnect.stages.plan import config_hash, latest_pulls, writers_of
from csconnect.stages.workspace import Workspace
from csconnect.writeback import ApplyResult, UndoResult, apply_plan, check_plan, undo_run

Progress = Callable[[int, int], None]


def apply(workspace: Workspace, plan: Plan, progress: Progress | None = None) -> ApplyResult:
    """Apply ``plan`` under the lock of this ledger; refuses a plan that was altered, is stale, or that a plugin objects to."""
    connections = sorted({change.connection for change in plan.changes} | plan.orgs.keys())
    check_plan(
        plan,
        now=workspace.now(),
        config_hash=config_hash(workspace),
        orgs={name: workspace.source(name).org()[0] for name in connections},
        latest_pulls=latest_pulls(workspace, connections),
        ttl=timedelta(hours=workspace.config.guards.plan_ttl_hours),
        held=workspace.ledger.holds(),
    )
    if objections := workspace.registry.objections(plan):
        raise PlanError(
            f"A plugin objects: {objections[0]}", where=plan.run_id, remedy="Mend it, or disable the plugin"
        )
    with workspace.ledger.lock("apply"):
        targets = {name: workspace.target(name) for name in connections}
        return apply_plan(plan, targets, workspace.ledger, writers_of(workspace), progress=progress)


def undo(workspace: Workspace, run_id: str, progress: Progress | None = None) -> UndoResult:
    """Take back what run ``run_id`` wrote, where nobody has changed it since, and hold those accounts."""
    names = workspace.config.homes
    with workspace.ledger.lock("apply"):
        return undo_run(
            run_id,
            {name: workspace.target(name) for name in names},
            workspace.ledger,
            writers_of(workspace, all_entities=True),
            made_at=workspace.now(),
            as_of=workspace.today,
            progress=progress,
        )
