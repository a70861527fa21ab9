"""From signals to scores: scorecards compiled to SQL.

measure (`csconnect.compute.measure`) -> which card judges whom (`assign`) -> what each signal earns (`earn`) -> the score ->
families (`family`) -> the colour (`colour`) -> contributions that add up to the score (`contribute`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.assign import Cards, assign
from csconnect.compute.colour import RANKS, colour, find_overrides
from csconnect.compute.contribute import CONTRIBUTIONS
from csconnect.compute.earn import COLUMNS, earn, values
from csconnect.compute.family import join_families
from csconnect.compute.measure import build, measure
from csconnect.compute.scorecard import Scorecard
from csconnect.compute.signal import Signal
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Scores:
    """``accounts``: account_id, card (its name), score (a whole number unless a card has decimals; null below the coverage limit),
    band, free_band (by the edges alone), coverage (int percent), points (before rounding).

    ``drivers``: account_id, dimension, signal, value, share (0 to 1), weight (points after redistribution), card_weight,
    contribution (integer hundredths of a point; null when there is no score, or no data). One row per account and signal of its
    card, nulls included, and rows of the dimensions ``start`` and ``limits`` where the card has them.

    ``overrides``: account_id, name: the overrides that hold, the severest first.
    """

    accounts: pa.Table
    drivers: pa.Table
    overrides: pa.Table

    def without(self, accounts: Collection[str]) -> Scores:
        """The same scores, those of ``accounts`` left out."""
        return Scores(*(_dropped(table, accounts) for table in (self.accounts, self.drivers, self.overrides)))


def _dropped(table: pa.Table, accounts: Collection[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.invert(pc.is_in(table["account_id"], pa.array(sorted(accounts), pa.string()))))


def score(
    facts: duckdb.DuckDBPyConnection,
    cards: Cards | Scorecard,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    grace_days: int = RenewalRules.grace_days,
    before: Mapping[str, str] | None = None,
) -> Scores:
    """Score every customer account in ``facts`` on ``as_of``. ``before`` is the band that an account had, for cards with ``hold``.

    An account whose terms are all over for more than ``grace_days``, or have not begun, keeps its measurements but gets neither
    score nor band: it is not a customer on that day, and a red that nothing can turn would only hide those that one can help.
    An account without any term is scored.
    """
    cards = Cards(cards) if isinstance(cards, Scorecard) else cards
    measure_for(facts, cards, signals, as_of, grace_days=grace_days)
    return score_measured(facts, cards, signals, before=before, not_served=not_served(as_of, grace_days))


def measure_for(
    facts: duckdb.DuckDBPyConnection,
    cards: Cards,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    grace_days: int,
    also: Collection[str] = (),
) -> None:
    """Make what `score_measured` reads; the signals in ``also`` are measured besides, each once whoever needs it."""
    needed = dict.fromkeys([*cards.needs(), *also])
    measure(facts, [signals[name] for name in needed], as_of, grace_days=grace_days)
    if stage := cards.reckons_stage:
        build(facts, (*stage.rollups, stage), as_of, grace_days)


def score_measured(
    facts: duckdb.DuckDBPyConnection,
    cards: Cards,
    signals: Mapping[str, Signal],
    *,
    before: Mapping[str, str] | None = None,
    not_served: str = "SELECT NULL WHERE false",
) -> Scores:
    """Score what stands in ``measured``, ``event`` and ``stale``; ``not_served`` is SQL for the accounts that get no score."""
    assign(facts, cards)
    facts.execute(f"CREATE OR REPLACE TEMP TABLE driver ({COLUMNS})")
    facts.execute(
        "CREATE OR REPLACE TEMP TABLE overridden (account_id VARCHAR, name VARCHAR, cap INTEGER, place BIGINT)"
    )
    facts.execute(_SCORED)
    _note_before(facts, before or {})
    for card in cards:
        facts.execute(
            "CREATE OR REPLACE TEMP TABLE candidate AS SELECT account_id FROM judged_by WHERE card = ?",
            [card.scorecard],
        )
        earn(facts, card, signals)
        facts.execute(_add_up(card, not_served), [card.scorecard])
        join_families(facts, card)
        find_overrides(facts, card, values(card, signals))
        colour(facts, card)
    facts.execute("UPDATE scored SET hundredths = CAST(round(score * 100) AS BIGINT) WHERE score IS NOT NULL")
    whole = "CAST(score AS BIGINT)" if all(card.scale.decimals == 0 for card in cards) else "score"
    return Scores(
        accounts=facts.sql(_ACCOUNTS.format(score=whole, band=_band("rank"), free=_band("free"))).to_arrow_table(),
        drivers=facts.sql(CONTRIBUTIONS).to_arrow_table(),
        overrides=facts.sql(_OVERRIDES).to_arrow_table(),
    )


_SCORED = """CREATE OR REPLACE TEMP TABLE scored (account_id VARCHAR, card VARCHAR, served BOOLEAN, score DOUBLE, hundredths BIGINT,
points DOUBLE, coverage BIGINT, before INTEGER, free INTEGER, rank INTEGER)"""

_ACCOUNTS = """SELECT account_id, card, {score} AS score, {band} AS band, {free} AS free_band, coverage, points
FROM scored ORDER BY account_id"""

_OVERRIDES = """SELECT overridden.account_id, overridden.name FROM overridden
INNER JOIN scored ON scored.account_id = overridden.account_id AND scored.served
ORDER BY overridden.account_id, overridden.cap, overridden.place"""


def _band(rank: str) -> str:
    return f"CASE {rank} {' '.join(f'WHEN {place} THEN {name!r}' for name, place in RANKS.items())} END"


def _note_before(facts: duckdb.DuckDBPyConnection, before: Mapping[str, str]) -> None:
    import pyarrow as pa

    rows = [(account, RANKS[band]) for account, band in sorted(before.items()) if band in RANKS]
    facts.register(
        "bands_before",
        pa.table(
            {
                "account_id": pa.array([r[0] for r in rows], pa.string()),
                "rank": pa.array([r[1] for r in rows], pa.int32()),
            }
        ),
    )
    facts.execute("CREATE OR REPLACE TEMP TABLE band_before AS SELECT * FROM bands_before")
    facts.unregister("bands_before")


def not_served(as_of: date, grace_days: int) -> str:
    """The accounts that have terms, but none that runs on ``as_of`` or ended no more than ``grace_days`` before."""
    today = f"DATE '{as_of.isoformat()}'"
    return f"""
    SELECT account_id FROM term WHERE "end" > start AND account_id IS NOT NULL GROUP BY account_id
    HAVING count(CASE WHEN start <= {today} AND date_diff('day', "end", {today}) <= {grace_days} THEN 1 END) = 0
    """  # noqa: S608


def _add_up(card: Scorecard, not_served: str) -> str:
    """Sum what was earned; round; no score below the coverage limit, or when nothing at all is known."""
    return f"""
    INSERT INTO scored
    WITH summed AS (
        SELECT driver.account_id, round(sum(raw) / 100.0, 6) AS points,
            CAST(floor(round(sum(cover), 6)) AS BIGINT) AS coverage, count(CASE WHEN place >= 0 THEN raw END) AS known
        FROM driver INNER JOIN candidate ON candidate.account_id = driver.account_id GROUP BY driver.account_id
    )
    SELECT summed.account_id, $1, gone.account_id IS NULL,
        CASE WHEN gone.account_id IS NULL AND coverage >= {card.coverage} AND known > 0
            THEN {card.scale.rounding("points")} END,
        NULL, points, coverage, band_before.rank, NULL, NULL
    FROM summed
    LEFT JOIN ({not_served}) AS gone (account_id) ON gone.account_id = summed.account_id
    LEFT JOIN band_before ON band_before.account_id = summed.account_id
    """  # noqa: S608
