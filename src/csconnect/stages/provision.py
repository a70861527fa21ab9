"""The fields that write-back needs in a CRM, taken from the mapping files that write them."""

from __future__ import annotations

from csconnect.connectors.protocols import ProvisionStep, WantedField
from csconnect.stages.plan import ENTITIES
from csconnect.stages.workspace import Workspace
from csconnect.writeback.ownership import wanted_fields


def provision(workspace: Workspace, connection: str, *, apply: bool) -> list[ProvisionStep]:
    """What is there and what is missing; with ``apply`` also make what is missing, where the admin allows it."""
    target = workspace.target(connection)
    if apply:
        workspace.org(connection)
    return target.provision(_wanted(workspace, connection), apply=apply)


def export(workspace: Workspace, connection: str) -> dict[str, str]:
    """The same as files for the vendor's own deployment tool: relative path -> text."""
    return workspace.target(connection).export(_wanted(workspace, connection))


def _wanted(workspace: Workspace, connection: str) -> list[WantedField]:
    mappings = (workspace.mappings(connection).writer(entity) for entity in ENTITIES)
    return wanted_fields(mapping for mapping in mappings if mapping is not None)
