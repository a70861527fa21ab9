"""Signing in: a service key as it is, or an access token of an OAuth app, renewed by its refresh token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from csconnect.connectors.http import Answer, Auth, Token, TokenAuth, Transport, Verdict
from csconnect.connectors.http.judge import OK
from csconnect.connectors.protocols import Context
from csconnect.errors import AuthError, DataError
from csconnect_hubspot.judge import CLOUD_ERRORS, HubSpotJudge
from csconnect_hubspot.paths import Paths
from csconnect_hubspot.settings import HubSpotSettings

LIFETIME = 1800
"""Seconds that an access token lives unless the answer says otherwise (vendor page "OAuth tokens")."""


class ServiceKey:
    """A bearer that never changes; a refusal of it is final."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._value}"}

    def __repr__(self) -> str:
        return "ServiceKey()"


def authenticator(
    settings: HubSpotSettings, context: Context, transport: Callable[..., Transport], judge: HubSpotJudge
) -> Auth:
    """The `Auth` of a connection. ``transport`` makes the transport (without credentials) that fetches tokens."""
    if settings.token is not None:
        return ServiceKey(settings.token.get_secret_value().strip())
    return TokenAuth(Exchange(settings, context, transport(judge=TokenJudge(judge))), context.now)


class Exchange:
    """Refresh token in, access token out. `TokenAuth` calls it from one thread at a time."""

    def __init__(self, settings: HubSpotSettings, context: Context, transport: Transport) -> None:
        self._settings, self._context, self._transport = settings, context, transport
        self._refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else ""

    def __call__(self) -> Token:
        asked = self._context.now()
        secret = self._settings.client_secret
        form = {
            "grant_type": "refresh_token",
            "client_id": self._settings.client_id or "",
            "client_secret": secret.get_secret_value() if secret else "",
            "refresh_token": self._refresh,
        }
        path = Paths(self._settings.version).token()
        body = self._transport.request("POST", path, data=form, family="oauth", idempotent=True).json()
        if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
            raise DataError(
                "the answer to the refresh token holds no access token",
                where=self._context.connection,
                remedy="Check base_url",
            )
        # Should HubSpot ever hand out a new refresh token, the old one may be spent; ours lasts as long as this process.
        self._refresh = str(body.get("refresh_token") or self._refresh)
        return Token(body["access_token"], asked + timedelta(seconds=float(body.get("expires_in") or LIFETIME)))

    def __repr__(self) -> str:
        return "Exchange()"


class TokenJudge:
    """Token calls: what is refused for its content is a matter of credentials; the rest is judged like any call."""

    def __init__(self, rest: HubSpotJudge) -> None:
        self._rest = rest

    def __call__(self, answer: Answer, /) -> Verdict:
        if answer.ok:
            return OK
        if answer.status < 500 and answer.status not in CLOUD_ERRORS | {423, 429, 477}:
            error = AuthError(
                "HubSpot does not accept the refresh token or the app's id and secret",
                remedy="Install the OAuth app in the portal again and store the new refresh token",
            )
            return Verdict("fail", error=error)
        return self._rest(answer)
