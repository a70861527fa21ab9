"""Credentials on a call: headers, renewed by one thread while the others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable


class Auth(Protocol):
    """Gives the headers that prove who we are."""

    def __call__(self) -> Mapping[str, str]: ...


@runtime_checkable
class Renewable(Protocol):
    """An `Auth` that can get fresh credentials after the system said that ``used`` are no longer good."""

    def renew(self, used: Mapping[str, str]) -> None: ...


@dataclass(frozen=True)
class Token:
    """A bearer token; ``expires_at`` is aware, or None when the system does not say."""

    value: str = field(repr=False)
    expires_at: datetime | None = None


class TokenAuth:
    """Bearer token that is fetched when first needed, shortly before it expires, and once after a refusal (single flight)."""

    def __init__(
        self, fetch: Callable[[], Token], now: Callable[[], datetime], *, early: timedelta = timedelta(seconds=60)
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._early = early
        self._lock = threading.Lock()
        self._token: Token | None = None

    def __call__(self) -> Mapping[str, str]:
        with self._lock:
            if self._token is None or self._expiring(self._token):
                self._token = self._fetch()
            return self._headers(self._token)

    def renew(self, used: Mapping[str, str]) -> None:
        """Fetch a token unless another thread has already replaced the one in ``used``."""
        with self._lock:
            if self._token is None or self._headers(self._token) == dict(used):
                self._token = self._fetch()

    @property
    def value(self) -> str:
        """The token itself, for an official client that an author may want to use on the same credentials."""
        return self().get("Authorization", "").removeprefix("Bearer ")

    def _expiring(self, token: Token) -> bool:
        return token.expires_at is not None and self._now() >= token.expires_at - self._early

    @staticmethod
    def _headers(token: Token) -> dict[str, str]:
        return {"Authorization": f"Bearer {token.value}"}
