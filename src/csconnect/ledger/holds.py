"""Accounts that are left alone until somebody says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from csconnect.ledger.schema import holds
from csconnect.ledger.store import Store

_CHUNK = 500


@dataclass(frozen=True)
class Hold:
    """An account (canonical key) on hold: since when, by which run, and why."""

    account: str
    run_id: str
    why: str
    since: datetime


class Holds(Store):
    """Holds by account; undo sets them, ``undo --release`` lifts them."""

    def hold(self, accounts: Sequence[str], run_id: str, why: str) -> None:
        """Leave accounts alone; one that is held already keeps its first entry."""
        at = self._at()
        rows: list[dict[str, object]] = [
            {"account": account, "run_id": run_id, "why": self._scrub(why), "since": at} for account in accounts
        ]
        if rows:
            with self._write() as connection:
                self._upsert(connection, holds, rows)

    def holds(self) -> dict[str, Hold]:
        """Every hold by account."""
        with self._read() as connection:
            rows = connection.execute(select(holds).order_by(holds.c.account)).all()
        return {row.account: Hold(row.account, row.run_id, row.why, datetime.fromisoformat(row.since)) for row in rows}

    def release(self, accounts: Sequence[str] | None = None) -> int:
        """Lift the holds of ``accounts``, or all of them; says how many there were."""
        lifted = 0
        with self._write() as connection:
            if accounts is None:
                return connection.execute(delete(holds)).rowcount
            for start in range(0, len(accounts), _CHUNK):
                chunk = accounts[start : start + _CHUNK]
                lifted += connection.execute(delete(holds).where(holds.c.account.in_(chunk))).rowcount
        return lifted
