"""Logging in, being refused, running out of calls."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from csconnect_emulator.salesforce import register_key
from csconnect_emulator.testing import RunningEmulator

TOKEN = "/services/oauth2/token"
CLIENT = {"grant_type": "client_credentials", "client_id": "csconnect-emulator", "client_secret": "emulator-secret"}
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
BASE_CLAIMS = {"iss": CLIENT["client_id"], "sub": "integration@northwind-cloud.example"}


@pytest.fixture
def post(rest: Any) -> Any:
    """Ask for a token without the session's own credentials."""

    def asking(form: Mapping[str, str], **kw: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(rest.url + TOKEN, data=form, verify=rest.session.verify, timeout=10, **kw)

    return asking


def bearer(rest: Any, token: str) -> requests.Response:
    return rest("GET", "limits", headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("way", ["form", "basic"])
def test_client_credentials_by_form_and_by_header(rest: Any, post: Any, way: str) -> None:
    basic = {"auth": (CLIENT["client_id"], CLIENT["client_secret"])}
    answer = post(CLIENT) if way == "form" else post({"grant_type": "client_credentials"}, **basic)
    given = answer.json()
    assert answer.status_code == 200
    assert given["instance_url"] == rest.url
    assert given["token_type"] == "Bearer"
    assert bearer(rest, given["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"grant_type": "password", "username": "u", "password": "p"}, "invalid_grant"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": JWT, "assertion": "a.b.c"}, "invalid_grant"),
    ],
)
def test_refused_logins_have_the_oauth_shape(post: Any, change: dict[str, str], error: str) -> None:
    answer = post({**CLIENT, **change})
    assert answer.status_code == 400
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"error", "error_description"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def signed(key: rsa.RSAPrivateKey, claims: Mapping[str, Any]) -> str:
    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    text = f"{part(json.dumps({'alg': 'RS256'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(key.sign(text.encode(), PKCS1v15(), SHA256()))}"


@pytest.fixture
def registered(emulator: RunningEmulator, key: rsa.RSAPrivateKey) -> int:
    """The key pair is known; the emulator's time in seconds."""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    register_key(emulator.store, pem.decode())
    return emulator.state.clock.micros() // 1_000_000


@pytest.mark.parametrize("spelt", [int, str])
@pytest.mark.parametrize("audience", ["https://login.salesforce.com", "https://acme.my.salesforce.com", "own"])
def test_jwt_bearer(rest: Any, post: Any, key: Any, registered: int, spelt: type, audience: str) -> None:
    claims = {**BASE_CLAIMS, "aud": rest.url if audience == "own" else audience, "exp": spelt(registered + 180)}
    answer = post({"grant_type": JWT, "assertion": signed(key, claims)})
    assert bearer(rest, answer.json()["access_token"]).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"aud": "https://evil.example"}, {"exp": 5}, {"exp": "soon"}, {"sub": "other@x"}, {"iss": "other"}]
)
def test_jwt_with_a_wrong_claim_is_refused(post: Any, key: Any, registered: int, wrong: dict[str, Any]) -> None:
    claims = {**BASE_CLAIMS, "aud": "https://login.salesforce.com", "exp": registered + 180, **wrong}
    assert post({"grant_type": JWT, "assertion": signed(key, claims)}).status_code == 400


def test_jwt_signed_by_another_key_is_refused(post: Any, registered: int) -> None:
    other = rsa.generate_private_key(65537, 2048)
    claims = {**BASE_CLAIMS, "aud": "https://login.salesforce.com", "exp": registered + 180}
    assert post({"grant_type": JWT, "assertion": signed(other, claims)}).json()["error"] == "invalid_grant"


def test_tokens_end_and_can_be_revoked(rest: Any, post: Any) -> None:
    first, second = (post(CLIENT).json()["access_token"] for _ in range(2))
    with requests.Session() as session:
        session.trust_env = False
        form = {"token": first}
        done = session.post(f"{rest.url}/services/oauth2/revoke", data=form, verify=rest.session.verify, timeout=10)
        assert done.status_code == 200
    assert [bearer(rest, t).status_code for t in (first, second)] == [401, 200]
    rest("POST", "/_emulator/clock", {"advance_seconds": 7_201})
    assert bearer(rest, second).json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_who_am_i(rest: Any) -> None:
    who = rest("GET", "/services/oauth2/userinfo").json()
    (user,) = rest.query(f"SELECT Username FROM User WHERE Id = '{who['user_id']}'")["records"]
    (org,) = rest.query("SELECT Id, IsSandbox FROM Organization")["records"]
    assert (who["preferred_username"], who["organization_id"]) == (user["Username"], org["Id"])


def test_versions_need_no_login_and_old_ones_are_gone(rest: Any) -> None:
    del rest.session.headers["Authorization"]
    versions = [entry["version"] for entry in rest("GET", "/services/data").json()]
    assert {"31.0", "59.0", "67.0"} <= set(versions)
    assert "30.0" not in versions
    assert rest("GET", "limits").status_code == 401
    rest.session.headers["Authorization"] = "Bearer 00Dxx0000000001!AQEAQEmulatorSessionOfTheApiUser"
    assert rest.refused("GET", "/services/data/v30.0/limits") == (410, "GONE")
    assert rest("GET", "/services/data/v31.0/limits").status_code == 200


def test_every_answer_tells_the_usage_also_refusals(rest: Any) -> None:
    used = [
        int(rest(method, path).headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0])
        for method, path in (("GET", "limits"), ("GET", "sobjects/Nope"), ("PUT", "limits"))
    ]
    assert used == [used[0], used[0] + 1, used[0] + 2]
    assert "Sforce-Limit-Info" not in rest("GET", "/services/data").headers


def test_an_exhausted_quota_refuses_until_it_is_raised(rest: Any) -> None:
    rest("POST", "/_emulator/quota", {"system": "salesforce", "used": 10, "max": 11})
    assert rest("GET", "limits").json()["DailyApiRequests"] == {"Max": 11, "Remaining": 0}
    assert rest.refused("GET", "limits") == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in rest("GET", "limits").headers
    rest("POST", "/_emulator/quota", {"system": "salesforce", "max": 20})
    assert rest("GET", "limits").status_code == 200
