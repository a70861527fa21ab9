"""The settings of a Salesforce connection."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

AuthKind = Literal["client_credentials", "jwt", "session"]
LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
OLDEST_VERSION = 62
"""The oldest API version that this connector was written against."""

_NEEDS: dict[AuthKind, tuple[str, ...]] = {
    "client_credentials": ("client_id", "client_secret"),
    "jwt": ("client_id", "username", "private_key"),
    "session": ("session_id",),
}


class SalesforceSettings(BaseModel):
    """How to reach one org. Secrets are given as ``env:NAME`` or ``file:PATH`` in the configuration, resolved by the core."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    instance_url: str = Field("", description="The org's own address, such as https://acme.my.salesforce.com")
    my_domain: str = Field(
        "", description="Instead of instance_url: the My Domain name, such as acme or acme--dev.sandbox"
    )
    auth: AuthKind = Field("client_credentials", description="How to sign in")
    client_id: str = Field("", description="Consumer key of the External Client App")
    client_secret: SecretStr | None = Field(None, description="Consumer secret of the External Client App")
    username: str = Field("", description="The integration user, for auth: jwt")
    private_key: SecretStr | None = Field(None, description="PEM key for auth: jwt, as file:PATH")
    audience: str = Field(
        "https://login.salesforce.com", description="https://test.salesforce.com for sandboxes, with auth: jwt"
    )
    session_id: SecretStr | None = Field(None, description="For auth: session; it cannot be renewed")
    api_version: str = Field(f"{OLDEST_VERSION}.0", pattern=r"^\d{2,3}\.0$", description=f"{OLDEST_VERSION}.0 or newer")
    ca_file: Path | None = Field(None, description="CA bundle, where a company proxy signs")
    quota_reserve: float = Field(0.2, ge=0, lt=1, description="Share of the day's API calls that is left to people")
    overlap_minutes: int = Field(10, ge=1, le=1440, description="How far each pull looks back for late commits")
    reread_formulas: bool = Field(
        True, description="Read formula and roll-up fields anew on each run; they move no timestamp"
    )
    withdrawn_stage: str = Field(
        "Withdrawn", description="The same as void_stage under write_back: closed, but not lost"
    )
    language: str = Field("en", description="Language of the labels and help texts that provisioning writes")
    write_threads: int = Field(4, ge=1, le=10, description="Batches of 200 in flight at once")

    @field_validator("api_version")
    @classmethod
    def _recent(cls, value: str) -> str:
        if float(value) < OLDEST_VERSION:
            raise ValueError(f"must be {OLDEST_VERSION}.0 or newer")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.instance_url) == bool(self.my_domain):
            raise ValueError("give either instance_url or my_domain")
        if any(host in self.base_url for host in LOGIN_HOSTS):
            raise ValueError("give the org's own My Domain address, not the login page's")
        missing = [name for name in _NEEDS[self.auth] if not getattr(self, name)]
        if missing:
            raise ValueError(f"auth: {self.auth} needs {', '.join(missing)}")
        return self

    @property
    def base_url(self) -> str:
        """The address of the org, before it is checked by the HTTP policy."""
        return self.instance_url.rstrip("/") or f"https://{self.my_domain}.my.salesforce.com"

    @property
    def verify(self) -> str | bool:
        return str(self.ca_file) if self.ca_file else True

    def secrets(self) -> list[str]:
        """Everything that must never be shown."""
        given = (self.client_secret, self.private_key, self.session_id)
        return [secret.get_secret_value() for secret in given if secret]
