"""Dated conversion into one currency. A rate holds from its day until the next one of its pair, but no longer than ``max_age_days``:
after that there is a hole, and what falls into it is listed, never converted at an old rate."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def make_exchange(facts: duckdb.DuckDBPyConnection, target: str, *, max_age_days: int = 45) -> None:
    """Make the temporary table ``exchange``: source, target, from_day, until_day, rate (DOUBLE), a row an interval
    ``[from_day, until_day)``; the intervals of a source never overlap. On a day a direct rate beats an inverse one, and that a rate
    by way of a third currency. ``target`` itself is always 1."""
    facts.execute(_EXCHANGE.format(quotes=quotes(max_age_days=max_age_days), target=target))


def holes(facts: duckdb.DuckDBPyConnection, target: str, days: Iterable[date]) -> pa.Table:
    """Currencies of ``sold_line`` that cannot be converted on one of ``days``, after `make_exchange`: currency, day, lines (that
    count on the day). Ordered by currency and day."""
    wanted = sorted(set(days))
    asked = ", ".join(f"(DATE '{day.isoformat()}')" for day in wanted) or "(CAST(NULL AS DATE))"
    return facts.sql(_HOLES.format(days=asked)).to_arrow_table()


def quotes(*, max_age_days: int | None = None, on: date | None = None) -> str:
    """SQL of the two CTEs ``quote`` (the rates with the days on which they hold) and ``way``: source, target, from_day, until_day, rate
    (DOUBLE), detour (1 direct, 2 inverse, 3 by way of a third currency). Without ``max_age_days`` a rate holds until there is a newer
    one; ``on`` asks for one day only, as if no later rate were known."""
    limit = "DATE '9999-12-31'" if max_age_days is None else f'CAST("on" + INTERVAL {max_age_days} DAY AS DATE)'
    day = "" if on is None else f"DATE '{on.isoformat()}'"
    known = f'WHERE "on" <= {day}' if day else ""
    holds = f"AND from_day <= {day} AND until_day > {day}" if day else ""
    return _QUOTES.format(limit=limit, known=known, holds=holds)


def into(target: str | None, day: str, lines: str) -> tuple[str, str, str]:
    """SQL for amounts of ``lines`` (a relation with ``arr`` and ``currency``) on ``day`` (an expression): the join with
    ``exchange``, the converted amount (rounded to the cent; null in a hole) and its currency. Without a target nothing is converted."""
    if target is None:
        return "", f"{lines}.arr", f"{lines}.currency"
    join = f"LEFT JOIN exchange ON exchange.source = {lines}.currency AND exchange.from_day <= {day} AND exchange.until_day > {day}"
    rounded = f"round(CAST(CAST({lines}.arr AS DOUBLE) * exchange.rate AS DECIMAL(38, 6)), 2)"
    return join, f"CAST({rounded} AS DECIMAL(38, 2))", f"'{target}'"


_QUOTES = """
dated AS (
    SELECT currency, base, "on" AS from_day, lead("on") OVER (PARTITION BY currency, base ORDER BY "on", id) AS next_day,
        {limit} AS last_day, CAST(rate AS DOUBLE) AS rate
    FROM fx_rate {known}
),
held AS (
    SELECT currency, base, from_day, CASE WHEN next_day < last_day THEN next_day ELSE last_day END AS until_day, rate FROM dated
),
quote AS (
    SELECT * FROM held WHERE until_day > from_day {holds}
),
way AS (
    SELECT currency AS source, base AS target, from_day, until_day, rate, 1 AS detour FROM quote
    UNION ALL SELECT base, currency, from_day, until_day, 1.0 / nullif(rate, 0.0), 2 FROM quote
    UNION ALL SELECT there.currency, back.currency,
        CASE WHEN there.from_day > back.from_day THEN there.from_day ELSE back.from_day END,
        CASE WHEN there.until_day < back.until_day THEN there.until_day ELSE back.until_day END,
        there.rate / nullif(back.rate, 0.0), 3
    FROM quote AS there INNER JOIN quote AS back ON back.base = there.base AND back.currency <> there.currency
        AND back.from_day < there.until_day AND there.from_day < back.until_day
)"""

_EXCHANGE = """
CREATE OR REPLACE TEMP TABLE exchange AS
WITH {quotes},
wanted AS (
    SELECT * FROM way WHERE target = '{target}' AND source <> '{target}'
),
edge AS (
    SELECT source, from_day AS day FROM wanted UNION SELECT source, until_day FROM wanted
),
stretch AS (
    SELECT source, day AS from_day, lead(day) OVER (PARTITION BY source ORDER BY day) AS until_day FROM edge
),
ranked AS (
    SELECT stretch.source, stretch.from_day, stretch.until_day, wanted.rate,
        row_number() OVER (PARTITION BY stretch.source, stretch.from_day ORDER BY wanted.detour, wanted.rate) AS place
    FROM stretch INNER JOIN wanted ON wanted.source = stretch.source AND wanted.from_day <= stretch.from_day
        AND wanted.until_day >= stretch.until_day
)
SELECT source, '{target}' AS target, from_day, until_day, rate FROM ranked WHERE place = 1
UNION ALL SELECT '{target}', '{target}', DATE '0001-01-01', DATE '9999-12-31', 1.0
"""

_HOLES = """
WITH asked AS (SELECT * FROM (VALUES {days}) AS told(day))
SELECT line.currency, asked.day, count(*) AS lines
FROM sold_line AS line INNER JOIN asked ON line.counts_from <= asked.day AND line.counts_until > asked.day
LEFT JOIN exchange ON exchange.source = line.currency AND exchange.from_day <= asked.day AND exchange.until_day > asked.day
WHERE line.excluded IS NULL AND exchange.source IS NULL
GROUP BY line.currency, asked.day ORDER BY line.currency, asked.day
"""
