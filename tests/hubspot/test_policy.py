"""How HubSpot's refusals are taken: rates, quota, scopes, credentials, the pinned portal."""

from __future__ import annotations

from typing import Any

import pytest

from csconnect.connectors.protocols import Lookup, PullRequest
from csconnect.errors import (
    AuthError,
    CsconnectError,
    MissingFieldError,
    QuotaReservedError,
    RateLimitedError,
    ScopeError,
    UnreachableError,
    WrongOrgError,
)
from csconnect.model.values import Level

TEN_SECONDLY = {
    "status": "error",
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING",
}
SECONDLY = {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}
DAILY = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}


class Times:
    """Refuses the first ``count`` calls, then answers."""

    def __init__(self, count: int, refusal: Any, answer: Any) -> None:
        self.left, self.refusal, self.answer = count, refusal, answer

    def __call__(self, request: Any) -> Any:
        self.left -= 1
        return self.refusal if self.left >= 0 else self.answer


PROPERTIES = (200, {"results": [{"name": "name", "label": "Name", "type": "string"}]})


@pytest.mark.parametrize(
    ("refusal", "waited"),
    [
        ((429, TEN_SECONDLY), 10.0),
        ((429, SECONDLY), 1.0),
        ((423, {"message": "locked"}), 2.0),
        ((477, {"message": "moving"}, {"Retry-After": "7"}), 7.0),
    ],
)
def test_it_waits_as_long_as_each_refusal_asks(
    script: Any, open_portal: Any, clock: Any, refusal: Any, waited: float
) -> None:
    script.on("GET", "/crm/properties/2026-03/companies$", Times(2, refusal, PROPERTIES))
    assert "name" in open_portal().describe("companies").fields
    assert clock.slept == [waited, waited]


def test_a_limit_that_does_not_end_is_an_error_with_a_remedy(script: Any, open_portal: Any) -> None:
    script.on("GET", "/crm/properties/", (429, TEN_SECONDLY))
    with pytest.raises(RateLimitedError, match="run again later"):
        open_portal().describe("companies")


def test_a_spent_day_stops_at_once(script: Any, open_portal: Any, clock: Any) -> None:
    script.on("GET", "/crm/properties/", (429, DAILY))
    with pytest.raises(QuotaReservedError, match="tomorrow"):
        open_portal().describe("companies")
    assert clock.slept == []


def test_the_reserve_is_left_to_people(script: Any, open_portal: Any) -> None:
    headers = {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "201"}
    script.on("GET", "/crm/properties/", (*PROPERTIES, headers))
    hub = open_portal()
    hub.describe("companies")
    hub.describe("deals")
    with pytest.raises(QuotaReservedError, match="quota_reserve"):
        hub.describe("tickets")
    assert len(script.asked) == 2


def test_a_server_error_on_a_read_is_tried_again(script: Any, open_portal: Any) -> None:
    script.on("GET", "/crm/properties/", Times(1, (503, b"<html>"), PROPERTIES))
    assert open_portal().describe("companies")


def test_a_broken_vendor_is_told_as_such(script: Any, open_portal: Any) -> None:
    script.on("GET", "/crm/properties/", (521, b""))
    with pytest.raises(UnreachableError, match=r"status\.hubspot\.com"):
        open_portal().describe("companies")


def test_missing_scopes_are_named(script: Any, open_portal: Any) -> None:
    body = {
        "status": "error",
        "category": "MISSING_SCOPES",
        "message": "This app hasn't been granted all required scopes.",
        "errors": [{"message": "One or more", "context": {"requiredGranularScopes": ["crm.schemas.companies.read"]}}],
    }
    script.on("GET", "/crm/properties/", (403, body))
    with pytest.raises(ScopeError, match=r"crm\.schemas\.companies\.read"):
        open_portal().describe("companies")


