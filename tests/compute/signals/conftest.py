"""One signal measured on a few rows, the way a scoring measures it: with its roll-ups."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from csconnect.compute.measure import measure

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; people_worlds is this folder's own

AS_OF = date(2026, 11, 22)

Judge = Callable[..., float | None]


@pytest.fixture
def judge(facts, library) -> Judge:
    """``judge(signal, deliver, rows)``: the value of ``signal`` for the account ``sf:1`` on 22 November 2026, None where it has
    none; ``deliver`` are the entities that somebody delivers for it."""

    def judged(signal: str, deliver: str, as_of: date = AS_OF, **rows: list[dict[str, Any]]) -> float | None:
        delivery = [{"account_id": "sf:1", "entity": entity} for entity in deliver.split()]
        connection = facts({"account": [{"id": "sf:1", "name": "Acme"}], "delivery": delivery, **rows})
        measure(connection, [library.signals[signal]], as_of)
        found = dict(connection.sql("SELECT account_id, value FROM measured").fetchall()).get("sf:1")
        facts.done(connection)
        return found

    return judged
