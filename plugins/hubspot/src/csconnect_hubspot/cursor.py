"""Where the next pull of an object resumes, as a short text that only this connector reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from csconnect.errors import DataError

Mode = Literal["list", "changes", "done"]


@dataclass(frozen=True)
class Position:
    """How far a pull has got.

    ``list`` reads everything in the order of the list endpoint and ``after`` is that endpoint's token. ``changes`` reads
    what was modified since ``since``, by ascending id, and ``after`` is the last id. ``done`` waits for the next pull.
    ``since`` is the moment up to which changes are known (None: never pulled); ``start`` becomes ``since`` when this pull
    is through; ``swept`` is when everything was last read.
    """

    mode: Mode
    since: datetime | None
    start: datetime
    swept: datetime
    after: str = ""

    @classmethod
    def begin(cls, cursor: str | None, start: datetime, sweep: timedelta) -> Position:
        """Where to go on from ``cursor``: an interrupted pull goes on, a finished one is followed by the next."""
        if cursor is None:
            return cls("list", None, start, start)
        last = cls.read(cursor)
        if last.mode != "done":
            return last
        if start - last.swept >= sweep:
            return cls("list", last.since, start, start)
        return cls("changes", last.since, max(start, last.start), last.swept)

    @classmethod
    def read(cls, cursor: str) -> Position:
        try:
            parts = json.loads(cursor)
            since = parts["since"]
            return cls(
                parts["mode"],
                None if since is None else _instant(since),
                _instant(parts["start"]),
                _instant(parts["swept"]),
                parts["after"],
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise DataError(
                "the cursor was not written by this connector",
                where="HubSpot",
                remedy="Pull this connection from scratch",
            ) from None

    def at(self, after: str) -> str:
        """The cursor behind a delivered page."""
        return replace(self, after=after).text()

    def done(self) -> str:
        """The cursor of a pull that is through."""
        return replace(self, mode="done", since=self.start, after="").text()

    def text(self) -> str:
        parts = asdict(self)
        return json.dumps({name: _spell(value) for name, value in parts.items()}, separators=(",", ":"))


def _spell(value: object) -> object:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a cursor's instants are aware")
    return moment
