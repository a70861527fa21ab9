"""OAuth: the token endpoint, the tokens it has given, and who a token is.

Rests on the vendor pages "OAuth 2.0 Client Credentials Flow", "JWT Bearer Flow" and "OAuth 2.0 Username-Password Flow".
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from csconnect_emulator.salesforce.org import API_USER, org_id
from csconnect_emulator.salesforce.wire import Answer, Call
from csconnect_emulator.state import State
from csconnect_emulator.store import RecordStore

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SECOND = 1_000_000


class OAuthError(Exception):
    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(code)
        self.answer = Answer(status, {"error": code, "error_description": description})


def register_key(store: RecordStore, public_pem: str, *, key_id: str = "public_key") -> None:
    """Trust the JWT bearer flow's key pair whose public half this is (PEM)."""
    store.set_meta("salesforce.credentials", {**store.get_meta("salesforce.credentials"), key_id: public_pem})


class Tokens:
    """Gives, checks and revokes access tokens. Tokens live in memory: a restart logs everybody out."""

    def __init__(self, store: RecordStore, state: State) -> None:
        self._store = store
        self._state = state
        self._ends: dict[str, int] = {}
        self._revoked: set[str] = set()
        self._lock = threading.Lock()
        self._grants: dict[str, Callable[[Mapping[str, str], Mapping[str, Any]], None]] = {
            "client_credentials": self._client_credentials,
            JWT: self._assertion,
        }

    @property
    def _known(self) -> dict[str, Any]:
        known: dict[str, Any] = self._store.get_meta("salesforce.credentials")
        return known

    def token(self, call: Call) -> Answer:
        """``POST /services/oauth2/token``."""
        form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
        form |= _basic(call.headers.get("authorization", ""))
        grant = form.get("grant_type", "")
        try:
            if grant == "password":
                raise OAuthError("invalid_grant", "authentication failure")
            if grant not in self._grants:
                raise OAuthError("unsupported_grant_type", "grant type not supported")
            self._grants[grant](form, self._known)
        except OAuthError as error:
            return error.answer
        return Answer(200, self._give())

    def revoke(self, call: Call) -> Answer:
        """``POST /services/oauth2/revoke``."""
        token = dict(parse_qsl(call.body.decode())).get("token") or call.query.get("token", "")
        session = self._known.get("session_id")
        with self._lock:
            known = self._ends.pop(token, None) is not None or token == session
            self._revoked.add(token)
        return Answer(200) if known else OAuthError("unsupported_token_type", "this token type is not supported").answer

    def user(self, call: Call) -> str | None:
        """The user of a request's bearer token; None when it has none that is good."""
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() not in ("bearer", "oauth") or token in self._revoked:
            return None
        with self._lock:
            end = self._ends.get(token)
        alive = end is not None and self._state.clock.micros() < end
        return API_USER if alive or secrets.compare_digest(token, str(self._known.get("session_id"))) else None

    def who(self) -> dict[str, Any]:
        """``/services/oauth2/userinfo`` and the identity address of a token."""
        user, org = self._store.get("salesforce", "User", API_USER), org_id(self._store)
        fields = user.data if user else {}
        base = self._state.urls.get("salesforce", "")
        return {
            "sub": f"{base}/id/{org}/{API_USER}",
            "user_id": API_USER,
            "organization_id": org,
            "preferred_username": fields.get("Username"),
            "name": fields.get("Name"),
            "email": fields.get("Email"),
            "active": True,
        }

    def _give(self) -> dict[str, Any]:
        org, now = org_id(self._store), self._state.clock.micros()
        token = f"{org[:15]}!{secrets.token_urlsafe(60)}"
        with self._lock:
            self._ends[token] = now + self._state.limits["salesforce"]["token_seconds"] * SECOND
        base = self._state.urls.get("salesforce", "")
        return {
            "access_token": token,
            "signature": secrets.token_urlsafe(32),
            "scope": "api",
            "instance_url": base,
            "id": f"{base}/id/{org}/{API_USER}",
            "token_type": "Bearer",
            "issued_at": str(now // 1000),
        }

    def _client_credentials(self, form: Mapping[str, str], known: Mapping[str, Any]) -> None:
        if form.get("client_id") != known["client_id"]:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if not secrets.compare_digest(form.get("client_secret", ""), str(known["client_secret"])):
            raise OAuthError("invalid_client", "invalid client credentials")

    def _assertion(self, form: Mapping[str, str], known: Mapping[str, Any]) -> None:
        claims = _verified(form.get("assertion", ""), str(known.get("public_key", "")))
        if claims.get("iss") != known["client_id"]:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        own = urlsplit(self._state.urls.get("salesforce", "")).netloc
        host = urlsplit(str(claims.get("aud"))).netloc
        if host not in ("login.salesforce.com", "test.salesforce.com", own) and not host.endswith(".my.salesforce.com"):
            raise OAuthError("invalid_grant", "audience is invalid")
        if claims.get("sub") != known["username"]:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        try:
            end = int(claims.get("exp", ""))
        except (TypeError, ValueError):
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if end * SECOND < self._state.clock.micros():
            raise OAuthError("invalid_grant", "expired authorization code")


def _basic(header: str) -> dict[str, str]:
    """Client id and secret from an Authorization header, when it holds them."""
    kind, _, value = header.partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": id, "client_secret": secret}


def _verified(assertion: str, public_pem: str) -> dict[str, Any]:
    """The claims of an RS256 assertion whose signature our key confirms."""
    try:
        head, body, signature = assertion.split(".")
        header, claims = json.loads(_b64(head)), json.loads(_b64(body))
        key = load_pem_public_key(public_pem.encode())
        if header.get("alg") != "RS256" or not isinstance(key, RSAPublicKey) or not isinstance(claims, dict):
            raise ValueError("not an RS256 assertion")
        key.verify(_b64(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
    except (ValueError, InvalidSignature) as error:
        raise OAuthError("invalid_grant", "invalid assertion") from error
    return claims


def _b64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
