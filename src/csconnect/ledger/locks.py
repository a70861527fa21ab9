"""One run at a time: a lock that a dead process does not keep."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select

from csconnect.errors import TransientError
from csconnect.ledger.schema import locks
from csconnect.ledger.store import Store

FOREIGN_TTL = timedelta(hours=12)
"""After this a lock of another machine, whose processes we cannot see, counts as left behind."""


class Locks(Store):
    """Named locks."""

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold the lock for the length of the block.

        A lock whose process is dead is taken over. Raises `TransientError` (E-LOCKED) while a living one has it, and for a lock of
        another machine that is younger than `FOREIGN_TTL`.
        """
        token = self._take(name)
        try:
            yield
        finally:
            with self._write() as connection:
                connection.execute(delete(locks).where(locks.c.name == name, locks.c.token == token))

    def unlock(self, name: str) -> bool:
        """Break a lock, whoever has it; says whether there was one."""
        with self._write() as connection:
            return connection.execute(delete(locks).where(locks.c.name == name)).rowcount > 0

    def _take(self, name: str) -> str:
        token = uuid4().hex
        mine: dict[str, object] = {
            "name": name,
            "token": token,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "born": _born(os.getpid()),
            "since": self._at(),
        }
        with self._write() as connection:
            row = connection.execute(select(locks).where(locks.c.name == name)).one_or_none()
            if row is not None:
                if self._holds(row):
                    raise TransientError(
                        f"Another run has the lock '{name}' (process {row.pid} on {row.host}, since {row.since})",
                        where=self._where,
                        remedy="Wait until it is done; if that machine is gone, run 'csconnect unlock'",
                        code="E-LOCKED",
                    )
                connection.execute(delete(locks).where(locks.c.name == name))
            self._upsert(connection, locks, [mine])
            # Two that took over the same dead lock at once: the row says who was first.
            owner = connection.execute(select(locks.c.token).where(locks.c.name == name)).scalar()
        if owner != token:
            raise TransientError(f"Another run has just taken the lock '{name}'", remedy="Try again", code="E-LOCKED")
        return token

    def _holds(self, row: Any) -> bool:
        if row.host != socket.gethostname():
            age = self._now().astimezone(UTC) - datetime.fromisoformat(row.since)
            return age < FOREIGN_TTL
        return _alive(row.pid) and row.born == _born(row.pid)


def _alive(pid: int) -> bool:
    if os.name != "posix":
        # There, signal 0 is not a question but an interruption.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _born(pid: int) -> str:
    """When a process started, in the kernel's count, so that a reused number is not taken for the old process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
