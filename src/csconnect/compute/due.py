"""Due lines and renewed lines, matched in cycles: what falls due together, and what renews it (decks 001:2789-2840).

Every sold line makes a due line at its end; an order that renews makes renewed lines for the cycles before it. A cycle is what one
account has of one product line that ends on one day.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from csconnect.compute.terms import RenewalRules


class Book(StrEnum):
    """The business book (业务) has the lines as they are made; in the finance book (财务) approved requests have adjusted them."""

    BUSINESS = "business"
    FINANCE = "finance"


def make_due(facts: duckdb.DuckDBPyConnection, as_of: date, rules: RenewalRules) -> None:
    """Make the temporary tables of the business book, after `csconnect.compute.sold.make_sold` for the same day and rules.

    ``cycle``, a row an account, family and due_on: account_id, family, due_on (first day not covered), term_start, contract_id,
    months, due_arr, currency (of the due lines; null where they have several, and due_arr is null then), state (a TermState value),
    next_start, renewed_arr, renewed_currency (likewise), renewed_on, open_id, untold (an amount of it cannot be told: it counts by
    count, never by amount), mixed (several currencies).

    ``due_line``: line_id, account_id, family, due_on, nature, product_line, arr, currency.

    ``renewed_line``, a row a line of a renewing order and cycle that it renews: line_id, account_id, family, due_on, signed_on,
    start, product_line, arr (this cycle's part), currency, share (DOUBLE: this cycle's part of the line; 1 but where an order renews
    several cycles).
    """
    raise NotImplementedError
