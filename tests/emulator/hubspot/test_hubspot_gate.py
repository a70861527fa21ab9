"""Who may call, how often, and what a portal in trouble says."""

from __future__ import annotations

from typing import Any

import pytest
import requests

COMPANIES = "/crm/objects/2026-03/companies"
SEARCH = f"{COMPANIES}/search"


def as_(portal: Any, token: str, method: str, path: str, body: Any = None) -> requests.Response:
    return portal.call(method, path, body, headers={"Authorization": f"Bearer {token}"})


def key(portal: Any, *scopes: str) -> str:
    """A service key with some scopes."""
    store, token = portal.emulator.store, f"pat-eu1-{'-'.join(scopes) or 'none'}"
    store.set_meta("hubspot.keys", {**store.get_meta("hubspot.keys"), token: {"scopes": list(scopes)}})
    return token


def grant(portal: Any, **changes: str) -> requests.Response:
    known = portal.emulator.credentials["hubspot"]
    form = {"grant_type": "refresh_token"} | {
        name: known[name] for name in ("client_id", "client_secret", "refresh_token")
    }
    return requests.post(f"{portal.emulator.hubspot_url}/oauth/2026-03/token", data=form | changes, timeout=10)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic abc"])
def test_without_a_known_token_nothing_is_answered(portal: Any, header: str) -> None:
    answer = portal.call("GET", COMPANIES, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_an_access_token_lives_thirty_minutes(portal: Any) -> None:
    answer = grant(portal).json()
    token = answer["access_token"]
    assert answer["expires_in"] == 1800
    assert as_(portal, token, "GET", COMPANIES).status_code == 200
    portal.emulator.state.clock.advance(1801)
    late = as_(portal, token, "GET", COMPANIES)
    assert (late.status_code, late.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    asked = portal.session.post(
        f"{portal.emulator.hubspot_url}/oauth/2026-03/introspect", data={"token": token}, timeout=10
    )
    assert asked.json() == {"active": False}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ({"client_id": "x"}, "BAD_CLIENT_ID"),
        ({"client_secret": "x"}, "BAD_CLIENT_SECRET"),
        ({"refresh_token": "x"}, "BAD_REFRESH_TOKEN"),
    ],
)
def test_a_wrong_grant_is_refused(portal: Any, changes: dict[str, str], status: str) -> None:
    answer = grant(portal, **changes)
    assert (answer.status_code, answer.json()["status"]) == (400, status)


def test_revoking_a_refresh_token_ends_its_access_tokens(portal: Any) -> None:
    store, app = portal.emulator.store, portal.emulator.credentials["hubspot"]["client_id"]
    store.set_meta("hubspot.refresh", {**store.get_meta("hubspot.refresh"), "r2": {"client_id": app, "scopes": ["*"]}})
    token = grant(portal, refresh_token="r2").json()["access_token"]
    requests.post(f"{portal.emulator.hubspot_url}/oauth/2026-03/revoke", data={"token": "r2"}, timeout=10)
    assert as_(portal, token, "GET", COMPANIES).status_code == 401
    assert grant(portal, refresh_token="r2").json()["status"] == "BAD_REFRESH_TOKEN"


@pytest.mark.parametrize(
    ("scopes", "method", "path", "needed"),
    [
        (["crm.objects.deals.read"], "GET", COMPANIES, ["crm.objects.companies.read"]),
        (["crm.objects.companies.read"], "POST", COMPANIES, ["crm.objects.companies.write"]),
        ([], "GET", "/crm/objects/2026-03/tickets", ["crm.objects.tickets.read", "tickets"]),
        ([], "GET", "/crm/owners/2026-03", ["crm.objects.owners.read"]),
        (["crm.objects.companies.read"], "POST", "/crm/properties/2026-03/companies", ["crm.schemas.companies.write"]),
        (["crm.objects.contacts.read"], "GET", "/crm/associations/2026-03/tasks/companies/labels", ["crm.objects.companies.read"]),
    ],
)  # fmt: skip
def test_missing_scopes_are_named(portal: Any, scopes: list[str], method: str, path: str, needed: list[str]) -> None:
    answer = as_(portal, key(portal, *scopes), method, path, {})
    assert (answer.status_code, answer.json()["category"]) == (403, "MISSING_SCOPES")
    assert answer.json()["errors"][0]["context"]["requiredGranularScopes"] == needed


