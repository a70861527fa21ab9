"""A frozen cohort: the customers at the opening of a period, and what became of them by its closing. Who joins later is never in it
(law 9)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def make_cohort(
    facts: duckdb.DuckDBPyConnection, opening: date, closing: date, as_of: date, currency: str | None = None
) -> None:
    """Make the temporary tables ``cohort`` and ``cohort_line``, after `make_due` (and, with ``currency``, `make_exchange` into it).

    ``cohort``, a row an account with ARR on ``opening`` (and currency, where nothing is converted): account_id, currency, opening,
    closing, state (retained | deferred | churned), expansion, contraction, churn, deferred (DECIMAL(38,2)), kept (at most opening, of
    what runs at closing), untold, voluntary, symptom, cause, manageable (null where nobody told). Per row
    opening + expansion - contraction - churn - deferred = closing, exactly; all amounts are null where untold.

    ``cohort_line`` is the same by account and ``product_line`` (``unknown`` where a line has none): what an account buys of another
    product line is a joiner there.

    Closing is on the first day after the period, or on ``as_of`` where that is earlier. With ``currency`` both ends are converted at
    the rate of ``opening``: the exchange rate is neither expansion nor churn. Why customers churned is read from the temporary table
    ``churn_reason`` (account_id, told_on, voluntary, symptom, cause, manageable) where somebody made it before.
    """
    raise NotImplementedError
