"""Tokens, fetched by ourselves: the SDK's own logins have no timeouts, and one of them is being retired by the vendor.

Flows: OAuth 2.0 client credentials, and JWT bearer, both with an External Client App (Salesforce Help, "OAuth
Authorization Flows").
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta

import jwt

from csconnect.connectors.http import Answer, Auth, Token, TokenAuth, Transport, Verdict
from csconnect.connectors.protocols import Context
from csconnect.errors import AuthError, SecretError
from csconnect_salesforce.settings import SalesforceSettings

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address, not a secret
ASSERTION_LIFE = timedelta(minutes=3)
REMEDIES = {
    "invalid_client_id": "Check client_id: it is the consumer key of the External Client App",
    "invalid_client": "Check client_id and client_secret of the External Client App",
    "invalid_grant": "Check the app's run-as user or the user's pre-authorisation, the username and the key",
    "unsupported_grant_type": "Enable this flow in the External Client App",
    "inactive_user": "Activate the integration user",
    "invalid_app_access": "Give the integration user access to the External Client App",
}


class SessionAuth:
    """A session id that somebody else obtained; it cannot be renewed."""

    def __init__(self, session_id: str) -> None:
        self._headers = {"Authorization": f"Bearer {session_id}"}

    def __call__(self) -> Mapping[str, str]:
        return self._headers


class TokenCalls:
    """Fetches access tokens over its own transport, without credentials on it."""

    def __init__(self, settings: SalesforceSettings, context: Context) -> None:
        self._settings, self._context = settings, context
        self.identity = ""
        """The identity URL of the newest token, which ends in the org's and the user's id."""
        self._transport = Transport(
            settings.base_url, judge=judge_token, context=context, verify=settings.verify, secrets=settings.secrets()
        )

    def fetch(self) -> Token:
        """A fresh token. Salesforce does not say how long it lives: a refusal tells."""
        body, headers = self._jwt() if self._settings.auth == "jwt" else self._client_credentials()
        answer = self._transport.request("POST", TOKEN_PATH, data=body, headers=headers, idempotent=True)
        token = answer.data()
        if not isinstance(token, dict) or not token.get("access_token"):
            raise AuthError("the token answer holds no access_token", remedy="Check the address of the org")
        self.identity = str(token.get("id", ""))
        return Token(str(token["access_token"]))

    def close(self) -> None:
        self._transport.close()

    def _client_credentials(self) -> tuple[dict[str, str], dict[str, str]]:
        secret = self._settings.client_secret.get_secret_value() if self._settings.client_secret else ""
        basic = base64.b64encode(f"{self._settings.client_id}:{secret}".encode()).decode()
        return {"grant_type": "client_credentials"}, {"Authorization": f"Basic {basic}"}

    def _jwt(self) -> tuple[dict[str, str], dict[str, str]]:
        claims = {
            "iss": self._settings.client_id,
            "sub": self._settings.username,
            "aud": self._settings.audience,
            "exp": int((self._context.now() + ASSERTION_LIFE).timestamp()),
        }
        key = self._settings.private_key.get_secret_value() if self._settings.private_key else ""
        try:
            assertion = jwt.encode(claims, key, algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            raise SecretError(
                "the private key cannot be read",
                where=f"{self._context.connection}.private_key",
                remedy="Give an RSA key in PEM form by file:PATH",
            ) from None
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}, {}


def open_auth(settings: SalesforceSettings, context: Context) -> tuple[Auth, TokenCalls | None]:
    """The credentials of a connection, and the token calls behind them, if any."""
    if settings.auth == "session":
        return SessionAuth(settings.session_id.get_secret_value() if settings.session_id else ""), None
    calls = TokenCalls(settings, context)
    return TokenAuth(calls.fetch, context.now), calls


def judge_token(answer: Answer) -> Verdict:
    """OAuth answers differ from the REST API's: an object with ``error`` and ``error_description``."""
    if answer.ok:
        return Verdict("ok")
    if answer.status == 429 or answer.status >= 500:
        return Verdict("retry")
    body = answer.data()
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    told = str(body.get("error_description", "")) if isinstance(body, dict) else ""
    remedy = REMEDIES.get(code, "Check the address of the org and the External Client App")
    return Verdict(
        "fail", error=AuthError(f"the org gives no token: {code or answer.status} {told}".strip(), remedy=remedy)
    )
