"""Why customers left: what people noted on the renewals they lost (decks 002:20).

What is given as the reason (competitor, price, self-build) is a symptom; what was behind it is the cause, and part of the causes could
have been managed. An opportunity that was lost without a word on either tells nothing: unknown is not zero.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.renewals import stands_for
from csconnect.compute.terms import RenewalRules

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

REASONS = ("symptom", "cause", "manageable", "voluntary")
"""What may be told of a loss."""


def make_churn_reason(facts: duckdb.DuckDBPyConnection, opening: date, closing: date, rules: RenewalRules) -> None:
    """Make the temporary table ``churn_reason``, a row a lost renewal of which anything is told, after
    `csconnect.compute.due.make_due` and before `csconnect.compute.cohort.make_cohort` of the same period: account_id, told_on (when
    the opportunity was closed, or should have been), voluntary, symptom, cause, manageable.

    An opportunity tells of the cycle for which it stands, and only if that ended in ``(opening, closing]`` and was not renewed:
    why somebody left another year, or did not leave, is no reason of this period.
    """
    ended = f"cycle.due_on > DATE '{opening.isoformat()}' AND cycle.due_on <= DATE '{closing.isoformat()}'"
    facts.execute(_CHURN_REASON.format(stands_for=stands_for(rules), ended=ended))


def churn_reasons(facts: duckdb.DuckDBPyConnection) -> pa.Table:
    """After `make_cohort`: the customers that churned by what is told of them. A row a reason (one of `REASONS`), value and currency:
    reason, value (null: not told; ``yes`` or ``no`` of the last two), currency, customers, arr (of those whose amount can be told),
    untold_customers. The rows of one reason and currency add up to all that churned. Ordered by reason, the most customers first, what is
    not told last.
    """
    return facts.sql(_REASONS).to_arrow_table()


_CHURN_REASON = """
CREATE OR REPLACE TEMP TABLE churn_reason AS
WITH candidate AS ({stands_for})
SELECT DISTINCT candidate.account_id, coalesce(CAST(opportunity.closed_at AS DATE), opportunity.close_on) AS told_on,
    opportunity.lost_voluntary AS voluntary, opportunity.lost_symptom AS symptom, opportunity.lost_cause AS cause,
    opportunity.lost_manageable AS manageable
FROM candidate INNER JOIN opportunity ON opportunity.id = candidate.id
INNER JOIN cycle ON cycle.account_id = candidate.account_id AND cycle.family = candidate.family AND cycle.due_on = candidate.due_on
WHERE candidate.nearest = 1 AND candidate.status = 'lost' AND cycle.state IN ('churned', 'won_back') AND {ended}
    AND coalesce(opportunity.lost_symptom, opportunity.lost_cause, CAST(opportunity.lost_manageable AS VARCHAR),
        CAST(opportunity.lost_voluntary AS VARCHAR)) IS NOT NULL
"""

_REASONS = """
WITH gone AS (
    SELECT currency, churn, symptom, cause, CASE WHEN manageable THEN 'yes' WHEN NOT manageable THEN 'no' END AS manageable,
        CASE WHEN voluntary THEN 'yes' WHEN NOT voluntary THEN 'no' END AS voluntary
    FROM cohort WHERE state = 'churned'
),
told AS (
    SELECT 1 AS place, 'symptom' AS reason, symptom AS value, currency, churn FROM gone
    UNION ALL SELECT 2, 'cause', cause, currency, churn FROM gone
    UNION ALL SELECT 3, 'manageable', manageable, currency, churn FROM gone
    UNION ALL SELECT 4, 'voluntary', voluntary, currency, churn FROM gone
)
SELECT reason, value, currency, count(*) AS customers, coalesce(sum(churn), 0) AS arr,
    count(*) - count(churn) AS untold_customers
FROM told GROUP BY place, reason, value, currency
ORDER BY place, CASE WHEN value IS NULL THEN 1 ELSE 0 END, customers DESC, value, currency NULLS LAST
"""
