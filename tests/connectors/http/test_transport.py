"""Credentials stay with the system they belong to, and every call ends in an answer or in one clear error."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from datetime import timedelta

import pytest
import requests
import trustme

from csconnect.connectors.http import (
    UNKNOWN_OUTCOME,
    Answer,
    Quota,
    RetryPolicy,
    Token,
    TokenAuth,
    Transport,
    Verdict,
    checked_base,
    checked_path,
    segment,
)
from csconnect.errors import (
    AuthError,
    ConfigError,
    CsconnectError,
    DataError,
    ExternalError,
    QuotaReservedError,
    RateLimitedError,
    SecretError,
    UnreachableError,
)

SECRET = "s3cr3t-token"


def plain_judge(answer: Answer) -> Verdict:
    if answer.status == 401:
        return Verdict("reauth", error=AuthError(f"refused: {answer.text()}"))
    if answer.status == 429 or answer.status >= 500:
        return Verdict("retry", error=RateLimitedError("too fast") if answer.status == 429 else None)
    return Verdict("ok") if answer.ok else Verdict("fail", error=ExternalError(f"no: {answer.text()}"))


@pytest.fixture
def open_transport(context):
    opened = []

    def make(url, **options):
        options.setdefault("auth", lambda: {"Authorization": f"Bearer {SECRET}"})
        opened.append(Transport(url, judge=plain_judge, context=context, **options))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


def test_an_answer_carries_its_status_body_and_request_id(server, open_transport, reply):
    server.replies = [reply(200, {"a": 1}, {"X-Request-Id": "r-1"})]
    transport = open_transport(server.url + "/api/")
    answer = transport.request("GET", "/things", params={"q": "a b"})
    assert (answer.status, answer.json(), answer.request_id) == (200, {"a": 1}, "r-1")
    assert server.seen[0].path == "/api/things?q=a+b"
    assert transport.calls == 1


@pytest.mark.parametrize(
    "url", ["http://crm.example", "http://localhost.evil.example", "ftp://crm.example", "https://u:p@crm.example"]
)
def test_an_unsafe_address_is_refused_before_any_call(url):
    with pytest.raises(ConfigError):
        checked_base(url)


@pytest.mark.parametrize(
    "url", ["https://crm.example", "http://127.0.0.1:80", "http://localhost:1", "http://[::1]:8080"]
)
def test_tls_and_this_machine_are_fine(url):
    assert checked_base(url + "/") == url


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "https://evil.example/x", "/a/../../b", "/a\r\nHost: x", "/\\evil.example", "x"]
)
def test_a_path_never_leaves_the_api(path, server, open_transport):
    with pytest.raises(DataError):
        open_transport(server.url).request("GET", path)
    assert server.seen == []


def test_an_identifier_is_one_segment():
    assert segment("//evil.example/x y") == "%2F%2Fevil.example%2Fx%20y"
    assert checked_path("/o/" + segment("a/../b")) == "/o/a%2F..%2Fb"
    with pytest.raises(DataError):
        segment("..")


def test_a_redirect_to_another_host_is_refused_and_gets_no_credentials(start, open_transport, reply):
    home, other = start(), start()
    home.replies = [reply(302, headers={"Location": f"http://localhost:{other.port}/x"})]
    with pytest.raises(ExternalError, match="redirects to localhost"):
        open_transport(home.url).request("GET", "/a")
    assert other.seen == []


def test_a_redirect_on_the_same_host_is_followed_for_reads_only(server, open_transport, reply):
    moved = reply(302, headers={"Location": "/b"})
    server.replies = [moved, reply(200, {"here": True}), moved]
    transport = open_transport(server.url)
    assert transport.request("GET", "/a").json() == {"here": True}
    with pytest.raises(ExternalError, match="redirects a write"):
        transport.request("POST", "/a", json={})


def test_an_unknown_certificate_is_an_error_that_names_ca_file(start, open_transport, tmp_path, monkeypatch):
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    server = start(tls)
    stranger = tmp_path / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    with pytest.raises(UnreachableError, match="Set ca_file"):
        open_transport(server.url, verify=str(stranger)).request("GET", "/")
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(stranger))
    assert open_transport(server.url, verify=str(bundle)).request("GET", "/").status == 200


@pytest.mark.parametrize("credential", ["line\nend", "“quoted”"])
def test_credentials_that_cannot_be_sent_are_an_error_without_them(server, open_transport, credential):
    transport = open_transport(server.url, auth=lambda: {"Authorization": f"Bearer {credential}"})
    with pytest.raises(SecretError, match="characters that cannot be sent") as caught:
        transport.request("GET", "/")
    assert credential not in str(caught.value)
    assert server.seen == []


def test_a_missing_ca_file_is_a_setting_to_mend(open_transport):
    with pytest.raises(ConfigError, match="Check ca_file"):
        open_transport("https://127.0.0.1:1", verify="nowhere.pem").request("GET", "/")


def test_checking_certificates_cannot_be_switched_off(context):
    with pytest.raises(ConfigError, match="ca_file"):
        Transport("https://crm.example", judge=plain_judge, context=context, verify=False)


def test_netrc_and_proxies_of_the_environment_do_not_reach_this_machine(server, open_transport, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    open_transport(server.url).request("GET", "/")
    assert server.seen[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_a_read_is_repeated_after_a_lost_connection_but_a_create_is_handed_up(server, open_transport, reply):
    transport = open_transport(server.url)
    server.replies = [reply(drop=True), reply(503), reply(200, {"ok": True})]
    assert transport.request("GET", "/a").json() == {"ok": True}
    for lost in (reply(drop=True), reply(500)):
        server.seen.clear()
        server.replies = [lost]
        with pytest.raises(UnreachableError) as caught:
            transport.request("POST", "/a", json={"x": 1})
        assert caught.value.error_code == UNKNOWN_OUTCOME
        assert len(server.seen) == 1


def test_a_refused_connection_is_repeated_for_any_method_and_then_named(clock, open_transport):
    transport = open_transport(f"http://127.0.0.1:{free_port()}", retry=RetryPolicy(attempts=3))
    with pytest.raises(UnreachableError, match="cannot be reached") as caught:
        transport.request("POST", "/a")
    assert caught.value.error_code == "E-UNREACHABLE"
    assert len(clock.slept) == 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_systems_retry_after_is_obeyed_for_any_method(server, open_transport, reply, clock):
    server.replies = [reply(429, headers={"Retry-After": "7"}), reply(201, {"id": "1"})]
    assert open_transport(server.url).request("POST", "/a", json={}).status == 201
    assert clock.slept == [7.0]


def test_a_wait_beyond_patience_stops_with_the_judges_error(server, open_transport, reply, clock):
    server.replies = [reply(429, headers={"Retry-After": "86400"})]
    with pytest.raises(RateLimitedError, match="too fast"):
        open_transport(server.url).request("GET", "/a")
    assert clock.slept == []


def test_credentials_are_renewed_once_by_one_thread_and_then_the_error_is_told(server, open_transport, reply, context):
    fetched = []

    def fetch() -> Token:
        fetched.append(1)
        return Token(f"t{len(fetched)}")

    server.decide = lambda seen: reply(200 if seen.headers["Authorization"] != "Bearer t1" else 401, {})
    transport = open_transport(server.url, auth=TokenAuth(fetch, context.now))
    threads = [threading.Thread(target=transport.request, args=("GET", "/a")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fetched) == 2
    server.decide = lambda seen: reply(401, {})
    server.seen.clear()
    with pytest.raises(AuthError):
        transport.request("POST", "/a")
    assert len(server.seen) == 2


def test_a_token_is_renewed_shortly_before_it_expires(context, clock):
    fetched = []

    def fetch() -> Token:
        fetched.append(clock.at)
        return Token(f"t{len(fetched)}", clock.at + timedelta(minutes=30))

    auth = TokenAuth(fetch, context.now)
    assert auth.value == "t1"
    clock.at += timedelta(minutes=28)
    assert auth.value == "t1"
    clock.at += timedelta(minutes=2)
    assert auth.value == "t2"


def test_no_secret_is_in_an_error_or_repr(server, open_transport, reply):
    echoed = f"you sent {SECRET} and {base64.b64encode(b'hush-hush').decode()}"
    server.decide = lambda seen: reply(400, {"message": echoed})
    transport = open_transport(server.url, secrets=["hush-hush"])
    with pytest.raises(CsconnectError) as caught:
        transport.request("GET", "/a", params={"q": "x"})
    for text in (str(caught.value), repr(caught.value), repr(transport), caught.value.what):
        assert SECRET not in text
        assert "aHVzaC1odXNo" not in text
    assert "crm GET /a" in str(caught.value)


def test_no_call_is_made_from_the_reserve(server, open_transport):
    quota = Quota(reserve=0.2, where="crm")
    transport = open_transport(server.url, quota=quota)
    quota.learn(limit=10, used=7)
    transport.request("GET", "/a")
    with pytest.raises(QuotaReservedError):
        transport.request("GET", "/a")
    assert len(server.seen) == 1


def test_cookies_are_not_kept(server, open_transport, reply):
    server.replies = [reply(200, {}, {"Set-Cookie": "track=1; Path=/"})]
    transport = open_transport(server.url, session=requests.Session())
    transport.request("GET", "/a")
    transport.request("GET", "/a")
    assert "Cookie" not in server.seen[1].headers


def test_an_answer_that_is_not_json_says_so(server, open_transport, reply):
    server.replies = [reply(200, body=b"<html>maintenance</html>")]
    with pytest.raises(DataError, match="not JSON"):
        open_transport(server.url).request("GET", "/a").json()


def test_who_never_answered_is_given_up_sooner_than_who_went_away(server, reply, open_transport):
    """A typing mistake should not take a quarter of a minute; a restart in the middle of a run should not end it."""
    nobody = open_transport("http://127.0.0.1:9")
    with pytest.raises(UnreachableError):
        nobody.request("GET", "/")
    gone = open_transport(server.url)
    server.replies = [reply(json={}, headers={"Connection": "close"})]
    gone.request("GET", "/")
    server.stop()
    before = gone.calls
    with pytest.raises(UnreachableError):
        gone.request("GET", "/")
    assert nobody.calls == RetryPolicy().knocks < gone.calls - before == RetryPolicy().attempts
