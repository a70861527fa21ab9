"""Rates on the opening base: of the customers and the ARR at the opening of a period, what is left at its closing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from csconnect.compute.period import Period

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def opening_rates(facts: duckdb.DuckDBPyConnection, by: Sequence[str] = ()) -> pa.Table:
    """After `make_cohort`. A row a dimension, value and currency, ``all`` first: dimension, value, currency, opening_customers,
    retained_customers, deferred_customers, churned_customers, churned_voluntary (null where none of the churned told), expanded_customers,
    contracted_customers, untold_customers, opening_arr, closing_arr, kept_arr, expansion_arr, contraction_arr, churn_arr, deferred_arr, and
    as DOUBLE, null where the base is 0: renewal_rate_amount_opening and grr (the same number: kept / opening),
    renewal_rate_count_opening, logo_churn_rate, logo_churn_rate_voluntary, ndr, ndr_if_renewed (if all deferred renew),
    amount_churn_rate (1 - ndr; may be negative), expanded_share.
    """
    raise NotImplementedError


def start_month_triangle(facts: duckdb.DuckDBPyConnection, period: Period, currency: str | None = None) -> pa.Table:
    """After `make_due`. The customers that started in one month, and how many of them and how much of their ARR ran on the first day
    of each month since: start_month (YYYY-MM), months_since, currency, customers, arr. Start months are those of ``period``."""
    raise NotImplementedError
