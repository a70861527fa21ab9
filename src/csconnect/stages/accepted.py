"""How many rows a run last went by: what the next pull is measured against.

Not simply the pull before. What a guard stopped yesterday is in the lake today, and a second run would see nothing shrink: it
must stop as well, until the rows come back or a person says that they may stay away.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from csconnect.model.values import Plan
from csconnect.stages.workspace import Workspace
from csconnect.writeback.safety import SHRANK

if TYPE_CHECKING:
    from csconnect.stages.score import Judged

KEY = "live"
"""Where a run's summary in the ledger keeps the counts."""
_PLANNING = ("sync", "plan")
_WENT_BY = ("done", "planned", "partial")
_BACK = 100


def live_rows(workspace: Workspace) -> dict[str, int]:
    """Rows of each entity that are not deleted, by ``connection/entity``, of the connections in the configuration."""
    known = workspace.config.connections
    counts = {name: entities for name, entities in workspace.lake.counts().items() if name in known}
    return {f"{name}/{entity}": count.live for name, entities in counts.items() for entity, count in entities.items()}


def against_accepted(workspace: Workspace, judged: Judged) -> dict[str, tuple[int, int]]:
    """``connection/entity`` -> rows when a run last went by them, rows now; empty before the first such run."""
    known = workspace.config.connections  # one that was taken out has not shrunk
    for run in workspace.ledger.runs(_BACK, _PLANNING, _WENT_BY):  # however many were stopped since
        if KEY in run.summary:
            now = live_rows(workspace) | customers(judged)
            went_by = {key: count for key, count in run.summary[KEY].items() if _connection(key) in known}
            return {key: (int(count), now.get(key, 0)) for key, count in went_by.items()}
    return {}


def customers(judged: Judged) -> dict[str, int]:
    """Customers of each connection, as ``connection/customer``: a misspelt filter loses them though no row is missing."""
    return {
        f"{name}/customer": count
        for name, count in Counter(c.connection for c in judged.roster.accounts.values()).items()
    }


def goes_by(plan: Plan, because: str) -> bool:
    """Whether a run with this plan accepts the rows as they are: nothing has shrunk, or there is a reason."""
    return bool(because) or all(item.name != SHRANK for item in plan.guards)


def _connection(key: str) -> str:
    return key.partition("/")[0]
