"""From signals to scores: a scorecard compiled to SQL.

1. Every signal is measured for every account (null where there is no data).
2. A signal's curve turns its value into a share of its points.
3. Unknown is not zero: a null signal's weight goes to the others of its dimension, an empty dimension's to the other
   dimensions, both in proportion (architecture, decision 15).
4. The score is the whole number nearest to the sum. Contributions are integer hundredths: each signal's part, the rounding of the
   score spread over those with part of their marks, shared by largest remainder, so that they add up to it exactly (decision
   17, law 4), and full marks stay full.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlglot import exp

from csconnect.compute.measure import measure
from csconnect.compute.scorecard import Curve, Scorecard
from csconnect.compute.signal import Signal
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Scores:
    """``accounts``: account_id, score (int, null below the coverage limit), band, coverage (int percent).

    ``drivers``: account_id, dimension, signal, value, share (0 to 1), weight (points after redistribution), contribution
    (integer hundredths of a point; null when there is no score). One row per account and signal of the card, nulls included.
    """

    accounts: pa.Table
    drivers: pa.Table

    def without(self, accounts: Collection[str]) -> Scores:
        """The same scores, those of ``accounts`` left out."""
        return Scores(_dropped(self.accounts, accounts), _dropped(self.drivers, accounts))


def _dropped(table: pa.Table, accounts: Collection[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.invert(pc.is_in(table["account_id"], pa.array(sorted(accounts), pa.string()))))


def score(
    facts: duckdb.DuckDBPyConnection,
    card: Scorecard,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    grace_days: int = RenewalRules.grace_days,
) -> Scores:
    """Score every customer account in ``facts`` on ``as_of``.

    An account whose terms are all over for more than ``grace_days``, or have not begun, keeps its measurements but gets neither
    score nor band: it is not a customer on that day, and a red that nothing can turn would only hide those that one can help.
    An account without any term is scored.
    """
    measure(facts, [signals[name] for _, name, _ in card.signals()], as_of, grace_days=grace_days)
    facts.execute(f"CREATE OR REPLACE TEMP TABLE driver AS {_drivers(card)}")
    facts.execute(f"CREATE OR REPLACE TEMP TABLE scored AS {_scored(card)}")
    facts.execute(f"UPDATE scored SET score = NULL, band = NULL WHERE account_id IN ({_not_served(as_of, grace_days)})")  # noqa: S608
    return Scores(
        accounts=facts.sql("SELECT * FROM scored ORDER BY account_id").to_arrow_table(),
        drivers=facts.sql(_CONTRIBUTIONS).to_arrow_table(),
    )


def _not_served(as_of: date, grace_days: int) -> str:
    """The accounts that have terms, but none that runs on ``as_of`` or ended no more than ``grace_days`` before."""
    today = f"DATE '{as_of.isoformat()}'"
    return f"""
    SELECT account_id FROM term WHERE "end" > start AND account_id IS NOT NULL GROUP BY account_id
    HAVING count(CASE WHEN start <= {today} AND date_diff('day', "end", {today}) <= {grace_days} THEN 1 END) = 0
    """  # noqa: S608


def _drivers(card: Scorecard) -> str:
    """One row per account and signal: value, share, and the weight it carries once the unknown ones are shared out."""
    return f"""
    WITH card (place, dimension, signal, weight, dimension_weight) AS ({_card_rows(card)}),
    valued AS (
        SELECT account.id AS account_id, card.*, measured.value, {_share(card)} AS share
        FROM account CROSS JOIN card
        LEFT JOIN measured ON measured.account_id = account.id AND measured.signal = card.signal
        WHERE account.is_customer
    ),
    within AS (
        SELECT *, sum(CASE WHEN share IS NOT NULL THEN weight END) OVER (PARTITION BY account_id, dimension) AS known
        FROM valued
    ),
    across AS (
        SELECT *, sum(CASE WHEN share IS NOT NULL THEN dimension_weight * weight / known END)
            OVER (PARTITION BY account_id) AS known_dimensions
        FROM within
    )
    SELECT account_id, place, dimension, signal, value, share, weight AS card_weight,
        CASE WHEN share IS NOT NULL
            THEN dimension_weight * weight / known * 100.0 / known_dimensions END AS weight
    FROM across
    """  # noqa: S608


def _scored(card: Scorecard) -> str:
    green, yellow = card.bands.green, card.bands.yellow
    return f"""
    WITH summed AS (
        SELECT account_id,
            round(sum(weight * share), 6) AS points,
            CAST(floor(round(sum(CASE WHEN share IS NOT NULL THEN card_weight ELSE 0.0 END), 6)) AS BIGINT) AS coverage
        FROM driver GROUP BY account_id
    )
    , whole AS (
        SELECT account_id, points, coverage,
            CASE WHEN coverage >= {card.coverage} THEN CAST(floor(points + 0.5) AS BIGINT) END AS score
        FROM summed
    )
    SELECT account_id, score,
        CASE WHEN score >= {green} THEN 'green' WHEN score >= {yellow} THEN 'yellow' WHEN score >= 0 THEN 'red' END AS band,
        coverage, points
    FROM whole
    """  # noqa: S608


# What the whole number adds or takes goes to the signals with part of their marks, as far as they have room for it; only what
# they have no room for reaches the full and the empty ones.
_CONTRIBUTIONS = """
WITH earned AS (
    SELECT driver.*, scored.score, driver.weight * driver.share * 100.0 AS raw,
        100.0 * (scored.score - scored.points) AS spread,
        CASE WHEN scored.score >= scored.points THEN driver.weight * (1.0 - driver.share) ELSE driver.weight * driver.share END
            * 100.0 AS room
    FROM driver INNER JOIN scored ON scored.account_id = driver.account_id
),
roomy AS (
    SELECT *, sum(CASE WHEN share > 0.0 AND share < 1.0 THEN room ELSE 0.0 END) OVER (PARTITION BY account_id) AS partly,
        sum(room) OVER (PARTITION BY account_id) AS wholly
    FROM earned
),
quota AS (
    SELECT *, round(raw + CASE
        WHEN partly >= abs(spread) THEN CASE WHEN share > 0.0 AND share < 1.0 THEN spread * room / nullif(partly, 0.0) ELSE 0.0 END
        ELSE spread * room / nullif(wholly, 0.0) END, 6) AS exact
    FROM roomy
),
floored AS (
    SELECT *, CAST(floor(exact) AS BIGINT) AS base,
        row_number() OVER (PARTITION BY account_id ORDER BY share IS NULL, exact - floor(exact) DESC, place) AS rank,
        100 * score - sum(CASE WHEN share IS NOT NULL THEN CAST(floor(exact) AS BIGINT) ELSE 0 END)
            OVER (PARTITION BY account_id) AS left_over
    FROM quota
)
SELECT account_id, dimension, signal, value, share, weight, card_weight,
    CASE WHEN score IS NULL OR share IS NULL THEN NULL
        ELSE base + CASE WHEN rank <= left_over THEN 1 ELSE 0 END END AS contribution
