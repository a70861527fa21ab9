"""One call to a system, made safely: TLS, timeouts, no foreign redirects, the budget before and the judge after."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from csconnect.connectors.http.address import checked_base, checked_path, is_loopback, same_origin
from csconnect.connectors.http.answer import Answer, request_id
from csconnect.connectors.http.auth import Auth, Renewable
from csconnect.connectors.http.budget import Budget, Quota
from csconnect.connectors.http.judge import Judge, Verdict
from csconnect.connectors.http.retry import Again, Lost, RetryPolicy, asked_wait, certain
from csconnect.connectors.http.secrets import scrubbed
from csconnect.connectors.http.wire import lost_reason, refused, unusable
from csconnect.connectors.protocols import Context
from csconnect.errors import ConfigError, CsconnectError, ExternalError

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5


class Transport:
    """Calls below ``base_url``. May be shared by threads.

    ``judge`` says what an answer means; ``budgets`` by endpoint family hold calls back; ``quota`` is the day's; ``auth`` gives
    the credential headers (and renews them, when it is `Renewable`); ``verify`` is True or the path of a CA bundle, which then
    wins over the environment; ``secrets`` are masked in every error, besides the credential headers, which always are.
    """

    def __init__(
        self,
        base_url: str,
        *,
        judge: Judge,
        budgets: Mapping[str, Budget] | None = None,
        context: Context,
        session: requests.Session | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        verify: str | bool = True,
        auth: Auth | None = None,
        quota: Quota | None = None,
        retry: RetryPolicy | None = None,
        threads: int = 16,
        secrets: Iterable[str] = (),
    ) -> None:
        if not verify:
            raise ConfigError(
                "TLS certificates are always checked", where=context.connection, remedy="Set ca_file instead"
            )
        self.base_url = checked_base(base_url, where=context.connection)
        self._judge, self._auth, self._context, self._quota = judge, auth, context, quota
        self._budgets = dict(budgets or {})
        self._retry = retry or RetryPolicy()
        self._timeout, self._verify = timeout, verify
        self._session = prepared(session or requests.Session(), threads)
        self._secrets = frozenset(secrets)
        self._lock = threading.Lock()
        self._calls = 0
        self._met = False
        """Whether anybody ever answered: then who is gone now may come back, and is waited for."""

    @property
    def calls(self) -> int:
        """How many requests were sent, repeats included."""
        return self._calls

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        family: str = "default",
        idempotent: bool | None = None,
    ) -> Answer:
        """The answer that the judge found fit to use; everything else is an error of `csconnect.errors`.

        ``json`` may be a callable: it is called for each attempt, for systems that want the token in the body.
        ``idempotent`` says whether doing it twice equals doing it once; left open, the method tells (POST and PATCH do not).
        `UnreachableError` with the code E-UNKNOWN-OUTCOME means: it may have been done.
        """
        safe = method.upper() in IDEMPOTENT if idempotent is None else idempotent
        prepared_call = {"params": params, "json": json, "data": data, "headers": dict(headers or {})}
        call = _Call(method.upper(), checked_path(path), prepared_call, family, safe)
        try:
            return self._retry.run(lambda attempt: self._attempt(call, attempt), self._context)
        except CsconnectError as error:
            raise self._told(error, call) from None

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def __repr__(self) -> str:
        return f"Transport({self.base_url})"

    def _attempt(self, call: _Call, attempt: int) -> Answer:
        if call.family in self._budgets:
            self._budgets[call.family].take()
        credentials = dict(self._auth()) if self._auth else {}
        call.seen.update(credentials.values())
        if self._quota:
            self._quota.spend()
        sent = self._send(call, credentials)
        if isinstance(sent, Lost):
            return self._repeat(call, attempt, replace(sent, absent=sent.absent and not self._met), None)
        self._met = True
        verdict = self._judge(sent)
        if verdict.kind == "ok":
            return sent
        if verdict.kind == "reauth" and isinstance(self._auth, Renewable) and not call.renewed:
            call.renewed = True
            self._auth.renew(credentials)
            raise Again(0.0, "credentials renewed")
        asked = asked_wait(sent.headers, self._context.now())
        return self._repeat(call, attempt, replace(verdict, nothing_done=certain(verdict, sent)), asked)

    def _repeat(self, call: _Call, attempt: int, outcome: Verdict | Lost, asked: float | None) -> Answer:
        """Never returns: either the policy makes the call again or its error is raised."""
        # Renewed credentials took an attempt of their own, which says nothing about the system's patience.
        decision = self._retry.decide(attempt - int(call.renewed), outcome, idempotent=call.safe, asked=asked)
        if decision.again:
            asks = f"{urlsplit(self.base_url).hostname} asks for patience"
            raise Again(decision.wait, outcome.reason if isinstance(outcome, Lost) else asks)
        raise decision.error or ExternalError("the call failed")

    def _send(self, call: _Call, credentials: Mapping[str, str]) -> Answer | Lost:
        url, method, options = self.base_url + call.path, call.method, dict(call.options)
        options["json"] = options["json"]() if callable(options["json"]) else options["json"]
        # A proxy from the environment has no business with this machine's own addresses.
        local = is_loopback(urlsplit(url).hostname or "")
        for _ in range(MOST_REDIRECTS):
            with self._lock:
                self._calls += 1
            try:
                answer = self._session.request(
                    method,
                    url,
                    **options,
                    # An auth callable also keeps requests from putting ~/.netrc over our credentials.
                    auth=_Stamp(credentials),
                    timeout=self._timeout,
                    verify=self._verify,
                    allow_redirects=False,
                    proxies={"http": None, "https": None, "all": None} if local else None,  # type: ignore[dict-item]
                )
            except requests.RequestException as problem:
                fatal = refused(problem, urlsplit(self.base_url).netloc, self._verify)
                if fatal:
                    raise fatal from None
                return lost_reason(problem, urlsplit(self.base_url).hostname or "")
            except (OSError, ValueError) as problem:
                raise unusable(problem, self._verify) from None
            if answer.status_code not in REDIRECTS or "Location" not in answer.headers:
                return _answer(answer, call)
            url, options = self._redirected(url, answer, method), {**options, "params": None}
        raise ExternalError("the system redirects in a circle", remedy="Check the address of the connection")

    def _redirected(self, url: str, answer: requests.Response, method: str) -> str:
        target = urljoin(url, answer.headers["Location"])
        host = urlsplit(target).hostname or "nowhere"
        if not same_origin(url, target):
            raise ExternalError(
                f"the system redirects to {host}, where the credentials must not go",
                remedy=f"If that is the right address, write it into the connection's settings: {host}",
            )
        if method not in {"GET", "HEAD"}:
            raise ExternalError(
                "the system redirects a write", remedy="Write the final address into the connection's settings"
            )
        return target

    def _told(self, error: CsconnectError, call: _Call) -> CsconnectError:
        """The error with secrets masked and, where it names no place, the connection and call it is about."""
        if not error.where:
            place = f"{self._context.connection} {call.method} {call.path.split('?', 1)[0]}".strip()
            error.__init__(error.what, where=place, remedy=error.remedy, code=error.error_code)  # type: ignore[misc]
        bare = {value.removeprefix("Bearer ").removeprefix("Basic ") for value in call.seen}
        return scrubbed(error, self._secrets | bare)


class _Call:
    """One call while it is being made, repeats included."""

    def __init__(self, method: str, path: str, options: dict[str, Any], family: str, safe: bool) -> None:
        self.method, self.path, self.options, self.family, self.safe = method, path, options, family, safe
        self.renewed = False
        self.seen: set[str] = set()


class _Stamp(requests.auth.AuthBase):
    """Puts the credentials on a request at the last moment, so that nothing on the way can replace them."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers)
        return request


def prepared(session: requests.Session, threads: int) -> requests.Session:
    """``session`` with a pool for ``threads``, no cookies and no retries of its own; adapters mounted by the caller stay."""
    for scheme in ("https://", "http://"):
        if type(session.adapters.get(scheme)) is HTTPAdapter:
            session.mount(scheme, HTTPAdapter(pool_maxsize=threads, max_retries=0))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _answer(answer: requests.Response, call: _Call) -> Answer:
    return Answer(
        status=answer.status_code,
        headers=answer.headers,
        body=answer.content,
        request_id=request_id(answer.headers),
        elapsed=answer.elapsed.total_seconds(),
        method=call.method,
        path=call.path,
        family=call.family,
    )
