"""The OAuth endpoints: a refresh token gives an access token of thirty minutes (vendor page "OAuth tokens")."""

from __future__ import annotations

import hmac
import uuid
from typing import Any

from csconnect_emulator.hubspot import access
from csconnect_emulator.hubspot.calls import Answer, Call


def token(call: Call) -> Answer:
    """``grant_type=refresh_token``; the refresh token stays the same. Other grants need a browser and are refused."""
    given = call.object()
    app = call.portal.store.get_meta(access.APPS, {}).get(given.get("client_id"))
    if given.get("grant_type") != "refresh_token":
        return _refuse("BAD_GRANT_TYPE", "missing or unknown grant type")
    if app is None:
        return _refuse("BAD_CLIENT_ID", "missing or unknown client id")
    if not hmac.compare_digest(str(given.get("client_secret", "")), str(app["secret"])):
        return _refuse("BAD_CLIENT_SECRET", "missing or invalid client secret")
    refresh = str(given.get("refresh_token", ""))
    granted = call.portal.store.get_meta(access.REFRESH, {}).get(refresh)
    if granted is None or granted["client_id"] != given["client_id"]:
        return _refuse("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    made = access.issue(call.portal, refresh, granted["client_id"], granted["scopes"])
    body = {"access_token": made, "refresh_token": refresh, "expires_in": access.LIFETIME, "token_type": "bearer"}
    return Answer({**body, "scopes": granted["scopes"], "hub_id": _hub(call)})


def introspect(call: Call) -> Answer:
    """What a token is good for; one that is not known or has run out is answered ``active: false``."""
    given = str(call.object().get("token", ""))
    issued = call.portal.store.get_meta(access.ISSUED, {}).get(given)
    if issued is not None and issued["expires"] > call.portal.now():
        left = (issued["expires"] - call.portal.now()) // 1000
        return Answer({"active": True, **_about(call, given, issued, "access_token"), "expires_in": left})
    granted = call.portal.store.get_meta(access.REFRESH, {}).get(given)
    if granted is not None:
        return Answer({"active": True, **_about(call, given, granted, "refresh_token")})
    return Answer({"active": False})


def revoke(call: Call) -> Answer:
    """A refresh token is revoked with every access token it gave."""
    gone, store = str(call.object().get("token", "")), call.portal.store
    with store.transaction():
        for key in (access.REFRESH, access.ISSUED):
            kept = {k: v for k, v in store.get_meta(key, {}).items() if k != gone and v.get("refresh") != gone}
            store.set_meta(key, kept)
    return Answer(None, 204)


def token_info(call: Call) -> Answer:
    """The older way to ask about a token: in the path."""
    given = call.path["token"]
    for key, kind in ((access.ISSUED, "access"), (access.REFRESH, "refresh")):
        found = call.portal.store.get_meta(key, {}).get(given)
        if found is not None and found.get("expires", call.portal.now() + 1) > call.portal.now():
            left = {"expires_in": (found["expires"] - call.portal.now()) // 1000} if kind == "access" else {}
            return Answer({**_about(call, given, found, kind), **left})
    return _refuse("BAD_TOKEN", "missing or unknown token", 404)


def _about(call: Call, given: str, found: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "token": given,
        "token_type": kind,
        "client_id": found["client_id"],
        "hub_id": _hub(call),
        "app_id": 1,
        "user_id": 1,
        "user": "admin@lantu.example",
        "hub_domain": "lantu.example",
        "scopes": found["scopes"],
    }


def _hub(call: Call) -> int:
    return int(call.portal.store.get_meta("hubspot.account")["portalId"])


def _refuse(status: str, message: str, code: int = 400) -> Answer:
    return Answer({"status": status, "message": message, "correlationId": str(uuid.uuid4())}, code)
