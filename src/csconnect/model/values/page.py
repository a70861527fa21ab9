"""What a source yields: plain rows, what has gone, and where to resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

Cursor = str
"""Where the next pull resumes. Opaque to the core; a connector may put any short text in it."""


@dataclass(frozen=True)
class Tombstone:
    """A record that is gone. ``merged_into`` is the survivor's bare id when it was merged, else it was deleted."""

    id: str
    merged_into: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Unreadable:
    """A row that the connector itself could not read; it is set aside like one that does not fit.

    ``id`` is the record's bare id, or where the row stands (``accounts.csv, row 17``) when not even that can be told.
    """

    id: str
    reason: str


@dataclass(frozen=True)
class Page:
    """Some rows of one object, as the system spells them: field path -> plain value.

    ``rows`` is a list of dicts or one Arrow record batch. ``cursor`` is set on a page after which everything up to it is
    safely delivered; the core stores it together with the rows and never before them. ``complete`` on the last page says that
    this pull delivered everything there is, so that records it did not mention are gone.
    """

    rows: Sequence[dict[str, Any]] | pa.RecordBatch = ()
    cursor: Cursor | None = None
    tombstones: Sequence[Tombstone] = field(default_factory=tuple)
    complete: bool = False
    unreadable: Sequence[Unreadable] = field(default_factory=tuple)
