"""The share of what existing customers bought more that CSMs found (CSM 来源增购占比; decks 002:31: from 5-8 % to 40-60 %, ceiling
70-80 %; remarks of the source, no thresholds)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.exchange import into
from csconnect.compute.period import Period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def csm_expansion_shares(
    facts: duckdb.DuckDBPyConnection, period: Period, by: Sequence[str] = (), *, currency: str | None = None
) -> pa.Table:
    """A row a dimension, value and currency: dimension, value, currency, won (expansion opportunities won in the period), untold (of
    them those whose amount cannot be told: in no amount), won_amount, known_amount (of known origin), csm_amount,
    csm_expansion_share (DOUBLE: csm_amount / known_amount; null where no origin is known).

    An expansion was won on the day it was closed, else on its close date. Whose origin nobody noted is in neither half of the share.
    After `csconnect.compute.sold.make_sold`; with ``currency`` also after `csconnect.compute.exchange.make_exchange` into it, each at
    the rate of the day it was won. The first rows are dimension ``all``, value ``all``.
    """
    make_dimension(facts, known_dimensions(by))
    join, amount, name = into(currency, "line.day", "line")
    start, end = (f"DATE '{day.isoformat()}'" for day in (period.start, period.end))
    return facts.sql(_SHARES.format(start=start, end=end, join=join, amount=amount, currency=name)).to_arrow_table()


_SHARES = """
WITH line AS (
    SELECT account_id, origin, amount AS arr, currency, coalesce(CAST(closed_at AS DATE), close_on) AS day
    FROM opportunity WHERE status = 'won' AND kind = 'expansion'
),
won AS (
    SELECT line.account_id, line.origin, CASE WHEN line.currency IS NOT NULL THEN {amount} END AS amount, {currency} AS currency
    FROM line {join}
    WHERE line.day >= {start} AND line.day < {end}
),
added AS (
    SELECT dimension.name, dimension.value, won.currency, count(*) AS won, count(CASE WHEN won.amount IS NULL THEN 1 END) AS untold,
        coalesce(sum(won.amount), 0) AS won_amount, coalesce(sum(CASE WHEN won.origin IS NOT NULL THEN won.amount END), 0) AS known_amount,
        coalesce(sum(CASE WHEN won.origin = 'csm' THEN won.amount END), 0) AS csm_amount
    FROM won INNER JOIN dimension ON dimension.account_id = won.account_id
    GROUP BY dimension.name, dimension.value, won.currency
)
SELECT name AS dimension, value, currency, won, untold, CAST(won_amount AS DECIMAL(38, 2)) AS won_amount,
    CAST(known_amount AS DECIMAL(38, 2)) AS known_amount, CAST(csm_amount AS DECIMAL(38, 2)) AS csm_amount,
    CAST(csm_amount AS DOUBLE) / nullif(CAST(known_amount AS DOUBLE), 0.0) AS csm_expansion_share
FROM added ORDER BY CASE name WHEN 'all' THEN 0 ELSE 1 END, name, value, currency NULLS LAST
"""
