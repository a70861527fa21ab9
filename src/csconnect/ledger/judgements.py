"""What judged accounts in each run, kept once for all runs that judged alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Select, select, update

from csconnect.ledger.schema import judgements, runs
from csconnect.ledger.store import Store


class Judgements(Store):
    """Documents by their digest (`csconnect.compute.judgement`), and which run was judged by which."""

    def keep_judgement(self, run_id: str, digest: str, document: str) -> None:
        """Note that ``run_id`` was judged by ``document``; the document itself is stored the first time it is seen."""
        row: dict[str, object] = {"digest": digest, "made_at": self._at(), "document": document}
        with self._write() as connection:
            self._upsert(connection, judgements, [row])
            connection.execute(update(runs).where(runs.c.id == run_id).values(judgement=digest))

    def judgement_on(self, day: date) -> str | None:
        """The document in force on ``day``: that of the newest run that started on or before it (UTC); None when there is none."""
        end = datetime.combine(day, time.max, UTC).isoformat(timespec="milliseconds")
        return self._first(_documents().where(runs.c.started_at <= end))

    def judgement_of(self, run_id: str) -> str | None:
        """The document by which ``run_id`` was judged; None when it judged nobody, or before judgements were kept."""
        return self._first(_documents().where(runs.c.id == run_id))

    def _first(self, statement: Select[Any]) -> str | None:
        with self._read() as connection:
            row = connection.execute(statement.limit(1)).first()
        return row[0] if row else None


def _documents() -> Select[Any]:
    """The documents of runs, the newest run first."""
    joined = select(judgements.c.document).join(runs, runs.c.judgement == judgements.c.digest)
    return joined.order_by(runs.c.number.desc())
