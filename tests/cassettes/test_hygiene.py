"""Law 8 for cassettes: nothing secret gets in, nothing secret was committed, and nobody records by accident."""

from __future__ import annotations

import ast
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from vcr import VCR
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request
from vcr.serialize import serialize
from vcr.serializers import yamlserializer

from csconnect_emulator import hubspot, salesforce
from csconnect_emulator.store import RecordStore

from . import hygiene
from .conftest import HERE, refuse_recording

PLACEHOLDERS = ("example.my.salesforce.com", "api.hubapi.com")
CASSETTES = sorted(HERE.rglob("*.yaml"))
HOSTS = {"crm.acme.test:8443"}


def name_of(file: Path) -> str:
    return file.relative_to(HERE).as_posix()


@pytest.fixture(scope="session")
def credentials() -> set[str]:
    """The emulator's own, which are public but must not get anybody used to credentials in cassettes."""
    store = RecordStore()
    salesforce.install(store)
    hubspot.install(store)
    known = {**store.get_meta("salesforce.credentials"), **store.get_meta("hubspot.credentials")}
    store.close()
    return {str(known[name]) for name in ("client_secret", "session_id", "token", "refresh_token")}


@pytest.mark.parametrize("file", CASSETTES, ids=name_of)
def test_a_committed_cassette_has_nothing_secret_and_names_no_host(file: Path, credentials: set[str]) -> None:
    hosts = PLACEHOLDERS if "documented" in file.relative_to(HERE).parts else ()
    assert hygiene.findings(file.read_text(encoding="utf-8"), hosts=hosts, secrets=credentials) == []


@pytest.mark.parametrize("file", [f for f in CASSETTES if "documented" in f.parts], ids=name_of)
def test_a_cassette_made_by_hand_says_so_and_names_its_source(file: Path) -> None:
    comments = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    assert comments[0].startswith("# Written by hand, not recorded")
    assert any(line.startswith("# Source: ") for line in comments)
    assert any(line.startswith("# Shows: ") for line in comments)


@pytest.mark.parametrize("kind", ["recorded", "documented"])
@pytest.mark.parametrize("system", ["salesforce", "hubspot"])
def test_every_cassette_has_its_test_and_every_test_its_cassette(kind: str, system: str) -> None:
    module = ast.parse((HERE / f"test_{kind}_{system}.py").read_text(encoding="utf-8"))
    functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
    tests = {name.removeprefix("test_") for name in functions if name.startswith("test_")}
    assert tests == {file.stem for file in (HERE / kind / system).glob("*.yaml")}
    assert tests


def dumped(data: Any) -> str:
    text = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, text)
    return text.getvalue()


HIDDEN = [
    ("a HubSpot token", "pat-na1-11111111-2222-3333-4444-555555555555"),
    ("a Salesforce session", "00D5g000004xyzA!AQEAQKk.lmnop"),
    ("a bearer token", "Bearer abc"),
    ("basic credentials", "Basic YWJjOmRlZg=="),
    ("a JSON web token", "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"),
    ("a private key", "-----BEGIN RSA PRIVATE KEY-----"),
    ("a secret parameter", "grant_type=x&client_secret=hunter2"),
    ("a secret parameter", '{"access_token": "abc"}'),
    ("a secret parameter", '{\\"refresh_token\\":\\"abc\\"}'),
    ("an authorisation code", "redirect?code=abc"),
    ("a cookie", "Set-Cookie: sid"),
    ("a long random text", "Zx9" * 14),
    ("a path of a machine", "see /home/ada/keys"),
    ("an address of a person", "ada@acme.com"),
    ("a credential of the emulator", "so geheim%21"),
    ("the host acme.my.salesforce.com", "https://acme.my.salesforce.com/x"),
    ("the host evil.test", "https://127.0.0.1@evil.test/x"),
]


@pytest.mark.parametrize(("what", "text"), HIDDEN)
@pytest.mark.parametrize(
    "place",
    [
        lambda text: {"interactions": [{"request": {"body": text}}]},
        lambda text: {"interactions": [{"response": {"body": {"string": text.encode()}}}]},
        lambda text: {"interactions": [{"response": {"headers": {"x-note": [text]}}}]},
    ],
)
def test_the_scan_finds_what_it_looks_for_and_does_not_repeat_it(
    what: str, text: str, place: Callable[[str], Any]
) -> None:
    found = hygiene.findings(dumped(place(text)), hosts=(), secrets=["so geheim!"])
    assert what in found
    assert text not in " ".join(found)


def test_the_scan_reads_comments_too() -> None:
    assert hygiene.findings("# the key was pat-na1-0\nversion: 1\n", hosts=()) == ["a HubSpot token"]


