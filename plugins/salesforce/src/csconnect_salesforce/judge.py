"""What Salesforce's answers mean (REST API Developer Guide, "Status Codes and Error Responses")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from csconnect.connectors.http import Answer, Quota, Verdict
from csconnect.errors import (
    AuthError,
    ConfigError,
    CsconnectError,
    DataError,
    ExternalError,
    MissingFieldError,
    QuotaReservedError,
    RateLimitedError,
    ScopeError,
    TransientError,
    UnreachableError,
)

BOTH_REMEDIES = (
    "Create it (csconnect provision), or make it visible to csconnect's user (field-level security, permission set)"
)
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
_COLUMN = re.compile(r"(?:[Nn]o such column|[Nn]o such relation(?:ship)?|[Dd]idn't understand relationship) '([^']+)'")
_ENTITY = re.compile(r"(?:entity|type|sobject of type) '?([A-Za-z0-9_]+)'?")


@dataclass(frozen=True)
class Problem:
    """The first error of an answer: Salesforce's code, its sentence, the fields it names."""

    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer) -> Problem:
        body = answer.data()
        first = body[0] if isinstance(body, list) and body else body
        if not isinstance(first, dict):
            return cls()
        fields = first.get("fields") or ()
        # A message about a query is several lines with a pointer under one of them; an error of ours is one sentence.
        message = " ".join(str(first.get("message", "")).split())
        return cls(str(first.get("errorCode", "")), message, tuple(map(str, fields)))


class SalesforceJudge:
    """Judges answers, and reads the quota off each of them."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota

    def __call__(self, answer: Answer, /) -> Verdict:
        usage = _USAGE.search(answer.headers.get("Sforce-Limit-Info", ""))
        if usage:
            self._quota.learn(used=int(usage[1]), limit=int(usage[2]))
        return Verdict("ok") if answer.ok else _verdict(answer, Problem.of(answer))


def _verdict(answer: Answer, problem: Problem) -> Verdict:
    if answer.status == 401:
        return Verdict("reauth", error=_unauthorised(problem))
    if problem.code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(problem)
    if problem.code == "UNABLE_TO_LOCK_ROW":
        return Verdict(
            "retry",
            error=TransientError(f"records stay locked: {problem.message}", remedy="Run again"),
            nothing_done=True,
        )
    if answer.status >= 500:
        maintenance = answer.status == 503 and not problem.code
        what = "Salesforce is being maintained or overloaded" if maintenance else f"Salesforce failed ({answer.status})"
        return Verdict("retry", error=UnreachableError(what, remedy="See status.salesforce.com and run again"))
    return Verdict("fail", error=_failure(answer, problem))


def _unauthorised(problem: Problem) -> AuthError:
    return AuthError(
        f"Salesforce does not accept the session: {problem.message or problem.code or 'unauthorised'}",
        remedy="Check the credentials; a session id cannot be renewed, client_credentials and jwt can",
    )


def _limit(problem: Problem) -> Verdict:
    if "Concurrent" in problem.message:
        return Verdict(
            "retry", error=RateLimitedError("too many long calls run at once", remedy="Run again"), nothing_done=True
        )
    error = QuotaReservedError(
        "the org's API calls of the last 24 hours are used up",
        remedy="Run again later, or buy calls; see Company Information in Setup",
    )
    return Verdict("fail", error=error)


def _failure(answer: Answer, problem: Problem) -> CsconnectError:
    code, told = problem.code, f"{problem.code}: {problem.message}" if problem.code else f"status {answer.status}"
    if code == "INVALID_FIELD":
        return missing_field(problem.message, problem.fields)
    if code == "INVALID_TYPE" or (answer.status == 404 and "/sobjects/" in answer.path):
        return MissingFieldError(
            f"there is no such object, or it is hidden from us ({told})",
            remedy="Check the mapping's 'object', or give csconnect's user read access to it",
        )
    if code in {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"}:
        return ScopeError(
            "the API is not enabled", remedy="Give the user the permission 'API Enabled' in an edition that has the API"
        )
    if answer.status == 403 or code.startswith("INSUFFICIENT_ACCESS"):
        return ScopeError(
            f"a permission is missing ({told})", remedy="Grant it to csconnect's user by a permission set"
        )
    if code == "MALFORMED_QUERY":
        return ConfigError(
            f"Salesforce does not understand the query ({told})", remedy="Check 'where' and the paths of the mapping"
        )
    if code == "INVALID_QUERY_LOCATOR":
        return TransientError(
            "a long result was dropped by Salesforce before it was read", remedy="Run again; it resumes"
        )
    if answer.status == 410:
        return ConfigError("this API version is retired", remedy="Set a newer api_version for the connection")
    if answer.status == 300:
        return DataError("an external id names several records", remedy="Make the external id unique")
    return ExternalError(f"Salesforce refuses the call ({told})", remedy="See the message; csconnect check tells more")


def missing_field(message: str, fields: tuple[str, ...] = ()) -> MissingFieldError:
    """The error for a field that is missing or hidden, named as far as Salesforce's sentence names it."""
    column, entity = _COLUMN.search(message), _ENTITY.search(message)
    name = column[1] if column else ", ".join(fields)
    on = f" on {entity[1]}" if entity else ""
    what = (
        f"the field {name}{on} is missing or hidden from us"
        if name
        else f"a field is missing or hidden from us ({message})"
    )
    return MissingFieldError(what, remedy=BOTH_REMEDIES)
