"""Owners: users of the portal, with an endpoint of their own (vendor page "Owners")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from csconnect.connectors.protocols import PullRequest
from csconnect_hubspot.derived import derived
from csconnect_hubspot.portal import Portal
from csconnect_hubspot.properties import owners_schema, require
from csconnect_hubspot.where import Condition

PAGE = 100


def owner_rows(portal: Portal, request: PullRequest) -> Iterator[list[dict[str, Any]]]:
    """Pages of owners, first the active, then the archived ones (``archived`` says which); fields as in `owners_schema`."""
    require(owners_schema(), request.fields, where=portal.context.connection)
    condition = Condition.of(request.where)
    for archived in ("false", "true"):
        for results, _ in portal.pages(portal.paths.owners(), {"limit": PAGE, "archived": archived}):
            owners = [{**owner, "archived": archived == "true"} for owner in results if condition.holds(owner)]
            rows = [{name: _value(owner, name) for name in request.fields} for owner in owners]
            if rows:
                yield rows


def _value(owner: dict[str, Any], name: str) -> Any:
    made = derived("owners").get(name)
    return made.value(owner) if made else owner.get(name)
