"""The emulator's clock: real time unless a test moves it; stamps of changes never repeat and never go back."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC; exact, because a float of today's seconds is not."""
    return (moment - _EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant of a count of microseconds."""
    return _EPOCH + micros * MICROSECOND


class Clock:
    """Time as the emulated systems see it."""

    def __init__(self) -> None:
        self._offset = 0
        self._frozen: int | None = None
        self._last = 0
        self._lock = threading.Lock()

    def micros(self) -> int:
        """Now, in microseconds UTC."""
        real = self._frozen if self._frozen is not None else to_micros(datetime.now(UTC))
        return real + self._offset

    def now(self) -> datetime:
        """Now, as an aware UTC instant."""
        return from_micros(self.micros())

    def tick(self) -> int:
        """A stamp for a change: now, or one microsecond after the last stamp when time has not moved on."""
        with self._lock:
            self._last = max(self.micros(), self._last + 1)
            return self._last

    def advance(self, seconds: float) -> None:
        """Move time by some seconds, forward or back; stamps of changes still only grow."""
        self._offset += round(seconds * 1_000_000)

    def set(self, moment: datetime, *, frozen: bool = False) -> None:
        """Make it ``moment``; with ``frozen`` time then stands still until it is advanced."""
        self._frozen = to_micros(moment) if frozen else None
        self._offset = 0 if frozen else to_micros(moment) - to_micros(datetime.now(UTC))
        self._last = 0
