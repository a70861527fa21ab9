"""Where the next pull of one object resumes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from csconnect.errors import DataError
from csconnect_salesforce.soql import instant, moment

MOST_SEEN = 2_000
"""A bulk edit can put more records than this into the overlap; then some are delivered twice, which the core absorbs."""


@dataclass(frozen=True)
class Cursor:
    """``at`` is the newest SystemModstamp delivered, ``gone`` the newest deletion; ``seen`` names what the overlap will show again.

    The two are kept apart because a deletion can be older than rows that were delivered after it was looked for. ``parents`` is
    the moment up to which changes of parents are known; a cursor without it (None) has looked for them as far as ``at``.
    """

    at: datetime
    gone: datetime
    seen: Mapping[str, str] = field(default_factory=dict)
    parents: datetime | None = None

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor in ``text``; `DataError` when it is not one of ours."""
        try:
            raw = json.loads(text)
            parents = moment(raw["parents"]) if "parents" in raw else None
            return cls(moment(raw["at"]), moment(raw["gone"]), dict(raw.get("seen", {})), parents)
        except (ValueError, KeyError, TypeError):
            raise DataError(
                "the stored cursor is not one of this connector", remedy="Pull this connection anew (--full)"
            ) from None

    def write(self) -> str:
        stamps = {"at": self.at, "gone": self.gone} | ({"parents": self.parents} if self.parents else {})
        texts = {name: instant(stamp) for name, stamp in stamps.items()}
        return json.dumps({**texts, "seen": dict(self.seen)}, separators=(",", ":"))


class Overlap:
    """What has been delivered lately, so that the look-back of the next pull delivers nothing twice.

    A version is known by its stamp *and* a digest of what was delivered: Salesforce stamps whole seconds, and a second edit
    within the second of the first must not be taken for the same.

    ``began`` is when this pull began. A stamp after it says nothing about how far we have read: the row was edited while we
    were reading, and others may have been edited behind us before it.
    """

    def __init__(self, width: timedelta, start: Cursor | None, began: datetime | None = None) -> None:
        self._width = width
        self._began = began
        self.at = start.at if start else None
        self._gone = start.gone if start else None
        # What is read from now on shows its parents as they are now; what was read before, as they were then.
        self._parents = (start.parents or start.at) if start else began
        self._seen: dict[str, str] = dict(start.seen) if start else {}

    def row(self, id: str, stamp: str, content: object) -> bool:
        """Note that a row is delivered; False when just this version was delivered before."""
        when = moment(stamp)
        if self._began is None or when <= self._began:
            self.at = max(when, self.at) if self.at else when
        return self._note(id, stamp, content)

    def finish(self) -> None:
        """Everything there was when the pull began is delivered, even if all of it was edited since."""
        self.parents_read()
        if self.at is None and self._seen:
            self.at = self._began

    def parents_read(self) -> None:
        """Every row whose parents had changed when the pull began is delivered."""
        self._parents = self._began

    def deleted(self, id: str, stamp: str) -> bool:
        """Note that a deletion is delivered; False when it was delivered before."""
        self._gone = max(moment(stamp), self._gone) if self._gone else moment(stamp)
        return self._note(id, stamp, None)

    def outside(self, id: str, stamp: str) -> bool:
        """Note that a record is out of the mapping's scope; False when that was told before. Says nothing of deletions."""
        return self._note(id, stamp, None)

    def cursor(self) -> str | None:
        """The cursor after everything delivered so far; None while no row was ever seen."""
        if self.at is None:
            return None
        gone = self._gone or self.at
        since = min(self.at, gone) - self._width
        self._seen = {id: seen for id, seen in self._seen.items() if moment(seen.partition(" ")[0]) >= since}
        if len(self._seen) > MOST_SEEN:
            self._seen = {}
        return Cursor(self.at, gone, self._seen, self._parents).write()

    def _note(self, id: str, stamp: str, content: object) -> bool:
        digest = hashlib.sha256(repr(content).encode()).hexdigest()[:8]
        version = f"{stamp} {digest}"
        news = self._seen.get(id) != version
        self._seen[id] = version
        return news
