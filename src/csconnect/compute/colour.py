"""From score to band: edges, hysteresis, a red band no larger than the team, hard overrides; in this order.

1. The edges give a colour.
2. ``hold``: an account keeps the colour it had until its score is so far beyond the edge.
3. ``most_red``: of those below the edge of yellow, each CSM's lowest scores are red, as many as one can work on; the rest are yellow.
   Accounts that an override makes red count first.
4. Overrides: while one holds, the colour is the override's at best, also where there is too little data for a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlglot import exp

from csconnect.compute.scorecard import Bands, MostRed, Scorecard

if TYPE_CHECKING:
    import duckdb

RANKS = {"red": 0, "yellow": 1, "green": 2}


def find_overrides(facts: duckdb.DuckDBPyConnection, card: Scorecard, values: str) -> None:
    """Add to ``overridden`` (account_id, name, cap, place) the overrides of ``card`` that hold; ``values`` is SQL for account_id,
    signal, value of the accounts in ``candidate``."""
    if not card.overrides:
        return
    asked = dict.fromkeys(name for override in card.overrides for name in override.when.signals())
    facts.execute(f"CREATE OR REPLACE TEMP TABLE wide AS {wide(asked, values)}")
    for place, override in enumerate(card.overrides):
        holds = override.when.expression().sql(dialect="duckdb")
        facts.execute(
            f"INSERT INTO overridden SELECT account_id, ?, ?, ? FROM wide WHERE {holds}",  # noqa: S608
            [override.name, RANKS[override.band], place],
        )
    facts.execute("DROP TABLE wide")


def wide(signals: Iterable[str], values: str) -> str:
    """A row a candidate with a column for each signal, null where it is unknown."""
    columns = [exp.alias_(_only(name), name, quoted=True) for name in signals]
    picked = ", ".join(column.sql(dialect="duckdb") for column in columns)
    return f"""SELECT candidate.account_id, {picked}
        FROM candidate LEFT JOIN ({values}) AS each ON each.account_id = candidate.account_id
        GROUP BY candidate.account_id"""  # noqa: S608


def _only(signal: str) -> exp.Expr:
    own = exp.column("signal", table="each").eq(signal)
    return exp.Max(this=exp.Case().when(own, exp.column("value", table="each")))


def colour(facts: duckdb.DuckDBPyConnection, card: Scorecard) -> None:
    """Set ``rank`` (0 red, 1 yellow, 2 green, null unknown) and ``free`` (by the edges alone) of ``scored`` for one card.

    ``scored`` has account_id, card, served, score and ``before`` (rank, null where there was none)."""
    hold = card.bands.hold
    # rounded: 4.1 - 0.1 must be 4
    shifted = ("score", f"round(score - {hold!r}, 6)", f"round(score + {hold!r}, 6)")
    free, up, down = (rank_of(card.bands, shift) for shift in shifted)
    facts.execute(
        f"""UPDATE scored SET free = {free}, rank = CASE
            WHEN before IS NULL OR before = {free} THEN {free}
            WHEN {free} > before THEN greatest(before, {up})
            ELSE least(before, {down}) END
        WHERE card = ? AND score IS NOT NULL""",  # noqa: S608
        [card.scorecard],
    )
    if card.bands.most_red:
        facts.execute(_MOST_RED.format(allowed=_allowed(card.bands.most_red)), [card.scorecard])
    facts.execute(_CAPPED, [card.scorecard])


def rank_of(bands: Bands, score: str) -> str:
    """SQL for the rank of a score by the edges alone."""
    green, yellow = (">=" if bands.belongs_up(name) else ">" for name in ("green", "yellow"))
    return f"CASE WHEN {score} {green} {bands.green!r} THEN 2 WHEN {score} {yellow} {bands.yellow!r} THEN 1 ELSE 0 END"


def _allowed(limit: MostRed) -> str:
    if limit.accounts is not None:
        return str(limit.accounts)
    return f"CAST(ceil(round(count(*) OVER (PARTITION BY owner) * {limit.percent!r} / 100.0, 6)) AS BIGINT)"


_MOST_RED = """
UPDATE scored SET rank = 1 FROM (
    SELECT account_id, row_number() OVER (PARTITION BY owner, low ORDER BY score, account_id) AS place, low,
        allowed - forced AS room
    FROM (
        SELECT *, {allowed} AS allowed, sum(CASE WHEN cap = 0 THEN 1 ELSE 0 END) OVER (PARTITION BY owner) AS forced,
            rank = 0 AND cap > 0 AS low
        FROM (
            SELECT scored.account_id, scored.score, scored.rank, coalesce(account.owner_id, '') AS owner,
                coalesce((SELECT min(cap) FROM overridden WHERE overridden.account_id = scored.account_id), 2) AS cap
            FROM scored INNER JOIN account ON account.id = scored.account_id
            WHERE scored.card = $1 AND scored.score IS NOT NULL
        ) AS listed
    ) AS counted
) AS placed
WHERE placed.account_id = scored.account_id AND placed.low AND placed.place > placed.room
"""

_CAPPED = """
UPDATE scored SET rank = least(coalesce(scored.rank, 2), forced.cap)
FROM (SELECT account_id, min(cap) AS cap FROM overridden GROUP BY account_id) AS forced
WHERE forced.account_id = scored.account_id AND scored.card = $1 AND scored.served
"""
