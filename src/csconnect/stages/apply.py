"""Execute a plan, or take a run back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from csconnect.errors import MissingFieldError, PlanError
from csconnect.model.values import Plan
from csconnect.stages.plan import config_hash, latest_pulls, writers_of
from csconnect.stages.workspace import Workspace
from csconnect.writeback import ApplyResult, UndoResult, Writers, apply_plan, check_plan, undo_run

Progress = Callable[[int, int], None]


def apply(workspace: Workspace, plan: Plan, progress: Progress | None = None) -> ApplyResult:
    """Apply ``plan`` under the lock of this ledger; refuses a plan that was altered, is stale, or that a plugin objects to."""
    connections = sorted({change.connection for change in plan.changes} | plan.orgs.keys())
    check_plan(
        plan,
        now=workspace.now(),
        config_hash=config_hash(workspace),
        orgs={name: workspace.org(name) for name in connections},
        latest_pulls=latest_pulls(workspace, connections),
        ttl=timedelta(hours=workspace.config.guards.plan_ttl_hours),
        held=workspace.ledger.holds(),
    )
    if objections := workspace.registry.objections(plan):
        raise PlanError(
            f"A plugin objects: {objections[0]}", where=plan.run_id, remedy="Mend it, or disable the plugin"
        )
    writers = writers_of(workspace)
    _require_fields(workspace, plan, writers)
    with workspace.ledger.lock("apply"):
        targets = {name: workspace.target(name) for name in sorted({change.connection for change in plan.changes})}
        return apply_plan(plan, targets, workspace.ledger, writers, progress=progress)


def _require_fields(workspace: Workspace, plan: Plan, writers: Writers) -> None:
    """Raise `MissingFieldError`, before anything is written, for a field of the plan that is not there or hidden from our user."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for change in plan.changes:
        writer = writers.of_change(change)
        owned = {each.to for each in writer.mapping.write.values() if each.to} if writer else set()
        wanted.setdefault((change.connection, change.object), set()).update(owned & change.values.keys())
    for (name, object_name), fields in wanted.items():
        if workspace.writable(name) and (gone := fields - workspace.source(name).describe(object_name).fields.keys()):
            raise MissingFieldError(
                f"{', '.join(sorted(gone))} of {object_name} is missing or hidden from our user, so nothing was written",
                where=name,
                remedy=f"csconnect provision {name} --apply, or give csconnect's user the permission set that shows it",
            )


def undo(workspace: Workspace, run_id: str, progress: Progress | None = None) -> UndoResult:
    """Take back what run ``run_id`` wrote, where nobody has changed it since, and hold those accounts."""
    names = [name for name in workspace.config.homes if workspace.writable(name)]  # nothing was written to the others
    for name in names:
        workspace.org(name)
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