def test_one_of_the_scopes_is_enough(portal: Any) -> None:
    assert as_(portal, key(portal, "tickets"), "GET", "/crm/objects/2026-03/tickets").status_code == 200
    assert as_(portal, key(portal), "GET", "/account-info/2026-03/details").status_code == 200


def test_ten_seconds_hold_so_many_requests_and_no_more(portal: Any) -> None:
    portal.emulator.state.clock.advance(20)
    portal.limits.update(enforced=1, ten_seconds=3)
    token = key(portal, "*")
    left = [as_(portal, token, "GET", COMPANIES).headers["X-HubSpot-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = as_(portal, token, "GET", COMPANIES)
    body = refused.json()
    assert (refused.status_code, body["errorType"], body["policyName"]) == (429, "RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert "Retry-After" not in refused.headers
    portal.emulator.state.clock.advance(10)
    assert as_(portal, token, "GET", COMPANIES).status_code == 200


def test_searches_have_a_limit_of_their_own(portal: Any) -> None:
    portal.emulator.state.clock.advance(20)
    portal.limits.update(enforced=1, searches_a_second=2)
    for _ in range(2):
        answer = portal.call("POST", SEARCH, {})
        assert answer.status_code == 200
        assert {name for name in answer.headers if "RateLimit" in name.replace("ratelimit", "RateLimit")} == {
            "X-HubSpot-RateLimit-Daily".lower(),
            "X-HubSpot-RateLimit-Daily-Remaining".lower(),
        }
    refused = portal.call("POST", SEARCH, {})
    body = refused.json()
    assert (refused.status_code, body["category"]) == (429, "RATE_LIMITS")
    assert body["message"] == "You have reached your secondly limit."
    assert "policyName" not in body
    assert portal.call("GET", COMPANIES).status_code == 200
    portal.emulator.state.clock.advance(1)
    assert portal.call("POST", SEARCH, {}).status_code == 200


def test_the_day_s_quota_is_shared_and_turns_at_midnight(portal: Any) -> None:
    portal.ok("POST", "/_emulator/quota", {"system": "hubspot", "enforced": 1, "max": 5, "used": 4})
    assert portal.call("GET", COMPANIES).headers["X-HubSpot-RateLimit-Daily-Remaining"] == "0"
    refused = portal.call("GET", COMPANIES)
    assert (refused.status_code, refused.json()["policyName"]) == (429, "DAILY")
    portal.emulator.state.clock.advance(86_400)
    assert portal.call("GET", COMPANIES).status_code == 200


def test_answers_to_oauth_apps_lack_the_daily_pair(portal: Any) -> None:
    answer = as_(portal, grant(portal).json()["access_token"], "GET", COMPANIES)
    assert "X-HubSpot-RateLimit-Max" in answer.headers
    assert "X-HubSpot-RateLimit-Daily" not in answer.headers


@pytest.mark.parametrize("status", [423, 477, 502])
def test_trouble_comes_as_faults(portal: Any, status: int) -> None:
    fault = {
        "method": "GET",
        "path": COMPANIES,
        "status": status,
        "headers": {"Retry-After": "7"},
        "json": {"status": "error"},
    }
    portal.ok("POST", "/_emulator/faults", fault)
    answer = portal.call("GET", COMPANIES)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert portal.call("GET", COMPANIES).status_code == 200


def test_very_long_addresses_are_refused(portal: Any) -> None:
    assert portal.call("GET", f"{COMPANIES}?properties={'x' * 15_000}").status_code == 414


def test_the_charset_is_spelt_as_recorded(portal: Any) -> None:
    assert portal.call("GET", COMPANIES).headers["Content-Type"] == "application/json;charset=utf-8"
    assert portal.call("GET", "/crm/v9/nothing").status_code == 404


@pytest.mark.parametrize("prefix", ["/crm/objects/2026-03", "/crm/objects/2026-09", "/crm/v3/objects"])
def test_every_version_is_the_same_portal(portal: Any, prefix: str) -> None:
    id = portal.make("companies", name="Same")
    assert portal.ok("GET", f"{prefix}/companies/{id}") == portal.ok("GET", f"{prefix}/0-2/{id}")
    assert portal.ok("GET", f"{prefix}/COMPANY/{id}")["properties"]["name"] == "Same"
