"""Runs, plans, receipts, holds and locks: csconnect's memory of what it did."""

from csconnect.ledger.book import Entry
from csconnect.ledger.holds import Hold
from csconnect.ledger.ledger import Ledger
from csconnect.ledger.runs import Run

__all__ = ["Entry", "Hold", "Ledger", "Run"]
