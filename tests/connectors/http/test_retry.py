"""The retry rule over all the ways in which a call can end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.connectors.http.judge import Verdict
from csconnect.connectors.http.retry import UNKNOWN_OUTCOME, Again, Lost, RetryPolicy, asked_wait
from csconnect.connectors.protocols import Context
from csconnect.errors import ExternalError, RateLimitedError, UnreachableError

WAITS = st.none() | st.floats(0, 300)
REFUSALS = st.builds(Verdict, st.just("retry"), WAITS, st.none(), st.just(True))
FAILURES = st.builds(Verdict, st.just("retry"), WAITS, st.none(), st.just(False))
LOST = st.builds(Lost, st.just("it was lost"), st.booleans())
JITTERS = st.floats(0, 1, exclude_max=True)
ATTEMPTS = st.integers(1, 6)


@given(ATTEMPTS, FAILURES | LOST.filter(lambda lost: lost.sent), JITTERS, WAITS)
def test_a_call_that_is_not_idempotent_is_never_repeated_after_an_unknown_outcome(attempt, outcome, jitter, asked):
    decision = RetryPolicy(jitter=lambda: jitter).decide(attempt, outcome, idempotent=False, asked=asked)
    assert not decision.again
    assert isinstance(decision.error, UnreachableError)
    assert decision.error.error_code == UNKNOWN_OUTCOME


@given(st.integers(1, 5), REFUSALS | LOST.filter(lambda lost: not lost.sent), st.booleans(), JITTERS, WAITS)
def test_what_was_certainly_not_done_is_repeated_within_patience_whatever_the_method(
    attempt, outcome, safe, jitter, asked
):
    policy = RetryPolicy(jitter=lambda: jitter)
    decision = policy.decide(attempt, outcome, idempotent=safe, asked=asked)
    told = [wait for wait in (getattr(outcome, "wait", None), asked) if wait is not None]
    assert decision.again == (max(told, default=0) <= policy.patience)
    if decision.again and told:
        assert decision.wait == max(told)


@given(ATTEMPTS, REFUSALS | FAILURES | LOST, st.booleans(), JITTERS)
def test_waits_are_never_negative_nor_beyond_patience_and_attempts_end(attempt, outcome, safe, jitter):
    policy = RetryPolicy(jitter=lambda: jitter)
    decision = policy.decide(attempt, outcome, idempotent=safe)
    assert 0 <= decision.wait <= policy.patience
    assert decision.again or decision.error is not None
    assert not policy.decide(policy.attempts, outcome, idempotent=True).again


@given(JITTERS)
def test_unasked_waits_double_with_jitter(jitter):
    policy = RetryPolicy(base=1.0, cap=8.0, attempts=9, jitter=lambda: jitter)
    lost = Lost("gone", sent=False)
    waits = [policy.decide(n, lost, idempotent=True).wait for n in range(1, 7)]
    for wait, full in zip(waits, [1, 2, 4, 8, 8, 8], strict=True):
        assert full / 2 <= wait <= full


@given(JITTERS)
def test_where_nobody_is_there_a_person_waits_for_seconds_only(jitter):
    policy = RetryPolicy(jitter=lambda: jitter)
    absent = [policy.decide(n, Lost("nobody", sent=False, absent=True), idempotent=True) for n in range(1, 7)]
    lost = [policy.decide(n, Lost("lost", sent=False), idempotent=True) for n in range(1, 7)]
    assert sum(each.again for each in absent) < sum(each.again for each in lost)
    assert 1 <= sum(each.wait for each in absent) < 5


def test_a_failure_is_the_judges_error():
    error = ExternalError("no such thing")
    decision = RetryPolicy().decide(1, Verdict("fail", error=error), idempotent=True)
    assert (decision.again, decision.error) == (False, error)


def test_giving_up_on_a_refusal_without_a_judges_error_is_about_the_rate():
    assert isinstance(
        RetryPolicy(attempts=1).decide(1, Verdict("retry", nothing_done=True), idempotent=True).error, RateLimitedError
    )


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("5", 5.0),
        ("", None),
        ("Wed, 01 Jul 2026 00:01:00 GMT", 60.0),
        ("Tue, 30 Jun 2026 23:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
    ],
)
def test_retry_after_in_both_forms(text, wait):
    assert asked_wait({"Retry-After": text}, datetime(2026, 7, 1, tzinfo=UTC)) == wait


def test_the_loop_sleeps_what_was_decided_and_says_so():
    slept, notes = [], []
    context = Context("crm", sleep=slept.append, note=notes.append)

    def attempt(number: int) -> str:
        if number < 3:
            raise Again(number * 10.0, "the system is busy")
        return "done"

    assert RetryPolicy().run(attempt, context) == "done"
    assert slept == [10.0, 20.0]
    assert notes == ["waiting 10 s: the system is busy", "waiting 20 s: the system is busy"]
