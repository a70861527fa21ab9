"""The ledger: what csconnect did, when and why, in SQLite or PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from csconnect.ledger.book import Book
from csconnect.ledger.holds import Holds
from csconnect.ledger.judgements import Judgements
from csconnect.ledger.locks import Locks
from csconnect.ledger.runs import Runs
from csconnect.ledger.store import Clock, Scrub, default_clock, open_engine


class Ledger(Runs, Judgements, Book, Holds, Locks):
    """Runs, what judged in them, plans, the journal of every write, holds and locks. Safe to share between threads.

    Losing it loses history, never correctness: the CRM itself is the state (architecture, decision 4).
    """

    @classmethod
    def open(cls, where: str | Path, *, now: Clock = default_clock, scrub: Scrub = str) -> Self:
        """Open or make a ledger at a file or database URL and bring its tables up to date.

        ``scrub`` takes secrets out of every free text (messages, reasons, remarks) before it is stored.
        """
        return cls(open_engine(where), now, scrub)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
