"""How fast and how much: a rate per endpoint family, and a day's quota that leaves some for people."""

from __future__ import annotations

import threading
from collections import deque

from csconnect.connectors.protocols import Context
from csconnect.errors import QuotaReservedError


class Budget:
    """At most ``rate`` calls in any window of ``interval`` seconds, however many threads ask.

    A bucket that refills evenly would let up to twice the rate through one window right after a pause; the vendors count
    windows, so the times of the last ``rate`` grants are kept instead. ``share`` is the part of the rate that we use.
    """

    def __init__(self, rate: int, interval: float, context: Context, *, share: float = 1.0) -> None:
        self._context = context
        self._share = share
        self._rate = self._used_rate(rate)
        self._interval = interval
        self._grants: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for the next free place. The place is booked before sleeping, so callers are served in order."""
        with self._lock:
            now = self._now()
            at = max(now, self._grants[-1] if self._grants else now)
            if len(self._grants) >= self._rate:
                at = max(at, self._grants[-self._rate] + self._interval)
            self._grants.append(at)
        if at > now:
            self._context.sleep(at - now)

    def learn(self, *, limit: int | None = None, remaining: int | None = None, interval: float | None = None) -> None:
        """What the system's headers say: its limit, how much of it is left in this window, the window in seconds.

        Others may use the same credentials: when the system has counted more calls than we made, the surplus is booked.
        """
        with self._lock:
            if interval and interval > 0:
                self._interval = interval
            if limit is not None and limit > 0:
                self._rate = self._used_rate(limit)
            if limit is not None and remaining is not None:
                now = self._now()
                surplus = min(limit - remaining, self._rate) - len(self._grants)
                at = max(now, self._grants[-1] if self._grants else now)
                self._grants.extend([at] * max(0, surplus))

    def _used_rate(self, limit: int) -> int:
        return max(1, int(limit * self._share))

    def _now(self) -> float:
        """Now in seconds; forgets grants that no window can reach any more, and all of them if the clock was set back."""
        now = self._context.now().timestamp()
        while self._grants and self._grants[0] <= now - self._interval:
            self._grants.popleft()
        if self._grants and self._grants[0] > now + self._interval:
            self._grants.clear()
        return now


class Quota:
    """A day's calls, of which the share ``reserve`` is left to people and other programs.

    Nothing is known until the system has told (`learn`); from then on every call is counted here too, so that many threads
    cannot run past the reserve between two answers.
    """

    SLACK = 200
    """Our own count may be ahead by calls in flight; further ahead than this, a new day has begun."""

    def __init__(self, *, reserve: float = 0.2, where: str = "") -> None:
        self.reserve = reserve
        self._where = where
        self._limit: int | None = None
        self._used = 0
        self._lock = threading.Lock()

    def spend(self, calls: int = 1) -> None:
        """Count ``calls``; raises `QuotaReservedError`, counting nothing, when they would reach into the reserve."""
        with self._lock:
            if self._limit is not None and self._used + calls > self._allowed(self._limit):
                raise QuotaReservedError(
                    f"{self._used} of the {self._limit} calls of this day are used; the rest is kept for people",
                    where=self._where,
                    remedy="Run again tomorrow, or lower quota_reserve for this connection",
                )
            self._used += calls

    def learn(self, *, limit: int, used: int) -> None:
        """What the system counts: the day's ``limit`` and how much of it is ``used`` by everyone."""
        with self._lock:
            known = self._limit is not None and self._used - used <= self.SLACK
            self._limit = limit
            self._used = max(self._used, used) if known else used

    def left(self) -> int | None:
        """Calls that may still be made before the reserve, or None while nothing is known."""
        with self._lock:
            return None if self._limit is None else max(0, self._allowed(self._limit) - self._used)

    def _allowed(self, limit: int) -> int:
        return int(limit * (1.0 - self.reserve))
