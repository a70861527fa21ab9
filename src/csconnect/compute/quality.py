"""What the scores stand on: how many customers each signal knows, and which of its values lie far outside the rest.

(Facts that contradict each other are `csconnect.compute.contradiction`.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.assign import Cards
from csconnect.compute.measure import measure
from csconnect.compute.signal import Signal
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class OutlierRule:
    """A value is an outlier when it is further than ``spreads`` robust spreads from the median, among at least ``least`` values.

    The robust spread is 1.4826 times the median absolute deviation (MAD), which is the standard deviation where values are
    normal. Unlike mean and deviation it is not moved by the outliers that it is to find. With a MAD of zero (more than half of the
    values are the same) nothing is an outlier.
    """

    spreads: float = 5.0
    least: int = 20


SIGMA = 1.4826
"""MAD of a normal distribution -> its standard deviation."""


@dataclass(frozen=True)
class Inputs:
    """``coverage``: signal, customers, accounts (of them with a value that counts), share (percent, null without a customer), stale
    (with a value that is too old to count), missing (entities that the signal needs and nobody delivers); one row a signal, in the
    order asked for.

    ``outliers``: signal, account_id, value, median, low, high (the edges of what is usual), by signal and the furthest first.
    """

    coverage: pa.Table
    outliers: pa.Table


def inputs(
    facts: duckdb.DuckDBPyConnection,
    signals: Iterable[Signal],
    as_of: date,
    *,
    freshness: Mapping[str, int] | None = None,
    grace_days: int = RenewalRules.grace_days,
    rule: OutlierRule | None = None,
) -> Inputs:
    """Measure ``signals`` for the customer accounts in ``facts`` on ``as_of`` and look at the values. ``freshness`` are days, by
    signal, that stand above the signals' own."""
    wanted = list(signals)
    measure(facts, wanted, as_of, grace_days=grace_days)
    _note_asked(facts, wanted, freshness or {})
    facts.execute(_VALUED)
    coverage = facts.sql(_COVERAGE).to_arrow_table()
    outliers = facts.sql(_OUTLIERS, params=_numbers(rule or OutlierRule())).to_arrow_table()
    facts.execute("DROP TABLE asked; DROP TABLE valued")
    return Inputs(coverage, outliers)


def strictest(cards: Cards) -> dict[str, int]:
    """Signal -> the fewest days of freshness that any of ``cards`` asks of it; only where one says so itself."""
    said: dict[str, int] = {}
    for card in cards:
        for _, name, signal in card.signals():
            if signal.freshness is not None:
                said[name] = min(signal.freshness, said.get(name, signal.freshness))
    return said


def _numbers(rule: OutlierRule) -> dict[str, float]:
    return {"least": rule.least, "reach": rule.spreads * SIGMA}


def _note_asked(facts: duckdb.DuckDBPyConnection, signals: list[Signal], freshness: Mapping[str, int]) -> None:
    facts.execute(
        "CREATE OR REPLACE TEMP TABLE asked (place BIGINT, signal VARCHAR, entities VARCHAR[], freshness BIGINT)"
    )
    for place, signal in enumerate(signals):
        days = freshness.get(signal.name, signal.header.freshness)
        facts.execute("INSERT INTO asked VALUES (?, ?, ?, ?)", [place, signal.name, signal.header.entities, days])


# Events of a signal count together, as a card without decay counts them.
_VALUED = """CREATE OR REPLACE TEMP TABLE valued AS
WITH known AS (
    SELECT account_id, signal, value FROM measured
    UNION ALL
    SELECT account_id, signal, sum(value) FROM event GROUP BY account_id, signal
)
SELECT known.account_id, known.signal, known.value, coalesce(stale.days > asked.freshness, false) AS old
FROM known
INNER JOIN asked ON asked.signal = known.signal
INNER JOIN account ON account.id = known.account_id AND account.is_customer
LEFT JOIN stale ON stale.account_id = known.account_id AND stale.signal = known.signal
WHERE known.value IS NOT NULL"""

_COVERAGE = """
WITH served AS (SELECT count(*) AS customers FROM account WHERE is_customer),
counted AS (
    SELECT signal, count(*) FILTER (NOT old) AS accounts, count(*) FILTER (old) AS stale FROM valued GROUP BY signal
),
told AS (SELECT list(DISTINCT entity) AS entities FROM delivery)
SELECT asked.signal, served.customers, coalesce(counted.accounts, 0) AS accounts,
    100.0 * coalesce(counted.accounts, 0) / nullif(served.customers, 0) AS share,
    coalesce(counted.stale, 0) AS stale,
    list_filter(asked.entities, lambda entity: NOT list_contains(coalesce(told.entities, []), entity)) AS missing
FROM asked CROSS JOIN served CROSS JOIN told
LEFT JOIN counted ON counted.signal = asked.signal
ORDER BY asked.place"""

# The median is the mean of the middle two by row_number(): the same on every engine.
_OUTLIERS = """
WITH fresh AS (SELECT account_id, signal, value FROM valued WHERE NOT old),
ranked AS (
    SELECT signal, value, count(*) OVER (PARTITION BY signal) AS n,
        row_number() OVER (PARTITION BY signal ORDER BY value) AS place
    FROM fresh
),
middle AS (
    SELECT signal, avg(value) AS median FROM ranked WHERE n >= $least AND 2 * place BETWEEN n AND n + 2 GROUP BY signal
),
apart AS (
    SELECT fresh.signal, fresh.account_id, fresh.value, middle.median, abs(fresh.value - middle.median) AS distance
    FROM fresh INNER JOIN middle ON middle.signal = fresh.signal
),
ordered AS (
    SELECT signal, distance, count(*) OVER (PARTITION BY signal) AS n,
        row_number() OVER (PARTITION BY signal ORDER BY distance) AS place
    FROM apart
),
spread AS (
    SELECT signal, $reach * avg(distance) AS usual FROM ordered WHERE 2 * place BETWEEN n AND n + 2 GROUP BY signal
)
SELECT apart.signal, apart.account_id, apart.value, apart.median, apart.median - spread.usual AS low,
    apart.median + spread.usual AS high
FROM apart INNER JOIN spread ON spread.signal = apart.signal AND spread.usual > 0
WHERE apart.distance > spread.usual
ORDER BY apart.signal, apart.distance / spread.usual DESC, apart.account_id"""
