"""What customers have under contract: ARR and MRR on a day, TCV of what runs on it, and the subscription revenue of a year (ACV).

Subscription revenue is what a year's service is worth, not the cash that came in it (decks 000:117-121; book §1.3, M1 to M3).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.exchange import into
from csconnect.compute.period import Period, months_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def contracted(
    facts: duckdb.DuckDBPyConnection, day: date, year: Period, by: Sequence[str] = (), *, currency: str | None = None
) -> pa.Table:
    """After `csconnect.compute.sold.make_sold` (and, with ``currency``, `make_exchange` into it). A row a dimension, value and currency,
    ``all`` first: dimension, value, currency, customers (with a line that runs on ``day``), untold_customers (of them those with an amount
    that cannot be told: it is in no figure), and as DECIMAL(38,2) arr, mrr (a twelfth of it), acv (subscription revenue of all lines
    within ``year`` or any shorter period: a twelfth of the ARR for each month, of a part of a month that part; those of customers that have
    left since are in it, days that a service credit or nobody paid for are not), tcv (of what runs on ``day`` the amounts of its whole
    length, one-off fees in them as far as they are told).

    All is converted at the rate of ``day``. Each line is rounded to the cent, so that cells add up to all.
    """
    names = known_dimensions(by)
    make_dimension(facts, names)
    on = f"DATE '{day.isoformat()}'"
    rate = "CAST(1 AS DOUBLE)" if currency is None else "exchange.rate"
    months = ", ".join(
        f"(DATE '{month.start.isoformat()}', DATE '{month.end.isoformat()}', {_days_of(month.start)}.0)"
        for month in months_of(year)
    )
    join, _, name = into(currency, on, "line")
    order = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(["all", *names]))
    query = _CONTRACTED.format(
        day=on,
        join=join,
        currency=name,
        rate=rate,
        arr=_cents(f"CAST(line.arr AS DOUBLE) * {rate}"),
        amount=_cents(f"CAST(line.amount AS DOUBLE) * {rate}"),
        acv=_cents(f"CAST(line.arr AS DOUBLE) / 12.0 * earned.months * {rate}"),
        months=months,
        per_line=_PER_LINE if "product_line" in names else "",
        order=order,
    )
    return facts.sql(query).to_arrow_table()


def _days_of(day: date) -> int:
    """How many days the month of ``day`` has."""
    return monthrange(day.year, day.month)[1]


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
    SELECT sold.told_by || ' ' || sold.id AS id, sold.account_id, sold.product_line, sold.currency, sold.excluded IS NOT NULL AS untold,
        sold.counts_from, sold.arr, sold.amount, sold.counts_from <= {day} AND sold.counts_until > {day} AS runs,
        -- an early renewal ends it, a late one bridges a gap that nobody pays for, and credited days are given away
        least(sold.counts_until, sold."end" - CAST(coalesce(line.credited_days, term.credited_days, 0) AS INTEGER)) AS paid_until
    FROM sold_line AS sold
    LEFT JOIN contract_line AS line ON sold.told_by = 'contract_line' AND line.id = sold.id
    LEFT JOIN term ON term.id = CASE WHEN sold.told_by = 'term' THEN sold.id ELSE line.term_id END
    WHERE sold.counts
    UNION ALL
    SELECT 'fee ' || fee.id, coalesce(fee.account_id, term.account_id), coalesce(fee.product_line, term.product_line),
        coalesce(fee.currency, term.currency), FALSE, NULL, NULL, fee.amount, TRUE, NULL
    FROM contract_line AS fee LEFT JOIN term ON term.id = fee.term_id
    INNER JOIN account ON account.id = coalesce(fee.account_id, term.account_id) AND account.is_customer
    WHERE fee.billing = 'one_off' AND coalesce(fee.start, term.start) IS NOT NULL
        AND coalesce(term.start, fee.start) <= {day} AND coalesce(term."end", fee."end") > {day}
        AND (term.signed_on IS NULL OR term.signed_on <= {day})
),
month AS (SELECT * FROM (VALUES {months}) AS told(opening, closing, days)),
earned AS (
    SELECT line.id, sum(CAST(date_diff('day', greatest(line.counts_from, month.opening), least(line.paid_until, month.closing)) AS DOUBLE)
        / month.days) AS months
    FROM line INNER JOIN month ON line.counts_from < month.closing AND line.paid_until > month.opening
    GROUP BY line.id
),
piece AS (
    SELECT line.account_id, coalesce(line.product_line, 'unknown') AS product_line, {currency} AS currency,
        CASE WHEN line.runs AND line.counts_from IS NOT NULL THEN 1 ELSE 0 END AS runs,
        CASE WHEN line.runs AND line.counts_from IS NOT NULL AND (line.untold OR {rate} IS NULL) THEN 1 ELSE 0 END AS untold,
        CASE WHEN line.runs AND NOT line.untold THEN {arr} END AS arr,
        CASE WHEN NOT line.untold AND earned.months IS NOT NULL THEN {acv} END AS acv,
        CASE WHEN line.runs AND NOT line.untold THEN {amount} END AS tcv
    FROM line LEFT JOIN earned ON earned.id = line.id {join}
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