FROM floored
ORDER BY account_id, place
"""


def _card_rows(card: Scorecard) -> str:
    rows = [
        exp.tuple_(
            exp.Literal.number(place),
            exp.Literal.string(dimension),
            exp.Literal.string(name),
            exp.cast(exp.Literal.number(signal.weight), "double"),
            exp.cast(exp.Literal.number(card.dimensions[dimension].weight), "double"),
        )
        for place, (dimension, name, signal) in enumerate(card.signals())
    ]
    return exp.Values(expressions=rows).sql(dialect="duckdb")


def _share(card: Scorecard) -> str:
    """A CASE over the signal's name; the curve of each in its branch."""
    value = exp.column("value", table="measured")
    case = exp.Case()
    for _, name, signal in card.signals():
        case = case.when(exp.column("signal", table="card").eq(name), _curve(signal.curve, value))
    guarded = exp.Case().when(exp.column("value", table="measured").is_(exp.null()).not_(), case)
    return guarded.sql(dialect="duckdb")


def _curve(curve: Curve, value: exp.Column) -> exp.Expression:
    if curve.linear is not None:
        low, high = curve.linear.low, curve.linear.high
        slope = exp.Div(
            this=exp.paren(value.copy() - low), expression=exp.cast(exp.Literal.number(high - low), "double")
        )
        return exp.Greatest(
            this=exp.Literal.number("0.0"), expressions=[exp.Least(this=exp.Literal.number("1.0"), expressions=[slope])]
        )
    steps = exp.Case()
    for threshold, share in sorted((curve.at_least or {}).items(), reverse=True):
        steps = steps.when(value.copy() >= threshold, exp.cast(exp.Literal.number(share), "double"))
    return steps.else_(exp.cast(exp.Literal.number(curve.otherwise), "double"))
