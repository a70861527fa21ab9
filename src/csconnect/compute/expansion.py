"""Who may be asked to buy more, why, and what speaks against asking now (增购; book §7.1.1-7.1.2; decks 002:28-31, 004:658-663).

A reason alone is not enough: the customer must stand well with us. Who is still being implemented, or is spreading the product in
its house, is asked nothing (R25); nor is who has other worries, or a renewal to talk about first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.danger import NOBODY
from csconnect.compute.earn import usable
from csconnect.compute.measure import build
from csconnect.compute.rollup import Rollup
from csconnect.compute.terms import RenewalRules, days_before

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import pyarrow as pa

    from csconnect.compute.signal import Signal

NEEDS = ("seat_saturation", "quota_saturation", "roi", "red_light")
"""The signals that must be measured."""
REASONS = ("seats", "quota", "need")
"""Why an account may want more: its seats are nearly all in use, a quota nearly used up, or it said so."""
HOLDS = (
    "stage",
    "with_renewal",
    "stickiness_unknown",
    "stickiness",
    "score_unknown",
    "score",
    "red_light",
    "roi",
    "open_already",
    "another_first",
)
"""What may hold an account back:

- ``stage``: it is being implemented, spreads the product in its house, or has only signed (book §7.1.2).
- ``with_renewal``: a renewal is due, or an open one will close before work on it would begin: more is talked about there.
- ``stickiness_unknown``, ``stickiness``: its level is not known, or below the one asked for.
- ``score_unknown``, ``score``: it has no score; or that is not green, or below the one asked for.
- ``red_light``: somebody has pressed it.
- ``roi``: its return on the investment is known and does not cover the cost.
- ``open_already``: an expansion is open, whoever made it, or a deal of which nobody says what it is and which is no renewal for all we
  know.
