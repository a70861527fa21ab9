"""What was sold: recurring order lines, each once, with the days on which its ARR counts. ARR, due lines, renewed lines, cohorts and
rates are all read from here, so they agree.

An order line is the unit from which due and renewed lines are made (decks 001:2787); implementation and service lines are no ARR
(001:1097-1099). A term without recurring lines is its own line, unless its amount is only the sum of its one-off lines. Lines of a
deal that is not won were not sold.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from csconnect.compute.terms import RenewalRules

OUT = ("no_account", "no_dates", "reversed", "overlap", "no_host")
"""Why a line is left out of everything: nobody knows whose it is or when it runs, or it stands there twice."""
UNTOLD = ("no_amount", "no_months", "no_currency", "negative", "sum_differs")
"""Why only the amount of a line is left out: that the customer bought or renewed is known, and counts; for how much is not."""


def make_sold(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules) -> None:
    """Make the temporary table ``sold_line``, a row a recurring order line or term without such lines:

    id, told_by (contract_line | term), account_id, contract_id, term_id (its host, or null), family, product_line, nature, signed_on,
    start, end, due_on, months, amount (DECIMAL(38,4)), currency, arr (DECIMAL(38,2)), counts_from, counts_until, excluded (a reason
    of `OUT` or `UNTOLD`, or null).

    Accounts that are no customers have no rows. ``arr`` is amount / months * 12, rounded to the cent line by line, so that it adds
    up to the cent by whatever it is grouped.
    """
    raise NotImplementedError


def excluded(facts: duckdb.DuckDBPyConnection) -> pa.Table:
    """What `make_sold` left out: reason, currency (null where unknown), lines, customers, arr (null where no line of it has one).
    Ordered by reason and currency."""
    raise NotImplementedError
