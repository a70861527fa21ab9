"""Who is calling: service keys, OAuth access tokens of thirty minutes, and the scopes they carry."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from csconnect_emulator.hubspot import moments
from csconnect_emulator.hubspot.errors import expired, missing_scopes, unauthorized
from csconnect_emulator.hubspot.portal import Portal

LIFETIME = 1800
"""Seconds an access token lives."""
KEYS, APPS, REFRESH, ISSUED = "hubspot.keys", "hubspot.apps", "hubspot.refresh", "hubspot.issued"


@dataclass(frozen=True)
class Caller:
    """A token that is known and still good. Scope ``*`` stands for all."""

    token: str
    scopes: frozenset[str]
    oauth: bool

    def __repr__(self) -> str:
        return f"Caller(scopes={sorted(self.scopes)}, oauth={self.oauth})"


def identify(portal: Portal, header: str) -> Caller:
    """The caller behind an Authorization header; 401 when there is none or the token has run out."""
    word, _, token = header.partition(" ")
    if word.lower() != "bearer" or not token:
        raise unauthorized()
    key = portal.store.get_meta(KEYS, {}).get(token)
    if key is not None:
        return Caller(token, frozenset(key["scopes"]), oauth=False)
    issued = portal.store.get_meta(ISSUED, {}).get(token)
    if issued is None:
        raise unauthorized()
    late = portal.now() - issued["expires"]
    if late >= 0:
        raise expired(late // 1000, moments.iso(issued["expires"]))
    return Caller(token, frozenset(issued["scopes"]), oauth=True)


def require(who: Caller, groups: Iterable[tuple[str, ...]]) -> None:
    """403 unless the caller has one scope of every group."""
    if "*" in who.scopes:
        return
    for group in groups:
        if not who.scopes.intersection(group):
            raise missing_scopes(group)


def issue(portal: Portal, refresh: str, client_id: str, scopes: list[str]) -> str:
    """A new access token; those that have run out for a day are forgotten."""
    token = f"CJT{secrets.token_urlsafe(40)}"
    now = portal.now()
    with portal.store.transaction():
        issued = portal.store.get_meta(ISSUED, {})
        kept = {name: entry for name, entry in issued.items() if entry["expires"] > now - 86_400_000}
        kept[token] = {"refresh": refresh, "client_id": client_id, "scopes": scopes, "expires": now + LIFETIME * 1000}
        portal.store.set_meta(ISSUED, kept)
    return token


def form(raw: bytes) -> dict[str, Any]:
    """A form body as names and values."""
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
