"""The fields that write-back needs in a CRM, taken from the mapping files that write them."""

from __future__ import annotations

from csconnect.connectors.protocols import ProvisionStep, WantedField
from csconnect.stages.plan import ENTITIES
from csconnect.stages.workspace import Workspace


def wanted_fields(workspace: Workspace, connection: str) -> list[WantedField]:
    """Every owned field that has a label; fields without one are the system's own and are never made."""
    mappings = (workspace.mappings(connection).writer(entity) for entity in ENTITIES)
    return [
        WantedField(
            object=mapping.object,
            name=owned.to,
            type=owned.type,
            label=owned.label,
            help=owned.help,
            length=owned.length or 255,
            scale=owned.scale or 0,
            choices=tuple(owned.choices.values()),
        )
        for mapping in mappings
        if mapping is not None
        for owned in mapping.write.values()
        if owned.to and owned.label
    ]


def provision(workspace: Workspace, connection: str, *, apply: bool) -> list[ProvisionStep]:
    """What is there and what is missing; with ``apply`` also make what is missing, where the admin allows it."""
    return workspace.target(connection).provision(wanted_fields(workspace, connection), apply=apply)


def export(workspace: Workspace, connection: str) -> dict[str, str]:
    """The same as files for the vendor's own deployment tool: relative path -> text."""
    return workspace.target(connection).export(wanted_fields(workspace, connection))