- ``another_first``: one thing at a time; another row of the account stands before this one.
"""
COVERS = 100
"""Percent of return on investment from which the benefit is worth its cost (ours: the source asks for evidence, not for a figure)."""


@dataclass(frozen=True)
class ExpansionGate:
    """``seats`` and ``quota`` are the percent in use from which more may be wanted (ours: the source says "nearly"), ``stickiness``
    the lowest level and ``score`` the lowest score of who is asked (004:658-663; both green and this).

    ``stage`` and ``purchase`` are the roll-ups ``lifecycle`` and ``purchase``.
    """

    stage: Rollup
    purchase: Rollup
    seats: float = 95
    quota: float = 90
    stickiness: int = 3
    score: float = 80

    def rollups(self) -> tuple[Rollup, ...]:
        """Everything that must be built, in order."""
        return (*self.stage.rollups, self.stage, *self.purchase.rollups, self.purchase)


def expansions(
    facts: duckdb.DuckDBPyConnection,
    gate: ExpansionGate,
    signals: Mapping[str, Signal],
    sticky: pa.Table,
    as_of: date,
    rules: RenewalRules,
    *,
    not_served: str = NOBODY,
) -> pa.Table:
    """A row a customer with a reason to buy more; one more for each product line of which it stated a need:

    account_id, account (its name), product_line (null: the account as a whole), reasons (those of `REASONS` that hold, a space
    between two), needs (the kinds of the open needs, likewise; ``other`` where nobody says), seat_saturation, quota_saturation
    (percent; null unless a reason), held_by (those of `HOLDS` that hold; empty: it may be asked), stage, level, score, roi,
    renewal_on (last day of the next cycle that is due, or null), amount (of a year, DECIMAL(38,2)) and currency, opportunity_id and
    opportunity (the open deal that may be an expansion), owner_id, owner. Ordered by account and product line.

    Reads what `csconnect.compute.score.score_measured`, `csconnect.compute.sold.make_sold` and `csconnect.compute.due.make_due` made
    for the same day; ``sticky`` is `csconnect.compute.stickiness.stickiness`. Who is no customer on the day (``not_served``, SQL) is
    left out. What is staler than its signal allows is unknown, and unknown is no reason.

    The amount is that of the seats in use beyond those bought, at what a seat of that line costs the customer today (the same
    discount; book §7.1.2). It is null where no seat is missing, or where the lines do not tell what a seat costs.
    """
    rollups = build(facts, gate.rollups(), as_of, rules.grace_days)
    facts.register("sticky", sticky)
    values = usable({name: signals[name].header.freshness for name in NEEDS})
    table = facts.sql(
        _LIST.format(
            today=f"DATE '{as_of.isoformat()}'",
            values=values,
            not_served=not_served,
            stage=gate.stage.name,
            purchase=gate.purchase.name,
            seats=float(gate.seats),
            quota=float(gate.quota),
            stickiness=int(gate.stickiness),
            score=float(gate.score),
            covers=COVERS,
            start_days=days_before(rules),
        )
    ).to_arrow_table()
    facts.unregister("sticky")
    for name in rollups:
        facts.execute(f"DROP TABLE {name}")
    return table


_LIST = """
WITH customer AS (
    SELECT account.id AS account_id, account.name AS account, account.owner_id, account.segment, {start_days} AS start_days
    FROM account LEFT JOIN ({not_served}) AS gone (account_id) ON gone.account_id = account.id
    WHERE account.is_customer AND gone.account_id IS NULL
),
measurement AS (
    SELECT account_id,
        max(CASE WHEN signal = 'seat_saturation' THEN value END) AS seats,
        max(CASE WHEN signal = 'quota_saturation' THEN value END) AS quota,
        max(CASE WHEN signal = 'roi' THEN value END) AS roi, max(CASE WHEN signal = 'red_light' THEN value END) AS red_light
    FROM ({values}) AS each_value GROUP BY account_id
),
asked AS (
    SELECT need.account_id, coalesce(need.product_line, '') AS line,
        concat_ws(' ',
            max(CASE WHEN need.kind = 'more_accounts' THEN 'more_accounts' END), max(CASE WHEN need.kind = 'upgrade' THEN 'upgrade' END),
            max(CASE WHEN need.kind = 'new_tenant' THEN 'new_tenant' END), max(CASE WHEN need.kind = 'new_product' THEN 'new_product' END),
            max(CASE WHEN need.kind = 'cross_line' THEN 'cross_line' END), max(CASE WHEN need.kind IS NULL THEN 'other' END)) AS kinds
    FROM need WHERE need.stated_on <= {today} AND (need.closed_on IS NULL OR need.closed_on > {today})
    GROUP BY need.account_id, coalesce(need.product_line, '')
),
wanting AS (
    SELECT account_id, line FROM asked
    UNION
    SELECT account_id, '' AS line FROM measurement WHERE seats >= {seats} OR quota >= {quota}
),
placed AS (
    SELECT wanting.account_id, wanting.line, row_number() OVER (PARTITION BY wanting.account_id ORDER BY wanting.line) AS place
    FROM wanting
),
due AS (
    SELECT account_id, min(due_on) AS due_on FROM cycle WHERE state IN ('due', 'deferred') GROUP BY account_id
),
renewing AS (
    SELECT opportunity.account_id
    FROM opportunity INNER JOIN customer ON customer.account_id = opportunity.account_id
    WHERE opportunity.status = 'open' AND opportunity.kind = 'renewal'
        AND (opportunity.close_on IS NULL OR date_diff('day', {today}, opportunity.close_on) <= customer.start_days)
    GROUP BY opportunity.account_id
),
expanding AS (
    SELECT account_id, id, name, row_number() OVER (PARTITION BY account_id ORDER BY close_on NULLS LAST, id) AS place
    FROM opportunity WHERE status = 'open' AND (kind = 'expansion' OR (
        kind IS NULL AND contract_id IS NULL AND NOT starts_with(coalesce(key, ''), 'renewal|')
        AND id NOT IN (SELECT open_id FROM cycle WHERE open_id IS NOT NULL)))
),
bought AS (
    SELECT account_id, seats FROM {purchase} WHERE ago = 0
),
-- what runs of each product: of a line of an order its quantity, of a term without lines its seats
running AS (
    SELECT sold.account_id, sold.family, coalesce(line.product_id, '') AS product, sold.arr, sold.currency, sold.excluded,
        CAST(CASE WHEN sold.told_by = 'term' THEN term.seats ELSE line.quantity END AS DOUBLE) AS quantity
    FROM sold_line AS sold
    LEFT JOIN contract_line AS line ON sold.told_by = 'contract_line' AND line.id = sold.id
    LEFT JOIN term ON sold.told_by = 'term' AND term.id = sold.id
    WHERE sold.counts AND sold.counts_from <= {today} AND sold.counts_until > {today}
),
product AS (
    SELECT account_id, family, product, sum(quantity) AS quantity, sum(arr) AS arr, min(currency) AS low, max(currency) AS high,
        count(CASE WHEN excluded IS NOT NULL OR quantity IS NULL THEN 1 END) AS untold
    FROM running GROUP BY account_id, family, product
),
-- a seat has all that was bought once for each seat; where two product lines could be the one that runs short, nobody knows which
seat AS (
    SELECT product.account_id, min(product.low) AS currency, sum(product.arr) AS arr
    FROM product INNER JOIN bought ON bought.account_id = product.account_id AND bought.seats = product.quantity
    WHERE product.untold = 0
    GROUP BY product.account_id
    HAVING min(product.family) = max(product.family) AND min(product.low) = max(product.high)
),
missing AS (
    SELECT seat.account_id, seat.currency, bought.seats,
        seat.arr, CAST(round(measurement.seats * bought.seats / 100.0, 0) AS BIGINT) - bought.seats AS short
    FROM seat INNER JOIN bought ON bought.account_id = seat.account_id INNER JOIN measurement ON measurement.account_id = seat.account_id
),
listed AS (
    SELECT customer.account_id, customer.account, customer.owner_id, placed.line, placed.place, stage.stage, sticky.level, scored.score,
        scored.rank, measurement.roi, measurement.red_light, asked.kinds, due.due_on, renewing.account_id IS NOT NULL AS renewing,
        CASE WHEN placed.line = '' AND measurement.seats >= {seats} THEN measurement.seats END AS seats,
        CASE WHEN placed.line = '' AND measurement.quota >= {quota} THEN measurement.quota END AS quota
    FROM placed
    INNER JOIN customer ON customer.account_id = placed.account_id
    LEFT JOIN measurement ON measurement.account_id = placed.account_id
    LEFT JOIN asked ON asked.account_id = placed.account_id AND asked.line = placed.line
    LEFT JOIN {stage} AS stage ON stage.account_id = placed.account_id
    LEFT JOIN sticky ON sticky.account_id = placed.account_id
    LEFT JOIN scored ON scored.account_id = placed.account_id
    LEFT JOIN due ON due.account_id = placed.account_id
    LEFT JOIN renewing ON renewing.account_id = placed.account_id
)
SELECT listed.account_id, listed.account, nullif(listed.line, '') AS product_line,
    concat_ws(' ', CASE WHEN listed.seats IS NOT NULL THEN 'seats' END, CASE WHEN listed.quota IS NOT NULL THEN 'quota' END,
        CASE WHEN listed.kinds IS NOT NULL THEN 'need' END) AS reasons,
    coalesce(listed.kinds, '') AS needs, listed.seats AS seat_saturation, listed.quota AS quota_saturation,
    concat_ws(' ',
        CASE WHEN coalesce(listed.stage, '') NOT IN ('stable', 'renewal') THEN 'stage' END,
        CASE WHEN listed.stage = 'renewal' OR listed.due_on IS NOT NULL OR listed.renewing THEN 'with_renewal' END,
        CASE WHEN listed.level IS NULL THEN 'stickiness_unknown' WHEN listed.level < {stickiness} THEN 'stickiness' END,
        CASE WHEN listed.score IS NULL THEN 'score_unknown' WHEN coalesce(listed.rank, 0) < 2 OR listed.score < {score} THEN 'score' END,
        CASE WHEN listed.red_light >= 1 THEN 'red_light' END,
        CASE WHEN listed.roi < {covers} THEN 'roi' END,
        CASE WHEN expanding.id IS NOT NULL THEN 'open_already' END,
        CASE WHEN listed.place > 1 THEN 'another_first' END) AS held_by,
    listed.stage, CAST(listed.level AS INTEGER) AS level, CAST(listed.score AS DOUBLE) AS score, listed.roi,
    CAST(listed.due_on - INTERVAL 1 DAY AS DATE) AS renewal_on,
    CASE WHEN listed.seats IS NOT NULL AND missing.short > 0
        THEN CAST(round(CAST(CAST(missing.arr AS DOUBLE) * missing.short / nullif(CAST(missing.seats AS DOUBLE), 0.0) AS DECIMAL(38, 6)), 2)
            AS DECIMAL(38, 2)) END AS amount,
    CASE WHEN listed.seats IS NOT NULL AND missing.short > 0 THEN missing.currency END AS currency,
    expanding.id AS opportunity_id, expanding.name AS opportunity, listed.owner_id, owner.name AS owner
FROM listed
LEFT JOIN missing ON missing.account_id = listed.account_id
LEFT JOIN expanding ON expanding.account_id = listed.account_id AND expanding.place = 1
LEFT JOIN owner ON owner.id = listed.owner_id
ORDER BY listed.account_id, listed.line
"""
