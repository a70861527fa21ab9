"""Runs and their plans."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from pydantic import ValidationError
from sqlalchemy import Row, func, insert, select, update

from csconnect.errors import PlanAlteredError, PlanError
from csconnect.ledger.schema import notes, plans, runs
from csconnect.ledger.store import Store
from csconnect.model.values import Plan


@dataclass(frozen=True)
class Run:
    """One invocation. ``outcome`` is None while it is under way, and for ever if it was killed.

    ``plan_of`` is the run whose plan it applied or undid, where that is another one.
    """

    id: str
    kind: str
    as_of: date
    config_hash: str
    reason: str
    started_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = None
    plan_of: str | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)


class Runs(Store):
    """Runs, newest first, and the plan that each of them made."""

    def start_run(
        self, kind: str, as_of: date, config_hash: str = "", reason: str = "", plan_of: str | None = None
    ) -> Run:
        """Book a new run. Its id is the day it started and its number: ``20261122-0012``."""
        started = self._at()
        with self._write() as connection:
            row: dict[str, Any] = {
                "id": uuid4().hex,
                "kind": kind,
                "as_of": as_of.isoformat(),
                "config_hash": config_hash,
                "reason": self._scrub(reason),
                "plan_of": plan_of,
                "started_at": started,
            }
            number = connection.execute(insert(runs).values(row).returning(runs.c.number)).scalar_one()
            run_id = f"{started[:10].replace('-', '')}-{number:04d}"
            connection.execute(update(runs).where(runs.c.number == number).values(id=run_id))
            return _run(connection.execute(select(runs).where(runs.c.number == number)).one())

    def finish_run(self, run_id: str, outcome: str, summary: Mapping[str, Any] | None = None) -> None:
        """Close a run with a word on how it went (such as ``applied``, ``planned``, ``stopped``, ``partial``) and its figures."""
        text = self._scrub(json.dumps(dict(summary or {}), ensure_ascii=False, default=str))
        values = {"outcome": outcome, "summary": text, "finished_at": self._at()}
        with self._write() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(values))

    def runs(self, limit: int = 20, kinds: Collection[str] = (), outcomes: Collection[str] = ()) -> list[Run]:
        """The latest runs, newest first; only those of ``kinds`` and with ``outcomes`` where they are given."""
        statement = select(runs).order_by(runs.c.number.desc()).limit(limit)
        if kinds:
            statement = statement.where(runs.c.kind.in_(kinds))
        if outcomes:
            statement = statement.where(runs.c.outcome.in_(outcomes))
        with self._read() as connection:
            return [_run(row) for row in connection.execute(statement)]

    def run(self, run_id: str) -> Run | None:
        """One run."""
        with self._read() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
        return _run(row) if row else None

    def save_plan(self, plan: Plan) -> None:
        """Keep the plan of a run; a second one replaces the first."""
        row: dict[str, object] = {
            "run_id": plan.run_id,
            "fingerprint": plan.fingerprint,
            "made_at": plan.made_at.isoformat(),
            "body": plan.model_dump_json(),
        }
        with self._write() as connection:
            self._upsert(connection, plans, [row], "fingerprint", "made_at", "body")

    def load_plan(self, run_id: str) -> Plan:
        """The plan that a run made; `PlanError` when it made none, `PlanAlteredError` when it is not as it was saved."""
        with self._read() as connection:
            body = connection.execute(select(plans.c.body).where(plans.c.run_id == run_id)).scalar()
        if body is None:
            raise PlanError("This run made no plan", where=run_id, remedy="See 'csconnect runs'")
        try:
            plan = Plan.model_validate_json(body)
        except ValidationError:
            plan = None
        if plan is None or plan.fingerprint != plan.expected_fingerprint():
            remedy = "Make a new plan with 'csconnect plan'"
            raise PlanAlteredError("The plan in the ledger was changed after it was made", where=run_id, remedy=remedy)
        return plan

    def newest_plan(self) -> str | None:
        """The run that made the newest plan."""
        statement = (
            select(plans.c.run_id).join(runs, runs.c.id == plans.c.run_id).order_by(runs.c.number.desc()).limit(1)
        )
        with self._read() as connection:
            found: str | None = connection.execute(statement).scalar()
        return found

    def note(self, run_id: str, text: str) -> None:
        """Add a remark to a run."""
        with self._write() as connection:
            connection.execute(insert(notes).values(run_id=run_id, text=self._scrub(text), at=self._at()))

    def notes(self, run_id: str) -> list[str]:
        """The remarks of a run, oldest first."""
        with self._read() as connection:
            found = connection.execute(select(notes.c.text).where(notes.c.run_id == run_id).order_by(notes.c.number))
            return [str(text) for text in found.scalars()]

    def killed(self) -> int:
        """How many runs never came to an end."""
        with self._read() as connection:
            return connection.execute(
                select(func.count()).select_from(runs).where(runs.c.outcome.is_(None))
            ).scalar_one()


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        kind=row.kind,
        as_of=date.fromisoformat(row.as_of),
        config_hash=row.config_hash,
        reason=row.reason,
        started_at=datetime.fromisoformat(row.started_at),
        finished_at=datetime.fromisoformat(row.finished_at) if row.finished_at else None,
        outcome=row.outcome,
        plan_of=row.plan_of,
        summary=json.loads(row.summary) if row.summary else {},
    )
