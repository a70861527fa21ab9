"""What each signal earns for each account under one card.

1. A signal's value is unknown where nothing was measured, and where its sources have been silent for longer than its freshness.
2. Its curve turns the value into a share of its weight (or, by method ``points``, into points).
3. Unknown is not zero: a null signal's weight goes to the others of its dimension, an empty dimension's to the other dimensions,
   both in proportion (architecture, decision 15), unless the card gives the unknown a share of its own.

The engine adds doubles in whatever order its threads come to them, and the last bit of a sum depends on it: what was added up is
rounded to nine places, so that the same facts give the same rows.

Rows of ``driver``, one an account and signal of its card, in hundredths of a point where not said otherwise:

    account_id, place (order in the card), dimension, signal, value, share (0 to 1), card_weight and weight (points, before and
    after sharing out), cover (percent of the card's weight), raw (what it earns), room_up and room_down (how far rounding may move
    it), partly (earns part of its marks)

Two dimensions are ours: ``start`` is where the score begins, ``limits`` what the ends of the scale cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlglot import exp

from csconnect.compute.scorecard import CardSignal, Scorecard
from csconnect.compute.signal import Signal

if TYPE_CHECKING:
    import duckdb

START, LIMITS = "start", "limits"
"""Dimensions that hold no signal; together with the signals they add up to the score."""

COLUMNS = """account_id VARCHAR, place BIGINT, dimension VARCHAR, signal VARCHAR, value DOUBLE, share DOUBLE, card_weight DOUBLE,
weight DOUBLE, cover DOUBLE, raw DOUBLE, room_up DOUBLE, room_down DOUBLE, partly BOOLEAN"""


def earn(facts: duckdb.DuckDBPyConnection, card: Scorecard, signals: Mapping[str, Signal]) -> None:
    """Add the rows of the accounts in ``candidate`` (account_id) to ``driver``, from ``measured``, ``event`` and ``stale``."""
    facts.execute(f"CREATE OR REPLACE TEMP TABLE valued AS {_valued(card, signals)}")
    facts.execute(f"INSERT INTO driver {_POINTS if card.method == 'points' else _weighted(card)}")
    begin = card.start if card.method == "points" else card.scale.low
    if begin:
        facts.execute(_BASE, [-2, START, 100.0 * begin, abs(100.0 * begin)])
    if card.method == "points" and card.clamp:
        facts.execute(_CUT, [LIMITS, 100.0 * card.scale.low, 100.0 * card.scale.high])
    facts.execute("DROP TABLE valued")


def values(card: Scorecard, signals: Mapping[str, Signal]) -> str:
    """account_id, signal, value: what may be used of everything that ``card`` needs, events added up, the stale left out."""
    return usable({name: _freshness(card, signals, name) for name in card.needs()}, _faded(card))


def usable(freshness: Mapping[str, int | None], faded: str = "1.0") -> str:
    """account_id, signal, value of the signals in ``freshness`` (name -> days, None for no limit), events added up by what ``faded``
    (SQL) leaves of each, and what is staler than its limit left out."""
    fresh = exp.Case()
    for name, limit in freshness.items():
        if limit is not None:
            fresh = fresh.when(exp.column("signal", table="stale").eq(name), exp.Literal.number(limit))
    limits = fresh.sql(dialect="duckdb") if fresh.args.get("ifs") else "NULL"
    asked = exp.column("signal").isin(*freshness).sql(dialect="duckdb") if freshness else "false"
    return f"""
    SELECT known.account_id, known.signal, known.value
    FROM (
        SELECT account_id, signal, value FROM measured WHERE {asked}
        UNION ALL
        SELECT account_id, signal, round(sum(value * {faded}), 9) AS value FROM event WHERE {asked} GROUP BY account_id, signal
    ) AS known
    LEFT JOIN stale ON stale.account_id = known.account_id AND stale.signal = known.signal
    WHERE coalesce(stale.days <= {limits}, true)
    """  # noqa: S608


def _freshness(card: Scorecard, signals: Mapping[str, Signal], name: str) -> int | None:
    own = next((signal.freshness for _, each, signal in card.signals() if each == name), None)
    return own or (signals[name].header.freshness if name in signals else None)


def _faded(card: Scorecard) -> str:
    """What is left of an event of ``age`` days: a straight line down to nothing."""
    case = exp.Case()
    for _, name, signal in card.signals():
        if signal.fade:
            a_day = signal.fade.percent / 100.0 / signal.fade.days
            left = exp.Literal.number("1.0") - exp.column("age") * exp.Literal.number(repr(a_day))
            case = case.when(
                exp.column("signal").eq(name), exp.Greatest(this=left, expressions=[exp.Literal.number("0.0")])
            )
    return case.else_(exp.Literal.number("1.0")).sql(dialect="duckdb") if case.args.get("ifs") else "1.0"


def _valued(card: Scorecard, signals: Mapping[str, Signal]) -> str:
    """Every candidate with every signal of the card: its value and what its curve gives."""
    return f"""
    WITH card (place, dimension, signal, weight, dimension_weight, cover, assumed) AS ({_rows(card)})
    SELECT candidate.account_id, card.*, usable.value, coalesce({_earned(card)}, card.assumed) AS earned
    FROM candidate CROSS JOIN card
    LEFT JOIN ({values(card, signals)}) AS usable ON usable.account_id = candidate.account_id AND usable.signal = card.signal
    """  # noqa: S608


def _rows(card: Scorecard) -> str:
    total = sum(card.dimension_weight(name) for name in card.dimensions)
    rows = []
    for place, (dimension, name, signal) in enumerate(card.signals()):
        inside = sum(card.weight(each) for each in card.dimensions[dimension].signals.values())
        whole = card.dimension_weight(dimension)
        cover = 100.0 * whole / total * card.weight(signal) / inside
        numbers = [*map(_double, (card.weight(signal), whole, cover)), _assumed(card, signal)]
        rows.append(
            exp.tuple_(exp.Literal.number(place), exp.Literal.string(dimension), exp.Literal.string(name), *numbers)
        )
    return exp.Values(expressions=rows).sql(dialect="duckdb")


def _assumed(card: Scorecard, signal: CardSignal) -> exp.Expr:
    share = None if card.method == "points" else card.unknown_share(signal)
    return exp.cast(exp.null(), "double") if share is None else _double(share)


def _double(value: float) -> exp.Expr:
    return exp.cast(exp.Literal.number(repr(float(value))), "double")


def _earned(card: Scorecard) -> str:
    """A CASE over the signal's name; the curve of each in its branch."""
    value = exp.column("value", table="usable")
    case = exp.Case()
    for _, name, signal in card.signals():
        case = case.when(exp.column("signal", table="card").eq(name), signal.curve.expression(value))
    return exp.Case().when(value.copy().is_(exp.null()).not_(), case).sql(dialect="duckdb")