def test_a_refused_key_is_final_and_never_shown(script: Any, open_portal: Any) -> None:
    token = "pat-na1-0123456789-secret"
    script.on("GET", "/crm/properties/", lambda r: (401, {"message": f"bad {r.headers['Authorization']}"}))
    hub = open_portal(token=token)
    with pytest.raises(AuthError) as caught:
        hub.describe("companies")
    assert len(script.asked) == 1
    shown = f"{caught.value} {caught.value!r} {hub!r} {hub.portal!r} {hub.portal.auth!r}"
    assert token not in shown


def test_what_the_vendor_repeats_of_the_key_is_masked(script: Any, open_portal: Any) -> None:
    token = "pat-na1-0123456789-secret"
    script.on("GET", "/crm/objects/", lambda r: (400, {"message": f"bad {r.headers['Authorization']}"}))
    script.properties("companies", "name")
    with pytest.raises(CsconnectError) as caught:
        list(open_portal(token=token).pull(PullRequest("companies", ("name",))))
    assert token not in f"{caught.value} {caught.value!r}"


def test_an_unknown_object_is_a_missing_field(script: Any, open_portal: Any) -> None:
    script.on("GET", "/crm/properties/", (400, {"message": "Unable to infer object type from: gadgets"}))
    with pytest.raises(MissingFieldError, match="no object gadgets"):
        open_portal().describe("gadgets")


def test_every_missing_property_is_named_before_anything_is_read(script: Any, open_portal: Any) -> None:
    script.properties("deals", "dealname")
    with pytest.raises(MissingFieldError, match=r"no property term_end, term_start.*optional"):
        list(open_portal().pull(PullRequest("deals", ("dealname", "term_start", "term_end"))))
    with pytest.raises(MissingFieldError, match="csconnect provision"):
        list(open_portal().existing(Lookup("deals", ("csc_key",), "id", ("1",))))
    assert not [path for path in script.paths() if "/crm/objects/" in path]


class TestOrg:
    def test_it_is_the_portal_of_the_credentials(self, open_portal: Any) -> None:
        assert open_portal().org() == ("4711", "HubSpot portal 4711", True)

    @pytest.mark.parametrize("kind", ["SANDBOX", "DEVELOPER_TEST", "APP_DEVELOPER"])
    def test_only_standard_portals_are_production(self, script: Any, open_portal: Any, kind: str) -> None:
        script.on("GET", "/account-info/.*/details$", (200, {"portalId": 1, "accountType": kind}))
        assert open_portal().org()[2] is False

    def test_another_portal_is_refused_before_anything_is_read_or_written(self, script: Any, open_portal: Any) -> None:
        hub = open_portal(org="9999")
        for attempt in (
            hub.check,
            hub.org,
            lambda: list(hub.pull(PullRequest("companies", ("name",)))),
            lambda: list(hub.existing(Lookup("companies", ("name",), "id", ("1",)))),
            lambda: hub.push([]),
            lambda: hub.provision([], apply=True),
        ):
            with pytest.raises(WrongOrgError, match=r"4711.*pinned to portal 9999"):
                attempt()
        assert set(script.paths()) == {"/account-info/2026-03/details"}


