"""When a call is made again. The only module that knows tenacity."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_never

from csconnect.connectors.http.answer import Answer
from csconnect.connectors.http.judge import Verdict
from csconnect.connectors.protocols import Context
from csconnect.errors import CsconnectError, RateLimitedError, UnreachableError

UNKNOWN_OUTCOME = "E-UNKNOWN-OUTCOME"
"""Code of the `UnreachableError` that says: the call may have been carried out; read back before doing it again."""

Result = TypeVar("Result")


@dataclass(frozen=True)
class Lost:
    """No answer came. ``sent`` is False when we know that the request never reached the system; ``absent`` when nobody is there
    at all, which waiting seldom mends: a name without an address, or a host that refuses the connection."""

    reason: str
    sent: bool
    absent: bool = False


@dataclass(frozen=True)
class Decision:
    """Either make the call again after ``wait`` seconds, or raise ``error``."""

    again: bool
    wait: float = 0.0
    error: CsconnectError | None = None


class Again(Exception):
    """Raised inside an attempt: make the call once more after ``wait`` seconds."""

    def __init__(self, wait: float, why: str) -> None:
        self.wait = wait
        self.why = why
        super().__init__(why)


@dataclass(frozen=True)
class RetryPolicy:
    """``attempts`` in all, ``knocks`` where nobody is there.

    Waits grow from ``base`` by doubling up to ``cap`` seconds, times a jitter in [0.5, 1).

    A wait asked for by the system is obeyed to the second, but never beyond ``patience``: then the run says so and stops.
    """

    attempts: int = 6
    knocks: int = 4
    base: float = 0.5
    cap: float = 60.0
    patience: float = 120.0
    jitter: Callable[[], float] = field(default=random.random, repr=False)

    def decide(
        self, attempt: int, outcome: Verdict | Lost, *, idempotent: bool, asked: float | None = None
    ) -> Decision:
        """The whole retry rule. ``attempt`` counts from 1; ``asked`` is the wait in the answer's Retry-After, if any.

        1. The system has the last word: what it judged a failure is a failure, and the wait it asks for is the wait.
        2. A call that was certainly not carried out may be repeated, whatever its method.
        3. After an unknown outcome only an idempotent call is repeated; any other is handed up to be read back.
        """
        if isinstance(outcome, Verdict) and outcome.kind != "retry":
            return Decision(False, error=outcome.error or UnreachableError("the system refused the call"))
        nothing_done = not outcome.sent if isinstance(outcome, Lost) else bool(outcome.nothing_done)
        if not nothing_done and not idempotent:
            return Decision(False, error=_unknown(outcome))
        wait = self._wait(attempt, outcome.wait if isinstance(outcome, Verdict) else None, asked)
        most = min(self.attempts, self.knocks) if isinstance(outcome, Lost) and outcome.absent else self.attempts
        if attempt >= most or wait > self.patience:
            return Decision(False, error=_given_up(outcome, attempt, wait))
        return Decision(True, wait=wait)

    def _wait(self, attempt: int, judged: float | None, asked: float | None) -> float:
        told = [wait for wait in (judged, asked) if wait is not None]
        if told:
            return max(told)
        return min(self.cap, self.base * 2.0 ** (attempt - 1)) * (0.5 + self.jitter() / 2)

    def run(self, attempt: Callable[[int], Result], context: Context) -> Result:
        """Call ``attempt(number)`` until it does not raise `Again`; sleeps through the context and says why it waits."""

        def wait(state: RetryCallState) -> float:
            again = state.outcome.exception() if state.outcome else None
            return again.wait if isinstance(again, Again) else 0.0

        def tell(state: RetryCallState) -> None:
            again = state.outcome.exception() if state.outcome else None
            if isinstance(again, Again) and again.wait > 0:
                context.note(f"waiting {max(1, round(again.wait))} s: {again.why}")

        retrying = Retrying(
            sleep=context.sleep,
            wait=wait,
            retry=retry_if_exception_type(Again),
            stop=stop_never,
            before_sleep=tell,
            reraise=True,
        )
        numbers = iter(range(1, self.attempts + 2))
        return retrying(lambda: attempt(next(numbers)))


def asked_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds in a Retry-After header, in either of its forms (RFC 9110, 10.2.3); None without or with an unreadable one."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds()) if text else None
    except (ValueError, TypeError):
        return None


def certain(verdict: Verdict, answer: Answer) -> bool:
    """Whether the system certainly did nothing: the judge's word, else anything below 500 is a refusal."""
    return answer.status < 500 if verdict.nothing_done is None else verdict.nothing_done


def _unknown(outcome: Verdict | Lost) -> CsconnectError:
    reason = outcome.reason if isinstance(outcome, Lost) else "the system failed while answering"
    return UnreachableError(
        f"{reason}; whether the write was carried out is not known",
        remedy="The records are read back before anything is written again",
        code=UNKNOWN_OUTCOME,
    )


def _given_up(outcome: Verdict | Lost, attempt: int, wait: float) -> CsconnectError:
    if isinstance(outcome, Lost):
        return UnreachableError(
            f"{outcome.reason} ({attempt} attempts)", remedy="Check the address, the network and the proxy"
        )
    return outcome.error or RateLimitedError(
        f"the system asks to wait ({attempt} attempts, {wait:.0f} s more)", remedy="Run again later"
    )
