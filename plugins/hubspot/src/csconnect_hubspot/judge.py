"""What HubSpot's answers mean to us, and what their headers say about rates and the day's quota."""

from __future__ import annotations

from collections.abc import Mapping

from csconnect.connectors.http import Answer, Budget, Quota, Verdict
from csconnect.connectors.http.judge import OK
from csconnect.errors import (
    AuthError,
    CsconnectError,
    QuotaReservedError,
    RateLimitedError,
    ScopeError,
    UnreachableError,
)
from csconnect_hubspot.problem import Problem, Refused

PREFIX = "X-HubSpot-RateLimit-"
LOCKED_WAIT = 2.0
"""423: the vendor asks for two seconds (page "Error handling")."""
MIGRATION = 477
CLOUD_ERRORS = frozenset({500, 502, 503, 504, 521, 522, 523, 524})


class HubSpotJudge:
    """One for all calls of a connection."""

    def __init__(self, budgets: Mapping[str, Budget], quota: Quota) -> None:
        self._budgets = budgets
        self._quota = quota

    def __call__(self, answer: Answer, /) -> Verdict:
        self._learn(answer)
        if answer.ok:
            return OK
        problem = Problem.of(answer.data())
        if answer.status == 401:
            return Verdict("reauth", error=unauthorised())
        if answer.status == 403:
            return Verdict("fail", error=_forbidden(problem))
        if answer.status == 423:
            return Verdict("retry", wait=LOCKED_WAIT, error=_busy("the record is locked"), nothing_done=True)
        if answer.status == 429:
            return _limited(problem)
        if answer.status == MIGRATION:
            error = _busy("the portal is being moved to another data centre")
            return Verdict("retry", error=error, nothing_done=True)
        if answer.status in CLOUD_ERRORS or answer.status > 500:
            return Verdict("retry", error=_broken(answer.status), nothing_done=False)
        return Verdict("fail", error=Refused.of(answer.status, problem, answer.request_id))

    def _learn(self, answer: Answer) -> None:
        daily, left = _number(answer, "Daily"), _number(answer, "Daily-Remaining")
        if daily and left is not None:
            self._quota.learn(limit=daily, used=daily - left)
        budget, limit = self._budgets.get(answer.family), _number(answer, "Max")
        # Search answers carry the daily pair only; were they ever to carry more, it would speak of the general rate.
        if budget is not None and limit and answer.family == "default":
            milliseconds = _number(answer, "Interval-Milliseconds")
            budget.learn(
                limit=limit,
                remaining=_number(answer, "Remaining"),
                interval=milliseconds / 1000 if milliseconds else None,
            )


def unauthorised() -> AuthError:
    return AuthError(
        "HubSpot does not accept the credentials",
        remedy="Make a new service key (Development > Keys > Service keys), or install the OAuth app again,"
        " and put the new value where the connection's settings point to",
    )


def _forbidden(problem: Problem) -> CsconnectError:
    if problem.category != "MISSING_SCOPES" and not problem.scopes:
        return ScopeError(
            f"HubSpot forbids this call: {problem.message or 'no reason given'}",
            remedy="Ask a super admin of the portal to give the key access, and check the portal's subscription",
        )
    named = ", ".join(problem.scopes) or "those that the vendor's page of this endpoint names"
    return ScopeError(
        "the service key or app lacks a scope for this call",
        remedy=f"Grant one of these scopes (Development > Keys > Service keys, or the app's scopes): {named}",
    )


def _limited(problem: Problem) -> Verdict:
    """Both shapes: documented (``policyName``) and recorded from the search endpoints (a sentence only)."""
    text = f"{problem.policy} {problem.message}".lower()
    if "daily" in text:
        return Verdict(
            "fail",
            error=QuotaReservedError("the portal's calls of this day are used up", remedy="Run again tomorrow"),
            nothing_done=True,
        )
    wait = 10.0 if "ten_secondly" in text or "ten secondly" in text else 1.0 if "secondly" in text else None
    error = RateLimitedError(
        "HubSpot still answers that there are too many calls",
        remedy="Something else uses this portal's rate at the same time; run again later",
    )
    return Verdict("retry", wait=wait, error=error, nothing_done=True)


def _busy(why: str) -> RateLimitedError:
    return RateLimitedError(why, remedy="Run again later")


def _broken(status: int) -> UnreachableError:
    return UnreachableError(
        f"HubSpot has a problem of its own (status {status})", remedy="See status.hubspot.com and run again later"
    )


def _number(answer: Answer, name: str) -> int | None:
    text = str(answer.headers.get(PREFIX + name, ""))
    return int(text) if text.isdecimal() else None
