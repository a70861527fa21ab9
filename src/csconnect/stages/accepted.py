"""How many rows a run last went by: what the next pull is measured against.

Not simply the pull before. What a guard stopped yesterday is in the lake today, and a second run would see nothing shrink: it
must stop as well, until the rows come back or a person says that they may stay away.
"""

from __future__ import annotations

from csconnect.model.values import Plan
from csconnect.stages.workspace import Workspace
from csconnect.writeback.safety import SHRANK

KEY = "live"
"""Where a run's summary in the ledger keeps the counts."""
_WENT_BY = frozenset({"done", "planned", "partial"})
_BACK = 100


def live_rows(workspace: Workspace) -> dict[str, int]:
    """Rows of each entity that are not deleted, by ``connection/entity``."""
    counts = workspace.lake.counts()
    return {f"{name}/{entity}": count.live for name, entities in counts.items() for entity, count in entities.items()}


def against_accepted(workspace: Workspace) -> dict[str, tuple[int, int]]:
    """``connection/entity`` -> rows when a run last went by them, rows now; empty before the first such run."""
    for run in workspace.ledger.runs(_BACK):
        if run.outcome in _WENT_BY and KEY in run.summary:
            now = live_rows(workspace)
            return {key: (int(count), now.get(key, 0)) for key, count in run.summary[KEY].items()}
    return {}


def goes_by(plan: Plan, because: str) -> bool:
    """Whether a run with this plan accepts the rows as they are: nothing has shrunk, or there is a reason."""
    return bool(because) or all(item.name != SHRANK for item in plan.guards)
