"""HubSpot's own client on this connection's credentials, for plugin authors who need an endpoint that we do not speak."""

from __future__ import annotations

from typing import Any

from csconnect_hubspot.portal import Portal


def official_client(portal: Portal) -> Any:
    """A ``hubspot.HubSpot`` (package ``hubspot-api-client``) for a short while: take a new one rather than keep it.

    It has no timeouts, retries or budgets of ours, knows only the v3 and v4 paths, and raises its own exceptions, which
    an author must turn into `csconnect.errors`. Keep its API objects: every ``client.crm.companies`` opens a new pool.
    """
    from hubspot import HubSpot  # slow to import, and rarely wanted

    token = portal.auth().get("Authorization", "").removeprefix("Bearer ")
    client = HubSpot(access_token=token, host=portal.settings.base_url.rstrip("/"))
    if portal.settings.ca_file:
        client.config["ssl_ca_cert"] = str(portal.settings.ca_file)
    return client
