"""Rates on the due base: of what fell due in a period, how much was renewed, by amount (续费率; decks 001:1184) and by count (续约率;
001:1186)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csconnect.compute.due import Book
from csconnect.compute.period import Period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def due_rates(
    facts: duckdb.DuckDBPyConnection,
    period: Period,
    by: Sequence[str] = (),
    *,
    book: Book = Book.BUSINESS,
    currency: str | None = None,
) -> pa.Table:
    """After `make_due` (and, with ``currency``, `make_exchange` into it). A row a dimension, value and currency: book, dimension,
    value, currency, due_customers, renewed_customers, open_customers, lost_customers, untold_customers, due_arr, renewed_arr,
    open_arr, lost_arr, renewal_rate_amount_due, renewal_rate_count_due (DOUBLE, null where the base is 0), settled.

    The first rows are dimension ``all``, value ``all``. What falls due has its last covered day in ``period``. Without ``currency``
    nothing is converted and there is a row a currency. A customer is renewed if any of its cycles in the cell is. ``open`` is
    not yet decided on the day (not due, due or deferred): in the base, and ``settled`` is false while there is any. ``untold``
    customers count, but an amount of theirs cannot be told: those cycles are in no amount.
    """
    raise NotImplementedError


def due_by_month(
    facts: duckdb.DuckDBPyConnection,
    period: Period,
    by: Sequence[str] = (),
    *,
    book: Book = Book.BUSINESS,
    currency: str | None = None,
) -> pa.Table:
    """The same by the month of the last covered day: ``month`` (YYYY-MM) is the first column; months in which nothing falls due have
    no row."""
    raise NotImplementedError
