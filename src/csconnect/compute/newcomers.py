"""Who had not begun yet on an earlier day, by all that is known today.

A day that is *reconstructed* shows attributes as they are known now, so every account of today stands in it, also one that was won
last week. It used nothing then and met nobody, and a score of that day would make every new customer the riser of the month.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def newcomers(facts: duckdb.DuckDBPyConnection, day: date) -> frozenset[str]:
    """Customer accounts in ``facts`` (those of today) whose first term starts after ``day``, and those without any term that the
    system created after it."""
    query = f"""
    WITH begun AS (SELECT account_id, min(start) AS day FROM term WHERE "end" > start GROUP BY account_id)
    SELECT account.id FROM account LEFT JOIN begun ON begun.account_id = account.id
    WHERE account.is_customer AND coalesce(begun.day, CAST(account.created_at AS DATE)) > DATE '{day.isoformat()}'
    """  # noqa: S608
    return frozenset(account for (account,) in facts.sql(query).fetchall())
