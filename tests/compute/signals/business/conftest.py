"""Signals measured as a run measures them, roll-ups built first; dates as days from the day that is judged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from csconnect.compute.measure import measure

AS_OF = date(2028, 2, 29)
ACCOUNT = {"id": "sf:1", "name": "Acme"}

Row = dict[str, Any]


def day(days_ago: int) -> date:
    return AS_OF - timedelta(days=days_ago)


def deliver(*entities: str, account: str = "sf:1") -> list[Row]:
    return [{"account_id": account, "entity": entity} for entity in entities]


def mine(**row: Any) -> Row:
    """A row of the account; give it an ``id`` where there are several."""
    return {"id": "sf:x", "account_id": "sf:1", **row}


@pytest.fixture
def hand() -> SimpleNamespace:
    return SimpleNamespace(AS_OF=AS_OF, day=day, deliver=deliver, mine=mine)


@pytest.fixture
def values(facts: Any, library: Any) -> Callable[..., dict[tuple[str, str], float]]:
    """(account, signal) -> value of every signal named, for ``rows`` on the day."""

    def found(names: list[str], rows: dict[str, list[Row]], grace_days: int = 90) -> dict[tuple[str, str], float]:
        connection = facts({"account": [ACCOUNT], **rows})
        measure(connection, [library.signals[name] for name in names], AS_OF, grace_days=grace_days)
        rows_found = connection.sql("SELECT account_id, signal, value FROM measured").fetchall()
        facts.done(connection)
        assert len(rows_found) == len({row[:2] for row in rows_found}), "one value an account and signal"
        return {(account, signal): value for account, signal, value in rows_found}

    return found


@pytest.fixture
def value(values: Any) -> Callable[..., float | None]:
    """The one account's value of one signal, None where it is unknown."""

    def found(name: str, **rows: Any) -> float | None:
        result: float | None = values([name], rows).get(("sf:1", name))
        return result

    return found


@pytest.fixture
def rollup(facts: Any, library: Any) -> Callable[..., list[tuple[Any, ...]]]:
    """Rows of a roll-up, those that it reads built first."""

    def found(name: str, rows: dict[str, list[Row]], grace_days: int = 90) -> list[tuple[Any, ...]]:
        connection = facts({"account": [ACCOUNT], **rows})
        wanted = library.rollups[name]
        for each in (*wanted.rollups, wanted):
            connection.execute(f"CREATE TEMP TABLE {each.name} AS {each.sql(AS_OF, grace_days=grace_days)}")
        rows_found: list[tuple[Any, ...]] = connection.sql(f"SELECT * FROM {name} ORDER BY ALL").fetchall()
        facts.done(connection)
        return rows_found

    return found
