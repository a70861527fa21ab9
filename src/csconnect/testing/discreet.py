"""Law 8: no secret is ever shown. Part of both kits."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from csconnect.connectors.protocols import Lookup, PullRequest
from csconnect.errors import AuthError, CsconnectError
from csconnect.model.values import Level
from csconnect.testing.bench import Bench
from csconnect.testing.picking import needs
from csconnect.testing.verdict import demand, refusal

_WHY = "reprs and errors end in logs, tickets and chats"


class DiscreetTests:
    """What a connector says of itself, in good days and bad."""

    def test_a_connector_shows_no_secret(self, bench: Bench) -> None:
        with bench.opened() as connector:
            _silent(bench, f"{connector!r} {connector} {connector.capabilities!r}", "The connector's repr or str")
            for attempt in _attempts(bench, connector):
                _silent(bench, _told(attempt), "An error or its traceback")

    @needs("denied")
    def test_wrong_credentials_are_an_auth_error_without_the_credentials(self, bench: Bench) -> None:
        connector = bench.denied()
        try:
            with refusal(AuthError, "A first call with wrong credentials", why=_AUTH, do="an AuthError") as caught:
                connector.org()
            demand(
                caught.error is not None and caught.error.remedy,
                "The AuthError has no remedy",
                why=_AUTH,
                do="AuthError(what, remedy=what to do about it)",
            )
            findings = connector.check()
            demand(
                any(each.level is Level.ERROR and each.remedy for each in findings),
                f"check() with wrong credentials found {[each.level.value for each in findings]}",
                why=_AUTH,
                do="an ERROR finding with a remedy; check() does not raise for what it is there to find",
            )
            _silent(bench, _told(connector.org) + repr(findings), "An AuthError, its traceback or a finding")
        finally:
            connector.close()


_AUTH = "a run stops at once on AuthError and tells the admin what to renew"


def _attempts(bench: Bench, connector: Any) -> list[Callable[[], object]]:
    """Things that go wrong."""
    table, lost = bench.mapping("account").object, "csconnect_no_such_object"
    attempts: list[Callable[[], object]] = []
    if hasattr(connector, "pull"):
        attempts.append(lambda: connector.describe(lost))
        attempts.append(lambda: list(connector.pull(PullRequest(lost, ("id",)))))
    if hasattr(connector, "existing"):
        attempts.append(lambda: list(connector.existing(Lookup(table, ("csconnect no such field",), "id", ("?",)))))
        attempts.append(lambda: list(connector.existing(Lookup(lost, ("id",), "id", ("1",)))))
    return attempts


def _told(attempt: Callable[[], object]) -> str:
    """The error of an attempt with its whole chain, as a log would show it; empty when there is none."""
    try:
        attempt()
    except CsconnectError as error:
        return "".join(traceback.format_exception(error)) + repr(error)
    except Exception as error:
        raise AssertionError(
            f"{type(error).__name__} left the connector. Write next: an error of csconnect.errors"
        ) from error
    return ""


def _silent(bench: Bench, text: str, what: str) -> None:
    shown = sum(secret in text for secret in bench.secrets)
    demand(
        not shown,
        f"{what} shows a secret",
        why=_WHY,
        do="SecretStr in the settings, scrubbed errors, a repr of its own",
    )
