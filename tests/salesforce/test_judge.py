"""Salesforce's ways of saying no, and the remedy each of them gets."""

from __future__ import annotations

import json

import pytest

from csconnect.connectors.http import Answer, Quota
from csconnect.errors import (
    AuthError,
    ConfigError,
    ExternalError,
    MissingFieldError,
    QuotaReservedError,
    RateLimitedError,
    ScopeError,
    TransientError,
    UnreachableError,
)
from csconnect_salesforce.judge import SalesforceJudge


def answer(
    status: int, code: str = "", message: str = "", path: str = "/services/data/v62.0/query/", **headers: str
) -> Answer:
    body = json.dumps([{"errorCode": code, "message": message}]).encode() if code else b"<html>down</html>"
    return Answer(status, headers, body, path=path)


@pytest.mark.parametrize(
    ("given", "kind", "error", "says"),
    [
        (answer(401, "INVALID_SESSION_ID", "Session expired or invalid"), "reauth", AuthError, "Session expired"),
        (
            answer(400, "INVALID_FIELD", "\nERROR at Row:1:Column:8\nNo such column 'X__c' on entity 'Account'. If"),
            "fail",
            MissingFieldError,
            "X__c on Account",
        ),
        (
            answer(400, "INVALID_FIELD", "No such column 'Y__c' on sobject of type Task"),
            "fail",
            MissingFieldError,
            "Y__c on Task",
        ),
        (
            answer(400, "INVALID_TYPE", "sObject type 'Survey__c' is not supported."),
            "fail",
            MissingFieldError,
            "Survey__c",
        ),
        (
            answer(404, "NOT_FOUND", "nope", "/services/data/v62.0/sobjects/Goal__c/describe"),
            "fail",
            MissingFieldError,
            "hidden",
        ),
        (
            answer(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            "fail",
            QuotaReservedError,
            "24 hours",
        ),
        (
            answer(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
            "retry",
            RateLimitedError,
            "at once",
        ),
        (answer(403, "API_DISABLED_FOR_ORG", "off"), "fail", ScopeError, "API Enabled"),
        (answer(400, "INSUFFICIENT_ACCESS_OR_READONLY", "no"), "fail", ScopeError, "permission set"),
        (answer(400, "MALFORMED_QUERY", "unexpected token"), "fail", ConfigError, "where"),
        (answer(400, "INVALID_QUERY_LOCATOR", "gone"), "fail", TransientError, "resumes"),
        (answer(410, "UNSUPPORTED_API_VERSION", "old"), "fail", ConfigError, "api_version"),
        (answer(503), "retry", UnreachableError, "maintained"),
        (answer(500, "UNKNOWN_EXCEPTION", "x"), "retry", UnreachableError, "500"),
        (answer(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access"), "retry", TransientError, "locked"),
        (answer(405, "METHOD_NOT_ALLOWED", "m"), "fail", ExternalError, "METHOD_NOT_ALLOWED"),
        (answer(400), "fail", ExternalError, "status 400"),
    ],
)
def test_each_answer_has_its_error_and_remedy(given, kind, error, says):
    verdict = SalesforceJudge(Quota())(given)
    assert verdict.kind == kind
    assert type(verdict.error) is error
    assert says in str(verdict.error)
    assert verdict.error.remedy


def test_refusals_that_did_nothing_say_so_and_failures_do_not():
    judge = SalesforceJudge(Quota())
    assert judge(answer(403, "REQUEST_LIMIT_EXCEEDED", "Concurrent")).nothing_done
    assert not judge(answer(503)).nothing_done


def test_the_quota_is_read_off_every_answer():
    quota = Quota(reserve=0.2)
    SalesforceJudge(quota)(answer(400, "INVALID_FIELD", "x", **{"Sforce-Limit-Info": "api-usage=7/100"}))
    assert quota.left() == 73
