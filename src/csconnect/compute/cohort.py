"""A frozen cohort: the customers at the opening of a period, and what became of them by its closing. Who joins later is never in it
(law 9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.exchange import into

if TYPE_CHECKING:
    import duckdb


def make_cohort(
    facts: duckdb.DuckDBPyConnection, opening: date, closing: date, as_of: date, currency: str | None = None
) -> None:
    """Make the temporary tables ``cohort`` and ``cohort_line``, after `make_due` (and, with ``currency``, `make_exchange` into it).

    ``cohort``, a row an account with ARR on ``opening`` (and currency, where nothing is converted): account_id, currency, opening,
    closing, state (retained | deferred | churned), expansion, contraction, churn, deferred, kept (at most opening, of what runs at
    closing), all DECIMAL(38,2); untold; voluntary, symptom, cause, manageable (of those that churned; null where nobody told). Per row
    opening + expansion - contraction - churn - deferred = closing, exactly; all amounts are null where untold.

    ``cohort_line`` is the same by account and ``product_line`` (``unknown`` where a line has none): what an account buys of another
    product line is a joiner there.

    Closing is on the first day after the period, or on ``as_of`` where that is earlier. ``deferred`` is the ARR of what ended in
    between and is not decided on ``as_of``; what an account has beside it makes it retained. An account is of the cohort if its ARR
    on ``opening`` is above 0 or cannot be told.

    With ``currency`` both ends are converted at the rate of ``opening``: the exchange rate is neither expansion nor churn. Without, an
    account that changes from one currency into another is untold. Why customers churned is read from the temporary table
    ``churn_reason`` (account_id, told_on, voluntary, symptom, cause, manageable; `csconnect.compute.churn`) where somebody made it
    before; of an account's rows the newest up to ``as_of`` counts.
    """
    facts.execute(_CHURN_REASON)
    join, arr, name = into(currency, f"DATE '{opening.isoformat()}'", "line")
    days = {
        "opening": f"DATE '{opening.isoformat()}'",
        "closing": f"DATE '{min(closing, as_of).isoformat()}'",
        "as_of": f"DATE '{as_of.isoformat()}'",
    }
    facts.execute(_RUNNING.format(join=join, arr=arr, currency=name, **days))
    for table, unit in (("cohort", "account_id"), ("cohort_line", "account_id, product_line")):
        named = unit.replace("account_id", "frozen.account_id")
        facts.execute(_COHORT.format(table=table, unit=unit, unit_of_frozen=named, as_of=days["as_of"]))
    facts.execute("DROP TABLE running")


_CHURN_REASON = """
CREATE TEMP TABLE IF NOT EXISTS churn_reason (account_id VARCHAR, told_on DATE, voluntary BOOLEAN, symptom VARCHAR, cause VARCHAR,
    manageable BOOLEAN)
"""

_RUNNING = """
CREATE OR REPLACE TEMP TABLE running AS
WITH line_running AS (
    SELECT line.account_id, coalesce(line.product_line, 'unknown') AS product_line, {currency} AS currency,
        CASE WHEN line.excluded IS NULL THEN {arr} END AS arr,
        CASE WHEN line.counts_from <= {opening} AND line.counts_until > {opening} THEN 1 ELSE 0 END AS opens,
        CASE WHEN line.counts_from <= {closing} AND line.counts_until > {closing} THEN 1 ELSE 0 END AS closes,
        CASE WHEN cycle.state = 'deferred' AND line.due_on <= {closing} THEN 1 ELSE 0 END AS waits
    FROM sold_line AS line LEFT JOIN cycle ON cycle.account_id = line.account_id AND cycle.family = line.family
        AND cycle.due_on = line.due_on
    {join}
    WHERE line.counts AND line.counts_from <= {closing} AND line.counts_until > {opening}
)
SELECT account_id, product_line, currency, max(opens) AS opens, max(closes) AS closes, max(waits) AS waits,
    sum(CASE WHEN opens = 1 THEN arr END) AS opening, sum(CASE WHEN closes = 1 THEN arr END) AS closing,
    sum(CASE WHEN waits = 1 THEN arr END) AS deferred, max(CASE WHEN arr IS NULL THEN 1 ELSE 0 END) AS untold
FROM line_running WHERE opens + closes + waits > 0 GROUP BY account_id, product_line, currency
"""

_COHORT = """
CREATE OR REPLACE TEMP TABLE {table} AS
WITH part AS (
    SELECT {unit}, currency, max(opens) AS opens, max(closes) AS closes, max(waits) AS waits, max(untold) AS untold,
        coalesce(sum(opening), 0) AS opening, coalesce(sum(closing), 0) AS closing, coalesce(sum(deferred), 0) AS deferred
    FROM running GROUP BY {unit}, currency
),
account_wide AS (
    SELECT {unit}, max(closes) AS closes, max(waits) AS waits, max(untold) AS untold,
        max(CASE WHEN opens = 1 AND closes + waits = 0 THEN 1 ELSE 0 END)
            * max(CASE WHEN opens = 0 AND closes + waits > 0 THEN 1 ELSE 0 END) AS changed
    FROM part GROUP BY {unit}
),
frozen AS (
    SELECT part.*, CASE WHEN wide.closes = 1 THEN 'retained' WHEN wide.waits = 1 THEN 'deferred' ELSE 'churned' END AS state,
        wide.untold = 1 OR wide.changed = 1 AS hidden
    FROM part INNER JOIN account_wide AS wide USING ({unit})
    WHERE part.opens = 1 AND (part.opening > 0 OR wide.untold = 1)
),
reason AS (
    SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY told_on DESC NULLS LAST, cause NULLS LAST,
        symptom NULLS LAST, manageable NULLS LAST, voluntary NULLS LAST) AS place
    FROM churn_reason WHERE told_on IS NULL OR told_on <= {as_of}
)
SELECT {unit_of_frozen}, frozen.currency,
    CASE WHEN NOT hidden THEN opening END AS opening, CASE WHEN NOT hidden THEN closing END AS closing, state,
    CASE WHEN NOT hidden THEN CASE WHEN state <> 'churned' AND closing + deferred > opening
        THEN closing + deferred - opening ELSE 0 END END AS expansion,
    CASE WHEN NOT hidden THEN CASE WHEN state <> 'churned' AND closing + deferred < opening
        THEN opening - closing - deferred ELSE 0 END END AS contraction,
    CASE WHEN NOT hidden THEN CASE WHEN state = 'churned' THEN opening ELSE 0 END END AS churn,
    CASE WHEN NOT hidden THEN deferred END AS deferred,
    CASE WHEN NOT hidden THEN CASE WHEN closing < opening THEN closing ELSE opening END END AS kept,
    hidden AS untold, reason.voluntary, reason.symptom, reason.cause, reason.manageable
FROM frozen LEFT JOIN reason ON reason.account_id = frozen.account_id AND reason.place = 1 AND frozen.state = 'churned'
"""