def _weighted(card: Scorecard) -> str:
    """Weights shared out among what is known; by method ``rules`` all earn the same part of theirs."""
    span = card.scale.high - card.scale.low
    part = "valued.earned"
    if card.method == "rules":
        part = f"""CASE WHEN everything.least < {card.rules.poor!r} THEN 0.0 WHEN everything.least >= {card.rules.good!r} THEN 1.0
            ELSE 0.5 END"""
    return f"""
    WITH known AS (
        SELECT account_id, dimension, dimension_weight, sum(weight) AS weight, min(earned) AS least
        FROM valued WHERE earned IS NOT NULL GROUP BY account_id, dimension, dimension_weight
    ),
    everything AS (
        SELECT account_id, sum(dimension_weight) AS weight, min(least) AS least FROM known GROUP BY account_id
    ),
    shared AS (
        SELECT valued.*, CASE WHEN valued.earned IS NOT NULL THEN {part} END AS part, CASE WHEN valued.earned IS NOT NULL
            THEN round({span!r} * valued.dimension_weight / everything.weight * valued.weight / known.weight, 9) END AS carried
        FROM valued
        LEFT JOIN known ON known.account_id = valued.account_id AND known.dimension = valued.dimension
        LEFT JOIN everything ON everything.account_id = valued.account_id
    )
    SELECT account_id, place, dimension, signal, value, earned, weight, carried, CASE WHEN value IS NOT NULL THEN cover ELSE 0.0 END,
        carried * part * 100.0, carried * (1.0 - part) * 100.0, carried * part * 100.0, coalesce(part > 0.0 AND part < 1.0, false)
    FROM shared
    """  # noqa: S608


_POINTS = """
SELECT account_id, place, dimension, signal, value, NULL, weight, greatest(earned, 0.0),
    CASE WHEN value IS NOT NULL THEN cover ELSE 0.0 END, earned * 100.0, abs(earned) * 100.0, abs(earned) * 100.0,
    coalesce(earned <> 0.0, false)
FROM valued
"""

_BASE = """
INSERT INTO driver SELECT account_id, $1, $2, $2, NULL, NULL, 0.0, 0.0, 0.0, $3, $4, $4, false FROM candidate
"""

_CUT = """
INSERT INTO driver
WITH added AS (
    SELECT driver.account_id, sum(driver.raw) AS raw FROM driver
    INNER JOIN candidate ON candidate.account_id = driver.account_id GROUP BY driver.account_id
)
SELECT account_id, -1, $1, $1, NULL, NULL, 0.0, 0.0, 0.0, greatest($2, least($3, raw)) - raw, 0.0, 0.0, false
FROM added WHERE raw < $2 OR raw > $3
"""
