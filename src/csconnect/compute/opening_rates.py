"""Rates on the opening base: of the customers and the ARR at the opening of a period, what is left at its closing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.dimension import known_dimensions, make_dimension
from csconnect.compute.exchange import into
from csconnect.compute.period import Period, months_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def opening_rates(facts: duckdb.DuckDBPyConnection, by: Sequence[str] = ()) -> pa.Table:
    """After `make_cohort`. A row a dimension, value and currency, ``all`` first: dimension, value, currency, opening_customers,
    retained_customers, deferred_customers, churned_customers, churned_voluntary (null where none of the churned told), expanded_customers,
    contracted_customers, untold_customers, opening_arr, closing_arr, kept_arr, expansion_arr, contraction_arr, churn_arr, deferred_arr,
    churn_voluntary_arr (part of churn_arr; null where none of the churned told), and as DOUBLE, null where the base is 0:
    renewal_rate_amount_opening and grr (the same number: kept / opening), renewal_rate_count_opening, logo_churn_rate,
    logo_churn_rate_voluntary, ndr, ndr_if_renewed (if all deferred renew), amount_churn_rate (1 - ndr; may be negative),
    amount_churn_rate_voluntary (churn_voluntary_arr / opening: of those who left and chose to, so never negative), expanded_share.
    """
    names = known_dimensions(by)
    make_dimension(facts, names)
    order = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(["all", *names]))
    per_line = _PER_LINE.format(moved=_MOVED) if "product_line" in names else ""
    return facts.sql(_RATES.format(order=order, per_line=per_line, moved=_MOVED)).to_arrow_table()


def start_month_triangle(
    facts: duckdb.DuckDBPyConnection, period: Period, currency: str | None = None, rated_on: date | None = None
) -> pa.Table:
    """After `make_sold` (and, with ``currency``, `make_exchange` into it). The customers that started in one month of ``period``, and how
    many of them and how much of their ARR ran when each month of the period since was over: start_month (YYYY-MM), months_since (0
    is the start month itself), currency, customers, arr, untold_customers (in customers; none of their ARR in arr). All is converted at
    the rate of ``rated_on``, by default the period's first day. Months in which none of them runs have no row; end the period by ``as_of``.
    """
    join, arr, name = into(currency, f"DATE '{(rated_on or period.start).isoformat()}'", "line")
    months = ", ".join(
        f"('{month.name}', DATE '{month.end.isoformat()}', {place})" for place, month in enumerate(months_of(period))
    )
    make_dimension(facts, ["start_month"])
    return facts.sql(_TRIANGLE.format(months=months, join=join, arr=arr, currency=name)).to_arrow_table()


_MOVED = "state, voluntary, untold, opening, closing, kept, expansion, contraction, churn, deferred"
_PER_LINE = "UNION ALL SELECT 'product_line', product_line, currency, {moved} FROM cohort_line"

_RATES = """
WITH placed AS (
    SELECT dimension.name, dimension.value, currency, {moved} FROM cohort INNER JOIN dimension ON dimension.account_id = cohort.account_id
    {per_line}
),
cell AS (
    SELECT name, value, currency, count(*) AS opening_customers,
        count(CASE WHEN state = 'retained' THEN 1 END) AS retained_customers,
        count(CASE WHEN state = 'deferred' THEN 1 END) AS deferred_customers,
        count(CASE WHEN state = 'churned' THEN 1 END) AS churned_customers,
        count(CASE WHEN state = 'churned' AND voluntary THEN 1 END) AS voluntary, count(voluntary) AS voluntary_told,
        count(CASE WHEN expansion > 0 THEN 1 END) AS expanded_customers,
        count(CASE WHEN contraction > 0 THEN 1 END) AS contracted_customers,
        count(CASE WHEN untold THEN 1 END) AS untold_customers,
        coalesce(sum(opening), 0) AS opening_arr, coalesce(sum(closing), 0) AS closing_arr, coalesce(sum(kept), 0) AS kept_arr,
        coalesce(sum(expansion), 0) AS expansion_arr, coalesce(sum(contraction), 0) AS contraction_arr,
        coalesce(sum(churn), 0) AS churn_arr, coalesce(sum(deferred), 0) AS deferred_arr,
        coalesce(sum(CASE WHEN voluntary THEN churn END), 0) AS voluntary_arr
    FROM placed GROUP BY name, value, currency
),
told AS (
    SELECT *, CASE WHEN churned_customers = 0 OR voluntary_told > 0 THEN voluntary END AS churned_voluntary,
        CASE WHEN churned_customers = 0 OR voluntary_told > 0 THEN voluntary_arr END AS churn_voluntary_arr,
        nullif(CAST(opening_customers AS DOUBLE), 0.0) AS customers, nullif(CAST(opening_arr AS DOUBLE), 0.0) AS whole
    FROM cell
)
SELECT name AS dimension, value, currency, opening_customers, retained_customers, deferred_customers, churned_customers, churned_voluntary,
    expanded_customers, contracted_customers, untold_customers, opening_arr, closing_arr, kept_arr, expansion_arr, contraction_arr,
    churn_arr, deferred_arr, churn_voluntary_arr,
    CAST(kept_arr AS DOUBLE) / nullif(whole, 0.0) AS renewal_rate_amount_opening, CAST(kept_arr AS DOUBLE) / nullif(whole, 0.0) AS grr,
    CAST(retained_customers AS DOUBLE) / nullif(customers, 0.0) AS renewal_rate_count_opening,
    CAST(churned_customers AS DOUBLE) / nullif(customers, 0.0) AS logo_churn_rate,
    CAST(churned_voluntary AS DOUBLE) / nullif(customers, 0.0) AS logo_churn_rate_voluntary,
    CAST(closing_arr AS DOUBLE) / nullif(whole, 0.0) AS ndr,
    CAST(closing_arr + deferred_arr AS DOUBLE) / nullif(whole, 0.0) AS ndr_if_renewed,
    CAST(opening_arr - closing_arr AS DOUBLE) / nullif(whole, 0.0) AS amount_churn_rate,
    CAST(churn_voluntary_arr AS DOUBLE) / nullif(whole, 0.0) AS amount_churn_rate_voluntary,
    CAST(expanded_customers AS DOUBLE) / nullif(customers, 0.0) AS expanded_share
FROM told ORDER BY CASE name {order} END, value, currency NULLS LAST
"""

_TRIANGLE = """
WITH month AS (SELECT * FROM (VALUES {months}) AS told(name, after, place)),
started AS (
    SELECT dimension.account_id, month.name AS start_month, month.place
    FROM dimension INNER JOIN month ON month.name = dimension.value WHERE dimension.name = 'start_month'
),
running AS (
    SELECT started.start_month, month.place - started.place AS months_since, line.account_id, {currency} AS currency,
        CASE WHEN line.excluded IS NULL THEN {arr} END AS arr
    FROM started INNER JOIN month ON month.place >= started.place
    INNER JOIN sold_line AS line ON line.account_id = started.account_id AND line.counts AND line.counts_from <= month.after
        AND line.counts_until > month.after
    {join}
),
customer AS (
    SELECT start_month, months_since, currency, account_id, CASE WHEN count(arr) = count(*) THEN sum(arr) END AS arr
    FROM running GROUP BY start_month, months_since, currency, account_id
)
SELECT start_month, months_since, currency, count(*) AS customers, coalesce(sum(arr), 0) AS arr,
    count(CASE WHEN arr IS NULL THEN 1 END) AS untold_customers
FROM customer GROUP BY start_month, months_since, currency ORDER BY start_month, months_since, currency NULLS LAST
"""
