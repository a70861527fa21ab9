"""Reach rate (客户翻动率): which customers were touched within the contact cycle of their tier (decks 001:2525, 2541; book §5.4.2).

No source gives a formula. Cycles are the book's, by tier; a tier without one (micro customers: no proactive visits) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.danger import NOBODY
from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.measure import build
from csconnect.compute.rollup import Rollup
from csconnect.compute.terms import RenewalRules
from csconnect.model.enums import Segment

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def reach_rates(
    facts: duckdb.DuckDBPyConnection,
    as_of: date,
    contact_days: Mapping[str, int],
    held: Rollup,
    by: Sequence[str] = (),
    *,
    not_served: str = NOBODY,
    rules: RenewalRules | None = None,
) -> pa.Table:
    """A row a dimension and value: dimension, value, customers, touched, reach_rate (DOUBLE, null where the base is 0), untold.

    The base is the customers of a tier that stands in ``contact_days`` (tier -> days of its cycle) of whom touchpoints are delivered;
    ``untold`` are those of such a tier of whom nobody delivers any: unknown is not untouched. Touched is who was met, spoken or
    written to (the roll-up ``held``, ``held_touchpoint``) within so many days, today among them. Who is no customer on the day
    (``not_served``, SQL) is left out. After `csconnect.compute.sold.make_sold`; the first row is dimension ``all``, value ``all``.
    """
    grace = (rules or RenewalRules()).grace_days
    rollups = build(facts, (*held.rollups, held), as_of, grace)
    make_dimension(facts, known_dimensions(by))
    tiers = " ".join(f"WHEN '{Segment(tier)}' THEN {int(days)}" for tier, days in sorted(contact_days.items()))
    table = facts.sql(
        _REACH.format(
            today=f"DATE '{as_of.isoformat()}'",
            held=held.name,
            not_served=not_served,
            cycle=f"CASE account.segment {tiers} END" if tiers else "CAST(NULL AS INTEGER)",
        )
    ).to_arrow_table()
    for name in rollups:
        facts.execute(f"DROP TABLE {name}")
    return table


_REACH = """
WITH due AS (
    SELECT account.id AS account_id, {cycle} AS days
    FROM account LEFT JOIN ({not_served}) AS gone (account_id) ON gone.account_id = account.id
    WHERE account.is_customer AND gone.account_id IS NULL
),
told AS (
    SELECT DISTINCT account_id FROM delivery WHERE entity = 'touchpoint'
),
last_time AS (
    SELECT account_id, max(day) AS day FROM {held} GROUP BY account_id
),
reached AS (
    SELECT due.account_id, told.account_id IS NOT NULL AS known,
        told.account_id IS NOT NULL AND date_diff('day', last_time.day, {today}) < due.days AS touched
    FROM due LEFT JOIN told ON told.account_id = due.account_id LEFT JOIN last_time ON last_time.account_id = due.account_id
    WHERE due.days IS NOT NULL
),
counted AS (
    SELECT dimension.name, dimension.value, count(CASE WHEN reached.known THEN 1 END) AS customers,
        count(CASE WHEN reached.touched THEN 1 END) AS touched, count(CASE WHEN NOT reached.known THEN 1 END) AS untold
    FROM reached INNER JOIN dimension ON dimension.account_id = reached.account_id
    GROUP BY dimension.name, dimension.value
)
SELECT name AS dimension, value, customers, touched,
    CAST(touched AS DOUBLE) / nullif(CAST(customers AS DOUBLE), 0.0) AS reach_rate, untold
FROM counted ORDER BY CASE name WHEN 'all' THEN 0 ELSE 1 END, name, value
"""