def saved(request: Request, answer: dict[str, Any]) -> str:
    """The text of a cassette with this one interaction, after scrubbing."""
    clean = hygiene.clean_request(request, HOSTS), hygiene.clean_answer(answer, HOSTS)
    text: str = serialize({"requests": [clean[0]], "responses": [clean[1]]}, yamlserializer)
    return text


def hiding_places(secret: str) -> Iterator[tuple[Request, dict[str, Any]]]:
    """Interactions with ``secret`` in headers, cookies, bodies and addresses."""
    url, plain = "https://crm.acme.test:8443/x", {"Content-Type": "application/json"}
    nothing = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b"{}"}}
    for name in ("Authorization", "Cookie", "X-HubSpot-Signature-v3", "X-SFDC-Session", "X-Anything"):
        yield Request("GET", url, None, {**plain, name: secret}), nothing
    for name in ("client_secret", "assertion", "refresh_token", "code", "password", "client_id", "token"):
        body = urlencode({name: secret, "grant_type": "x"})
        yield Request("POST", url, body, {"Content-Type": "application/x-www-form-urlencoded"}), nothing
    for name in ("hapikey", "access_token", "code"):
        prepared = requests.Request("GET", url, params={name: secret}).prepare()
        yield Request("GET", prepared.url, None, {}), nothing
    for name in ("client_secret", "assertion", "refresh_token", "password"):
        yield Request("POST", url, json.dumps({"a": [{name: secret}]}).encode(), plain), nothing
    for name in ("access_token", "refresh_token", "id_token", "signature", "sessionId", "accessToken"):
        yield Request("GET", url, None, {}), {**nothing, "body": {"string": json.dumps([{name: secret}]).encode()}}
    for name in ("Set-Cookie", "Location", "X-HubSpot-Session", "Server-Timing"):
        yield Request("GET", url, None, {}), {**nothing, "headers": {name: [secret]}}


@settings(max_examples=25)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x4FFF, exclude_characters="'\""), min_size=1))
def test_a_secret_does_not_get_into_a_cassette_from_any_place(text: str) -> None:
    secret = f"Q7{text}"
    for request, answer in hiding_places(secret):
        where = request.headers, request.body, request.uri, answer
        assert "Q7" not in saved(request, answer), where


def test_the_recorded_host_is_replaced_wherever_it_stands() -> None:
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {},
        "body": {"string": b'{"instance_url": "https://crm.acme.test:8443", "next": "https://crm.acme.test:8443/y"}'},
    }
    text = saved(Request("GET", "https://crm.acme.test:8443/x", None, {}), answer)
    assert "acme" not in text
    assert hygiene.findings(text, hosts=()) == []


def test_what_matters_for_matching_is_left_to_the_letter() -> None:
    uri, body = "https://example.my.salesforce.com/q/?q=SELECT+Id%2C+Name", b'{"b": 1, "a": "x"}'
    request = hygiene.clean_request(Request("POST", uri, body, {"Content-Type": "application/json"}))
    assert (request.uri, json.loads(request.body)) == (uri, json.loads(body))


@pytest.mark.parametrize(
    ("record", "disabled"), [("once", False), ("all", False), ("new_episodes", False), (None, True)]
)
def test_only_the_recorder_records(record: str | None, disabled: bool, recorder: Any) -> None:
    with pytest.raises(pytest.UsageError, match=r"record\.py"):
        refuse_recording(record, disabled, None)
    refuse_recording("none", False, None)


def test_a_plain_run_never_records(pytestconfig: pytest.Config) -> None:
    assert pytestconfig.getoption("--vcr-record") == "none"


def test_what_is_not_in_a_cassette_is_refused_and_leaves_no_file(vcr: VCR, tmp_path: Path) -> None:
    lost = tmp_path / "none.yaml"
    with vcr.use_cassette(str(lost)), pytest.raises(CannotOverwriteExistingCassetteException):
        requests.get("http://127.0.0.1:9/", timeout=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"uri": "https://elsewhere.example:8443/p?a=1&b=2"}, True),
        ({"method": "PATCH"}, False),
        ({"uri": "https://one.example/other?a=1&b=2"}, False),
        ({"uri": "https://one.example/p?a=1&b=3"}, False),
        ({"body": b'{"x": 2}'}, False),
        ({"body": b'{ "x":1 }'}, True),
    ],
)
def test_matching_is_by_method_path_query_and_body_but_not_by_host(
    vcr: VCR, tmp_path: Path, change: dict[str, Any], same: bool
) -> None:
    asked = {"method": "POST", "uri": "https://one.example/p?a=1&b=2", "body": b'{"x": 1}'}
    headers = {"Content-Type": "application/json"}
    with vcr.use_cassette(str(tmp_path / "match.yaml")) as cassette:
        cassette.append(
            Request(**asked, headers=headers),
            {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": b"{}"}},
        )
        assert (Request(**{**asked, **change}, headers=headers) in cassette) is same
        cassette.dirty = False
