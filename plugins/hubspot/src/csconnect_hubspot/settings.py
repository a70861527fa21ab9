"""What a HubSpot connection needs to be told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class HubSpotSettings(BaseModel):
    """Settings of a connection of type ``hubspot``.

    Either ``token`` (a service key, or the token of a private app) or all of ``client_id``, ``client_secret`` and
    ``refresh_token`` (an OAuth app installed in the portal).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr | None = None
    """A service key, or the token of an existing private app."""
    client_id: str | None = None
    """Of an OAuth app installed in the portal, instead of ``token``."""
    client_secret: SecretStr | None = None
    """Of the OAuth app."""
    refresh_token: SecretStr | None = None
    """Of the OAuth app; access tokens are fetched with it."""
    base_url: str = "https://api.hubapi.com"
    """Where the API is."""
    version: Annotated[str, Field(pattern=r"^20\d\d-(03|09)$")] = "2026-03"
    """The dated API version that every call speaks; HubSpot supports each for 18 months (vendor page "Versioning")."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's, for a proxy or the emulator."""
    quota_reserve: Annotated[float, Field(ge=0, lt=1)] = 0.2
    """Share of the day's calls that is left to people and other programs."""
    calls_per_10_seconds: Annotated[int, Field(ge=1)] = 190
    """Where to start; the portal's own headers correct it."""
    searches_per_second: Annotated[int, Field(ge=1)] = 5
    """Searches have a rate of their own, shared by the whole portal."""
    overlap_minutes: Annotated[int, Field(ge=1)] = 15
    """How far an incremental pull looks back behind its cursor: covers the lag of HubSpot's search index."""
    association_sweep_days: Annotated[int, Field(ge=1)] = 7
    """After so many days everything is read again, since a changed association does not touch the record."""
    language: str = "en"
    """Language of the labels that ``csconnect provision`` writes."""

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        oauth = (self.client_id, self.client_secret, self.refresh_token)
        if (self.token is None) == (None in oauth) or (self.token is not None and any(oauth)):
            raise ValueError("give either token, or all of client_id, client_secret and refresh_token")
        return self
