"""Measure: run signals over the facts, each roll-up built once.

Makes two tables in the given connection:

    measured(account_id, signal, value DOUBLE)                 one row for each known value of a signal of ``grain: account``
    event(account_id, signal, value DOUBLE, age DOUBLE)        one row for each event of a signal of ``grain: event``
    stale(account_id, signal, days BIGINT)                     how many days the sources of a signal have said nothing, from two on:
                                                               no limit is shorter than a day, so the others are fresh to everyone
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.rollup import Rollup
from csconnect.compute.signal import Signal
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb


def measure(
    facts: duckdb.DuckDBPyConnection,
    signals: Iterable[Signal],
    as_of: date,
    *,
    grace_days: int = RenewalRules.grace_days,
) -> None:
    """Measure ``signals`` for every account in ``facts`` on ``as_of``; values are rounded to two places beyond their declared ones."""
    wanted = list(signals)
    facts.execute("CREATE OR REPLACE TEMP TABLE measured (account_id VARCHAR, signal VARCHAR, value DOUBLE)")
    facts.execute("CREATE OR REPLACE TEMP TABLE event (account_id VARCHAR, signal VARCHAR, value DOUBLE, age DOUBLE)")
    facts.execute("CREATE OR REPLACE TEMP TABLE stale (account_id VARCHAR, signal VARCHAR, days BIGINT)")
    rollups = build(facts, (rollup for signal in wanted for rollup in signal.rollups), as_of, grace_days)
    # One signal at a time: many small plans cost less memory than one enormous one.
    for signal in wanted:
        _measure_one(facts, signal, as_of, grace_days)
    _silence(facts, wanted, as_of)
    for name in rollups:
        facts.execute(f"DROP TABLE {name}")


def build(
    facts: duckdb.DuckDBPyConnection, rollups: Iterable[Rollup], as_of: date, grace_days: int
) -> dict[str, Rollup]:
    """Make the tables of ``rollups``, each once, in the given order; returns them by name."""
    wanted = {rollup.name: rollup for rollup in rollups}
    for name, rollup in wanted.items():
        facts.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rollup.sql(as_of, grace_days=grace_days)}")
    return wanted


def _measure_one(facts: duckdb.DuckDBPyConnection, signal: Signal, as_of: date, grace_days: int) -> None:
    query = signal.sql(as_of, grace_days=grace_days)
    measurement = f"SELECT account_id, ?, round(CAST(value AS DOUBLE), {signal.header.decimals + 2})"
    if signal.header.grain == "event":
        statement = f"INSERT INTO event {measurement}, CAST(age AS DOUBLE) FROM ({query}) AS measurement"
    else:
        statement = f"INSERT INTO measured {measurement} FROM ({query}) AS measurement WHERE value IS NOT NULL"
    facts.execute(statement, [signal.name])


def _silence(facts: duckdb.DuckDBPyConnection, signals: list[Signal], as_of: date) -> None:
    """How long the sources of every signal have been silent, in one pass for all of them."""
    needs = [(signal.name, entity) for signal in signals for entity in signal.header.entities]
    if not needs:
        return  # the cases of a card are measured from nothing, where there is no delivery
    facts.execute(
        """INSERT INTO stale SELECT account_id, need.signal, max(date_diff('day', through, $1)) FROM delivery
        INNER JOIN (SELECT unnest($2) AS signal, unnest($3) AS entity) AS need ON need.entity = delivery.entity
        WHERE date_diff('day', through, $1) > 1 GROUP BY account_id, need.signal""",
        [as_of, [name for name, _ in needs], [entity for _, entity in needs]],
    )