class TestOAuth:
    SETTINGS = {"client_id": "app", "client_secret": "s3cret-of-app", "refresh_token": "r3fresh-of-app"}

    def tokens(self, script: Any, lifetime: int = 1800) -> None:
        made = iter(f"access-{number}" for number in range(1, 99))
        script.on(
            "POST", "/oauth/2026-03/token$", lambda _: (200, {"access_token": next(made), "expires_in": lifetime})
        )

    def guarded(self, script: Any, good: set[str]) -> None:
        def answer(request: Any) -> Any:
            if request.headers["Authorization"].removeprefix("Bearer ") in good:
                return PROPERTIES
            return 401, {"category": "EXPIRED_AUTHENTICATION", "message": "expired"}

        script.on("GET", "/crm/properties/", answer)

    def test_the_token_is_fetched_once_and_kept(self, script: Any, open_portal: Any) -> None:
        self.tokens(script)
        self.guarded(script, {"access-1"})
        hub = open_portal(**self.SETTINGS)
        hub.describe("companies")
        hub.describe("deals")
        asked = [request for request in script.asked if "/oauth/" in request.path]
        assert len(asked) == 1
        assert "refresh_token=r3fresh-of-app" in asked[0].body

    def test_it_is_renewed_before_it_expires(self, script: Any, open_portal: Any, clock: Any) -> None:
        self.tokens(script)
        self.guarded(script, {"access-1", "access-2"})
        hub = open_portal(**self.SETTINGS)
        hub.describe("companies")
        clock.sleep(1790)
        hub.describe("deals")
        assert [r.headers["Authorization"] for r in script.asked if "/crm/" in r.path] == [
            "Bearer access-1",
            "Bearer access-2",
        ]

    def test_a_refused_token_is_renewed_once(self, script: Any, open_portal: Any) -> None:
        self.tokens(script)
        self.guarded(script, {"access-2"})
        assert open_portal(**self.SETTINGS).describe("companies")

    def test_a_second_refusal_is_the_end(self, script: Any, open_portal: Any) -> None:
        self.tokens(script)
        self.guarded(script, set())
        with pytest.raises(AuthError) as caught:
            open_portal(**self.SETTINGS).describe("companies")
        assert script.paths().count("/oauth/2026-03/token") == 2
        for secret in ("s3cret", "r3fresh", "access-"):
            assert secret not in f"{caught.value} {caught.value!r}"

    def test_a_dead_refresh_token_has_its_remedy(self, script: Any, open_portal: Any) -> None:
        script.on(
            "POST", "/oauth/", (400, {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"})
        )
        with pytest.raises(AuthError, match="Install the OAuth app") as caught:
            open_portal(**self.SETTINGS).describe("companies")
        assert "r3fresh" not in str(caught.value)


class TestCheck:
    def test_a_portal_without_us_is_fine_but_not_provisioned(self, script: Any, open_portal: Any) -> None:
        script.on("GET", "/crm/(objects|owners|properties)/", (200, {"results": []}))
        script.properties("companies", "csc_account_ref")
        script.on("GET", "/api-usage/", (200, {"results": [{"usageLimit": 1000, "currentUsage": 10}]}))
        found = open_portal().check()
        assert {finding.code for finding in found if finding.level is not Level.OK} == {"I-PROVISION"}
        assert any("79" in finding.what for finding in found if finding.code == "I-QUOTA")

    def test_bad_credentials_are_one_finding(self, script: Any, open_portal: Any) -> None:
        script.on("GET", "/account-info/", (401, {"message": "no"}))
        (finding,) = open_portal().check()
        assert (finding.level, finding.code) == (Level.ERROR, "E-AUTH")
        assert finding.remedy

    def test_an_object_that_cannot_be_read_is_named_with_its_scope(self, script: Any, open_portal: Any) -> None:
        script.on("GET", "/crm/(objects|owners|properties)/", (200, {"results": []}))
        refusal = {"category": "MISSING_SCOPES", "errors": [{"context": {"requiredGranularScopes": ["tickets"]}}]}
        script.on("GET", "/crm/objects/[^/]+/tickets$", (403, refusal))
        found = {finding.where: finding for finding in open_portal().check() if finding.code == "E-SCOPE"}
        assert found["tickets"].level is Level.WARNING
        assert "tickets" in found["tickets"].remedy

    def test_a_key_that_is_not_unique_is_an_error(self, script: Any, open_portal: Any) -> None:
        script.on("GET", "/crm/(objects|owners|properties)/", (200, {"results": []}))
        script.properties("deals", "csc_key")
        (finding,) = [finding for finding in open_portal().check() if finding.level is Level.ERROR]
        assert "csc_key of deals is not a unique identifier" in finding.what

    def test_an_api_version_about_to_end_is_told(self, script: Any, open_portal: Any, clock: Any) -> None:
        script.on("GET", "/crm/(objects|owners|properties)/", (200, {"results": []}))
        clock.at = clock.at.replace(year=2027, month=8)
        (finding,) = [finding for finding in open_portal().check() if finding.code == "W-VERSION"]
        assert "2027-09-01" in finding.what
