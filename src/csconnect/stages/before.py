"""The bands that accounts have in their CRM, for cards with hysteresis: the CRM is the state (architecture, decision 4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    from csconnect.lake import Snapshot


def bands_before(workspace: Workspace, facts: Snapshot) -> dict[str, str]:
    """Account -> its band as the pull saw it, in the core's words; what is no word of the mapping's is left out."""
    words = {name: _words(workspace, name) for name in workspace.config.homes}
    rows = facts.connection.execute(
        "SELECT id, _connection, _owned FROM account WHERE is_customer AND _owned IS NOT NULL"
    )
    found: dict[str, str] = {}
    while batch := rows.fetchmany(10_000):
        for account, connection, owned in batch:
            band = words.get(connection, {}).get(str(json.loads(owned).get("health_band")))
            if band:
                found[account] = band
    return found


def _words(workspace: Workspace, connection: str) -> dict[str, str]:
    """The CRM's word -> ours."""
    mapping = workspace.mappings(connection).writer("account")
    owned = mapping.write.get("health_band") if mapping else None
    return {theirs: ours for ours, theirs in owned.choices.items()} if owned else {}
