"""A ledger in a file, with a clock that the test turns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from csconnect.ledger import Ledger
from csconnect.model.values import Action, Change, FieldKind, Outcome, Receipt


class Clock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def turn(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock):
    with Ledger.open(tmp_path / "ledger.db", now=clock) as opened:
        yield opened


@pytest.fixture(scope="session")
def change() -> Callable[..., Change]:
    """Make a change: an update of account ``number``, unless told otherwise."""

    def make(number: int = 1, **other: object) -> Change:
        values = {"csc_health": number % 100, "csc_scored_on": "2026-11-22"}
        plain = {
            "connection": "crm",
            "action": Action.UPDATE,
            "entity": "account",
            "object": "accounts",
            "record_id": f"a{number}",
            "account": f"crm:a{number}",
            "values": values,
            "before": dict.fromkeys(values),
            "kinds": {"csc_health": FieldKind.SCORE, "csc_scored_on": FieldKind.PASSENGER},
        }
        return Change.model_validate({**plain, **other})

    return make


@pytest.fixture(scope="session")
def receipt() -> Callable[..., Receipt]:
    """Make a receipt for a change."""

    def make(change: Change, outcome: Outcome = Outcome.WRITTEN, **other: object) -> Receipt:
        plain = {"change_id": change.id, "outcome": outcome, "record_id": change.record_id}
        return Receipt.model_validate({**plain, **other})

    return make
