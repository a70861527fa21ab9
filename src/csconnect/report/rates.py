"""How rates, amounts and the columns of their tables are shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


def percent(value: float | None) -> str | None:
    """``91.2 %``, as wide as 999.9 %, so that columns of them are flush; nothing where a rate has no base."""
    return None if value is None else f"{100 * value:5,.1f} %"


def money(value: Decimal | None) -> int | None:
    """Whole units are enough for people; JSON has the cents."""
    return None if value is None else round(value)


def cell_of(row: Row, owners: Mapping[str, str]) -> str:
    """What ``row`` is about: ``all``, or ``csm: Mei Lin``, by the names of ``owners``."""
    if row["dimension"] == "all":
        return "all"
    value = owners.get(row["value"], row["value"]) if row["dimension"] == "csm" else row["value"]
    return f"{row['dimension']}: {value}"


CELLS: dict[str, Callable[[Row], Any]] = {
    "DUE": lambda row: row["due_customers"],
    "RENEWED": lambda row: row["renewed_customers"],
    "OPEN": lambda row: row["open_customers"],
    "LOST": lambda row: row["lost_customers"],
    "RENEWAL RATE, COUNT": lambda row: percent(row["renewal_rate_count_due"]),
    "DUE ARR": lambda row: money(row["due_arr"]),
    "RENEWED ARR": lambda row: money(row["renewed_arr"]),
    "OPEN ARR": lambda row: money(row["open_arr"]),
    "RENEWAL RATE, AMOUNT": lambda row: percent(row["renewal_rate_amount_due"]),
    "CUSTOMERS": lambda row: row["opening_customers"],
    "RETAINED": lambda row: row["retained_customers"],
    "DEFERRED": lambda row: row["deferred_customers"],
    "CHURNED": lambda row: row["churned_customers"],
    "LOGO CHURN": lambda row: percent(row["logo_churn_rate"]),
    "OPENING ARR": lambda row: money(row["opening_arr"]),
    "CLOSING ARR": lambda row: money(row["closing_arr"]),
    "NDR": lambda row: percent(row["ndr"]),
    "GRR": lambda row: percent(row["grr"]),
    "EXPANDED": lambda row: percent(row["expanded_share"]),
}
"""Heading -> what stands under it, of a row of `csconnect.compute.due_rates` or `csconnect.compute.opening_rates`."""


def cells(row: Row, heads: Sequence[str]) -> list[Any]:
    """The cells of ``row`` under ``heads``, in their order."""
    return [CELLS[head](row) for head in heads]
