"""Request limits (vendor page "Usage guidelines"), counted on the emulator's clock."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from csconnect_emulator.hubspot.errors import rate_limited, search_limited

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


DEFAULTS: dict[str, int] = {
    "enforced": 1,
    "ten_seconds": 190,
    "searches_a_second": 5,
    "max": 650_000,
    "used": 0,
    "search_cap": 10_000,
    "search_lag_ms": 300,
    "batch": 100,
    "unique_properties": 10,
}
"""What the portal allows; all of it may be changed while the server runs (``/_emulator/quota``).

``enforced`` 0 counts everything and refuses nothing, for bulk tests. ``search_cap`` is how deep one search can be paged,
``search_lag_ms`` how long a new record stays out of search.
"""


@dataclass
class RateBook:
    """Counts requests. ``now`` gives microseconds of the emulator's clock; ``limits`` has the keys of `DEFAULTS`."""

    limits: dict[str, int]
    now: Callable[[], int]
    _day: int = -1
    _recent: dict[str, deque[int]] = field(default_factory=dict)
    _searches: deque[int] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, token: str, *, search: bool, oauth: bool) -> dict[str, str]:
        """Count one request and give its answer's headers; raises 429 when a limit is reached.

        A search counts against its own limit of the whole portal and, as every request, against the day's; recorded
        search answers carry only the Daily pair, answers to OAuth apps all but the Daily pair.
        """
        with self._lock:
            return self._take(token, search=search, oauth=oauth)

    def _take(self, token: str, *, search: bool, oauth: bool) -> dict[str, str]:
        at = self.now()
        self._turn_day(at)
        window = _fresh(self._recent.setdefault(token, deque()), at - 10 * _SECOND)
        searches = _fresh(self._searches, at - _SECOND)
        headers = self._headers(len(window), search=search, oauth=oauth)
        if self.limits["enforced"]:
            self._refuse(len(window), len(searches), search=search, headers=headers)
        (searches if search else window).append(at)
        self.limits["used"] += 1
        return self._headers(len(window), search=search, oauth=oauth)

    def _refuse(self, window: int, searches: int, *, search: bool, headers: dict[str, str]) -> None:
        if self.limits["used"] >= self.limits["max"]:
            raise rate_limited("DAILY", headers)
        if search and searches >= self.limits["searches_a_second"]:
            raise search_limited(headers)
        if not search and window >= self.limits["ten_seconds"]:
            raise rate_limited("TEN_SECONDLY_ROLLING", headers)

    def _turn_day(self, at: int) -> None:
        if self._day not in (-1, at // _DAY):
            self.limits["used"] = 0
        self._day = at // _DAY

    def _headers(self, window: int, *, search: bool, oauth: bool) -> dict[str, str]:
        daily = {
            "X-HubSpot-RateLimit-Daily": str(self.limits["max"]),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, self.limits["max"] - self.limits["used"])),
        }
        if search:
            return daily
        left = max(0, self.limits["ten_seconds"] - window)
        secondly = self.limits["ten_seconds"] // 10
        rolling = {
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(self.limits["ten_seconds"]),
            "X-HubSpot-RateLimit-Remaining": str(left),
            "X-HubSpot-RateLimit-Secondly": str(secondly),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(min(secondly, left)),
        }
        return rolling if oauth else {**daily, **rolling}


def _fresh(times: deque[int], since: int) -> deque[int]:
    while times and times[0] <= since:
        times.popleft()
    return times
