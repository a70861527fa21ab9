"""What the core opens: source and target of one portal in one object."""

from __future__ import annotations

from typing import Any

from csconnect.connectors.protocols import Context
from csconnect_hubspot.official import official_client
from csconnect_hubspot.portal import Portal
from csconnect_hubspot.settings import HubSpotSettings
from csconnect_hubspot.source import HubSpotSource
from csconnect_hubspot.target import HubSpotTarget


class HubSpot(HubSpotSource, HubSpotTarget):
    """A `Source` and a `Target` over one `Portal`: one set of credentials, budgets and schemas."""

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        portal = Portal(settings, context)
        HubSpotSource.__init__(self, portal)
        HubSpotTarget.__init__(self, portal)

    def official(self) -> Any:
        """The vendor's own client on the same credentials; see `csconnect_hubspot.official`."""
        return official_client(self.portal)

    def __repr__(self) -> str:
        return f"HubSpot({self.portal!r})"
