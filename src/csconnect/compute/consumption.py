"""What prepaid customers consumed beside what their contracts are worth a month (充值/消耗; decks 001:3297-3306, 3352-3383).

The contract says what was promised, consumption what is used of it. They are two figures and never one sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.exchange import into

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def last_full_month(as_of: date) -> tuple[date, date]:
    """``[first, after)``: the newest month of the calendar whose last day is over on ``as_of``, or is ``as_of`` itself."""
    after = (as_of + timedelta(days=1)).replace(day=1)
    return (after - timedelta(days=1)).replace(day=1), after


def consumed(
    facts: duckdb.DuckDBPyConnection, as_of: date, by: Sequence[str] = (), *, currency: str | None = None
) -> pa.Table:
    """A row a dimension, value and currency: dimension, value, currency, month (YYYY-MM: `last_full_month`), customers, contract_mrr,
    consumed_mrr (DECIMAL(38,2)), untold (customers with an amount of the month that cannot be told: it is in neither).

    Prepaid is who has ever consumed anything; who consumed nothing in the month has consumed 0. ``contract_mrr`` is a twelfth of the
    ARR that ran on the month's last day, rounded to the cent customer by customer. An amount is of a customer and currency: a
    customer whose contract and consumption have two has a row in both. After `csconnect.compute.sold.make_sold`; with ``currency``
    also after `csconnect.compute.exchange.make_exchange` into it, at the rates of the month's last day. The first rows are dimension
    ``all``, value ``all``.
    """
    make_dimension(facts, known_dimensions(by))
    first, after = last_full_month(as_of)
    last = f"DATE '{(after - timedelta(days=1)).isoformat()}'"
    join, amount, name = into(currency, last, "line")
    return facts.sql(
        _CONSUMED.format(
            first=f"DATE '{first.isoformat()}'",
            after=f"DATE '{after.isoformat()}'",
            last=last,
            month=f"{first:%Y-%m}",
            join=join,
            amount=amount,
            currency=name,
        )
    ).to_arrow_table()


_CONSUMED = """
WITH prepaid AS (
    SELECT DISTINCT consumption.account_id
    FROM consumption INNER JOIN account ON account.id = consumption.account_id AND account.is_customer
    WHERE consumption.day < {after}
),
line AS (
    SELECT 'contract' AS side, sold.account_id, CASE WHEN sold.excluded IS NULL THEN sold.arr END AS arr, sold.currency
    FROM sold_line AS sold INNER JOIN prepaid ON prepaid.account_id = sold.account_id
    WHERE sold.counts AND sold.counts_from <= {last} AND sold.counts_until > {last}
    UNION ALL
    SELECT 'consumption', consumption.account_id, CAST(consumption.amount AS DECIMAL(38, 4)), consumption.currency
    FROM consumption WHERE consumption.day >= {first} AND consumption.day < {after}
),
told AS (
    SELECT line.side, line.account_id, CASE WHEN line.currency IS NOT NULL THEN {amount} END AS amount, {currency} AS currency
    FROM line {join}
),
customer AS (
    SELECT account_id, currency, max(CASE WHEN amount IS NULL THEN 1 ELSE 0 END) AS untold,
        CAST(round(CAST(CAST(coalesce(sum(CASE WHEN side = 'contract' THEN amount END), 0) AS DOUBLE) / 12.0 AS DECIMAL(38, 6)), 2)
            AS DECIMAL(38, 2)) AS contract_mrr,
        CAST(round(coalesce(sum(CASE WHEN side = 'consumption' THEN amount END), 0), 2) AS DECIMAL(38, 2)) AS consumed_mrr
    FROM told GROUP BY account_id, currency
)
SELECT dimension.name AS dimension, dimension.value, customer.currency, '{month}' AS month, count(*) AS customers,
    sum(CASE WHEN customer.untold = 0 THEN customer.contract_mrr ELSE 0 END) AS contract_mrr,
    sum(CASE WHEN customer.untold = 0 THEN customer.consumed_mrr ELSE 0 END) AS consumed_mrr,
    CAST(sum(customer.untold) AS BIGINT) AS untold
FROM customer INNER JOIN dimension ON dimension.account_id = customer.account_id
GROUP BY dimension.name, dimension.value, customer.currency
ORDER BY CASE dimension.name WHEN 'all' THEN 0 ELSE 1 END, dimension.name, dimension.value, customer.currency NULLS LAST
"""
