"""What customers have under contract: ARR and MRR on a day, TCV of what runs on it, and the subscription revenue of a year (ACV).

Subscription revenue is what a year's service is worth, not the cash that came in it (decks 000:117-121; book §1.3, M1 to M3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.exchange import into
from csconnect.compute.period import Period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def contracted(
    facts: duckdb.DuckDBPyConnection, day: date, year: Period, by: Sequence[str] = (), *, currency: str | None = None
) -> pa.Table:
    """After `csconnect.compute.sold.make_sold` (and, with ``currency``, `make_exchange` into it). A row a dimension, value and currency,
    ``all`` first: dimension, value, currency, customers (with a line that runs on ``day``), untold_customers (of them those with an amount
    that cannot be told: it is in no figure), and as DECIMAL(38,2) arr, mrr (a twelfth of it), acv (subscription revenue of all lines
    within ``year``, day by day; those of customers that have left since are in it), tcv (of what runs on ``day`` the amounts of its whole
    length, one-off fees in them as far as they are told).

    All is converted at the rate of ``day``. Each line is rounded to the cent, so that cells add up to all.
    """
    names = known_dimensions(by)
    make_dimension(facts, names)
    on, start, end = (f"DATE '{each.isoformat()}'" for each in (day, year.start, year.end))
    rate = "CAST(1 AS DOUBLE)" if currency is None else "exchange.rate"
    covered = f"date_diff('day', greatest(line.counts_from, {start}), least(line.counts_until, {end}))"
    join, _, name = into(currency, on, "line")
    order = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(["all", *names]))
    query = _CONTRACTED.format(
        day=on,
        join=join,
        currency=name,
        rate=rate,
        start=start,
        end=end,
        arr=_cents(f"CAST(line.arr AS DOUBLE) * {rate}"),
        amount=_cents(f"CAST(line.amount AS DOUBLE) * {rate}"),
        acv=_cents(f"CAST(line.arr AS DOUBLE) * {rate} * CAST({covered} AS DOUBLE) / {(year.end - year.start).days}.0"),
        per_line=_PER_LINE if "product_line" in names else "",
        order=order,
    )
    return facts.sql(query).to_arrow_table()


def _cents(amount: str) -> str:
    """SQL for an amount to the cent; by way of a decimal, so that it does not hang on the last bit of a double."""
    return f"CAST(round(CAST({amount} AS DECIMAL(38, 6)), 2) AS DECIMAL(38, 2))"


_PER_LINE = """
    UNION ALL
    SELECT 'product_line', product_line, currency, account_id, runs, untold, arr, acv, tcv FROM piece"""

# Fees have no dates of their own here, which tells them from lines. A fee belongs to the order that it stands in and runs as long; one
# that names no order runs as long as it says itself.
_CONTRACTED = """
WITH line AS (
    SELECT account_id, product_line, currency, excluded IS NOT NULL AS untold, counts_from, counts_until, arr, amount,
        counts_from <= {day} AND counts_until > {day} AS runs
    FROM sold_line WHERE counts
    UNION ALL
    SELECT coalesce(fee.account_id, term.account_id), coalesce(fee.product_line, term.product_line), coalesce(fee.currency, term.currency),
        FALSE, NULL, NULL, NULL, fee.amount, TRUE
    FROM contract_line AS fee LEFT JOIN term ON term.id = fee.term_id
    INNER JOIN account ON account.id = coalesce(fee.account_id, term.account_id) AND account.is_customer
    WHERE fee.billing = 'one_off' AND coalesce(fee.start, term.start) IS NOT NULL
        AND coalesce(term.start, fee.start) <= {day} AND coalesce(term."end", fee."end") > {day}
        AND (term.signed_on IS NULL OR term.signed_on <= {day})
),
piece AS (
    SELECT line.account_id, coalesce(line.product_line, 'unknown') AS product_line, {currency} AS currency,
        CASE WHEN line.runs AND line.counts_from IS NOT NULL THEN 1 ELSE 0 END AS runs,
        CASE WHEN line.runs AND line.counts_from IS NOT NULL AND (line.untold OR {rate} IS NULL) THEN 1 ELSE 0 END AS untold,
        CASE WHEN line.runs AND NOT line.untold THEN {arr} END AS arr,
        CASE WHEN NOT line.untold AND line.counts_from < {end} AND line.counts_until > {start} THEN {acv} END AS acv,
        CASE WHEN line.runs AND NOT line.untold THEN {amount} END AS tcv
    FROM line {join}
),
placed AS (
    SELECT dimension.name, dimension.value, piece.currency, piece.account_id, piece.runs, piece.untold, piece.arr, piece.acv, piece.tcv
    FROM piece INNER JOIN dimension ON dimension.account_id = piece.account_id{per_line}
),
customer AS (
    SELECT name, value, currency, account_id, max(runs) AS runs, max(untold) AS untold, sum(arr) AS arr, sum(acv) AS acv, sum(tcv) AS tcv
    FROM placed GROUP BY name, value, currency, account_id
),
cell AS (
    SELECT name, value, currency, sum(runs) AS customers, sum(untold * runs) AS untold_customers,
        sum(CASE WHEN untold = 0 THEN arr END) AS arr, sum(acv) AS acv, sum(CASE WHEN untold = 0 THEN tcv END) AS tcv
    FROM customer GROUP BY name, value, currency
)
SELECT name AS dimension, value, currency, CAST(customers AS BIGINT) AS customers, CAST(untold_customers AS BIGINT) AS untold_customers,
    CAST(coalesce(arr, 0) AS DECIMAL(38, 2)) AS arr, CAST(round(coalesce(arr, 0) / 12, 2) AS DECIMAL(38, 2)) AS mrr,
    CAST(coalesce(acv, 0) AS DECIMAL(38, 2)) AS acv, CAST(coalesce(tcv, 0) AS DECIMAL(38, 2)) AS tcv
FROM cell WHERE customers > 0 OR acv <> 0 OR tcv <> 0
ORDER BY CASE name {order} END, value, currency NULLS LAST
"""
