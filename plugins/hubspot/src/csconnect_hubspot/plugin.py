"""Registers the connector ``hubspot``."""

from __future__ import annotations

from collections.abc import Callable

from csconnect.connectors.hookspecs import hookimpl
from csconnect.connectors.protocols import Connector, Context
from csconnect_hubspot.settings import HubSpotSettings


def open_hubspot(settings: HubSpotSettings, context: Context) -> object:
    """A `csconnect_hubspot.connection.HubSpot`; the import waits until a connection is really opened."""
    from csconnect_hubspot.connection import HubSpot

    return HubSpot(settings, context)


@hookimpl
def csconnect_register_connectors(register: Callable[[Connector], None]) -> None:
    register(
        Connector(
            name="hubspot",
            title="HubSpot",
            settings=HubSpotSettings,
            open=open_hubspot,
            mappings="hubspot",
            asks=("token",),
        )
    )
