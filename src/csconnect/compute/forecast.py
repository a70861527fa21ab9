"""What open renewals were expected to bring, week by week (decks 001:556-620), and what each brought in the end."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from csconnect.compute.due import make_due
from csconnect.compute.renewals import renewal_list
from csconnect.compute.sold import make_sold

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from csconnect.compute.terms import RenewalRules


def week_of(day: date) -> list[date]:
    """The days of the ISO week of ``day``."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def forecasts(facts: duckdb.DuckDBPyConnection, day: date, rules: RenewalRules) -> pa.Table:
    """A row an open renewal opportunity on ``day`` in the columns of `csconnect.lake.schema.FORECAST`: day, opportunity_id, account_id,
    owner_id (its own, or the account's), due_on (of the cycle that it stands for; null where it stands for none), amount, currency, months
    (what its amount is for: its own, or those of the cycle), arr (amount / months * 12; null where either is unknown), due_arr, close_on,
    stage, status. One that stands for several product lines has the sum of their due ARR and the longest of their months."""
    make_sold(facts, day, rules)
    make_due(facts, day, rules)
    facts.register("renewal_rows", renewal_list(facts, day, rules))
    try:
        return facts.sql(_FORECASTS.format(day=f"DATE '{day.isoformat()}'", arr=_ARR)).to_arrow_table()
    finally:
        facts.unregister("renewal_rows")


def outcomes(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules) -> pa.Table:
    """A row a renewal opportunity that was won or lost by ``as_of``: opportunity_id, currency, closed_on, arr (what it brought by the year;
    null where that cannot be told). That is what the orders say that renew its cycles; where none does nothing if it was lost, and
    its own amount by the year if it was won."""
    make_sold(facts, as_of, rules)
    make_due(facts, as_of, rules)
    facts.register("renewal_rows", renewal_list(facts, as_of, rules))
    try:
        return facts.sql(_OUTCOMES.format(today=f"DATE '{as_of.isoformat()}'", arr=_ARR)).to_arrow_table()
    finally:
        facts.unregister("renewal_rows")


_ARR = """CAST(round(CAST(CAST(opportunity.amount AS DOUBLE) * 12.0
        / nullif(CAST(coalesce(opportunity.months, served.months) AS DOUBLE), 0.0) AS DECIMAL(38, 6)), 2) AS DECIMAL(38, 2))"""

_OUTCOMES = """
WITH served AS (
    SELECT opportunity_id, max(months) AS months, max(CASE WHEN state = 'renewed' THEN 1 ELSE 0 END) AS renewed, min(currency) AS currency,
        CASE WHEN count(CASE WHEN state = 'renewed' THEN 1 END) = count(CASE WHEN state = 'renewed' THEN renewed_arr END)
            THEN sum(CASE WHEN state = 'renewed' THEN renewed_arr END) END AS renewed_arr
    FROM renewal_rows WHERE opportunity_id IS NOT NULL GROUP BY opportunity_id
)
SELECT opportunity.id AS opportunity_id, CASE WHEN served.renewed = 1 THEN served.currency ELSE opportunity.currency END AS currency,
    CAST(opportunity.closed_at AS DATE) AS closed_on,
    CASE
        WHEN served.renewed = 1 THEN CAST(served.renewed_arr AS DECIMAL(38, 2))
        WHEN opportunity.status = 'lost' THEN CAST(0 AS DECIMAL(38, 2))
        ELSE {arr}
    END AS arr
FROM opportunity LEFT JOIN served ON served.opportunity_id = opportunity.id
WHERE opportunity.status IN ('won', 'lost') AND CAST(opportunity.closed_at AS DATE) <= {today}
ORDER BY opportunity.id
"""


_FORECASTS = """
WITH served AS (
    SELECT opportunity_id, min(last_day) AS last_day, max(months) AS months, min(currency) AS low, max(currency) AS high,
        CASE WHEN count(due_arr) = count(*) THEN sum(due_arr) END AS due_arr
    FROM renewal_rows WHERE opportunity_id IS NOT NULL GROUP BY opportunity_id
)
SELECT {day} AS day, opportunity.id AS opportunity_id, opportunity.account_id, coalesce(opportunity.owner_id, account.owner_id) AS owner_id,
    CAST(served.last_day + INTERVAL 1 DAY AS DATE) AS due_on, CAST(opportunity.amount AS DECIMAL(38, 2)) AS amount, opportunity.currency,
    CAST(coalesce(opportunity.months, served.months) AS DOUBLE) AS months, {arr} AS arr,
    CASE WHEN served.low = served.high THEN CAST(served.due_arr AS DECIMAL(38, 2)) END AS due_arr, opportunity.close_on,
    opportunity.stage, opportunity.status
FROM opportunity
INNER JOIN account ON account.id = opportunity.account_id AND account.is_customer
LEFT JOIN served ON served.opportunity_id = opportunity.id
WHERE opportunity.status = 'open' AND (opportunity.kind = 'renewal' OR opportunity.kind IS NULL AND served.opportunity_id IS NOT NULL)
ORDER BY opportunity.id
"""
