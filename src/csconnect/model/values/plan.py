"""The plan: a frozen, sorted, fingerprinted list of changes. What is rendered is exactly what is executed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from csconnect.model.values.change import Change


class Guarding(BaseModel):
    """A safety threshold that spoke: name, what was measured, the limit, and what was held back."""

    model_config = ConfigDict(frozen=True)

    name: str
    measured: str
    limit: str
    remedy: str = ""
    stopped: int = 0


class Plan(BaseModel):
    """Everything one run would write to every connection, and under which assumptions.

    ``orgs``, ``config_hash`` and ``pulls`` (connection -> run id of its newest pull) are checked again by ``apply``.
    """

    model_config = ConfigDict(frozen=True)

    run_id: str
    made_at: datetime
    as_of: date
    config_hash: str
    orgs: dict[str, str] = {}
    pulls: dict[str, str] = {}
    changes: tuple[Change, ...] = ()
    calls: dict[str, int] = {}
    guards: tuple[Guarding, ...] = ()
    fingerprint: str = ""

    @classmethod
    def of(cls, changes: Iterable[Change], **rest: object) -> Self:
        """A plan with its changes sorted and its fingerprint set."""
        ordered = tuple(
            sorted(changes, key=lambda change: (change.connection, change.account, change.entity, change.id))
        )
        plan = cls.model_validate({"changes": ordered, **rest})
        return plan.model_copy(update={"fingerprint": plan.expected_fingerprint()})

    def expected_fingerprint(self) -> str:
        """SHA-256 over everything but the fingerprint itself."""
        text = self.model_dump_json(exclude={"fingerprint"})
        return hashlib.sha256(text.encode()).hexdigest()
