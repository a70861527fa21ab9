"""Who may be asked to buy more on a day, and what holds the others back; reads the lake and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from csconnect.stages.owner import owner_keys
from csconnect.stages.score import judge
from csconnect.stages.workspace import Workspace


@dataclass(frozen=True)
class Expansions:
    """``rows`` are those of `csconnect.compute.expansion.expansions` with ``reasons``, ``needs`` and ``held_by`` as lists;
    ``enabled``: opportunities are made of those that nothing holds back."""

    as_of: date
    enabled: bool
    rows: list[dict[str, Any]]


def expansions(workspace: Workspace, as_of: date, *, owner: str | None = None, passed: bool = False) -> Expansions:
    """All who have a reason to buy more; of ``owner`` (name or key) only, `DataError` where nobody is called so, and with ``passed``
    only whom nothing holds back."""
    with judge(workspace, as_of, expanding=True) as judged:
        mine = owner_keys(judged.snapshot.connection, owner) if owner is not None else None
        table = judged.computed.expansions
    rows = []
    for row in table.to_pylist() if table is not None else []:
        row |= {name: row[name].split() for name in ("reasons", "needs", "held_by")}
        if (mine is None or row["owner_id"] in mine) and not (passed and row["held_by"]):
            rows.append(row)
    return Expansions(as_of, workspace.config.expansion.enabled, rows)
