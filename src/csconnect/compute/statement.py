"""A month's statement: its figures, each with both its halves, and a digest that two statements share only if they say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from csconnect.compute.churn import make_churn_reason
from csconnect.compute.cohort import make_cohort
from csconnect.compute.dimension import known_dimensions
from csconnect.compute.due import Book, make_due
from csconnect.compute.due_rates import due_rates
from csconnect.compute.exchange import make_exchange
from csconnect.compute.month import account_month
from csconnect.compute.opening_rates import opening_rates
from csconnect.compute.sold import make_sold
from csconnect.errors import ConfigError

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from csconnect.compute.period import Period
    from csconnect.compute.terms import RenewalRules

RECKONING = 1
"""Grows with every change of what figures mean, so that a statement made by an older reckoning is not taken for other facts."""
BY = ("segment", "csm")
"""The dimensions that a statement tells apart."""
DUE, OPENING = "due", "opening"
"""The bases of rates."""

RATES: dict[str, dict[str, tuple[str, str]]] = {
    DUE: {
        "renewal_rate_amount_due": ("renewed_arr", "due_arr"),
        "renewal_rate_count_due": ("renewed_customers", "due_customers"),
    },
    OPENING: {
        "renewal_rate_amount_opening": ("kept_arr", "opening_arr"),
        "grr": ("kept_arr", "opening_arr"),
        "renewal_rate_count_opening": ("retained_customers", "opening_customers"),
        "logo_churn_rate": ("churned_customers", "opening_customers"),
        "logo_churn_rate_voluntary": ("churned_voluntary", "opening_customers"),
        "ndr": ("closing_arr", "opening_arr"),
        "ndr_if_renewed": ("closing_arr+deferred_arr", "opening_arr"),
        "amount_churn_rate": ("opening_arr-closing_arr", "opening_arr"),
        "amount_churn_rate_voluntary": ("churn_voluntary_arr", "opening_arr"),
        "expanded_share": ("expanded_customers", "opening_customers"),
    },
}
"""Basis -> rate -> the columns it is made of."""
_PLACE = ("book", "dimension", "value", "currency")
_SAID = [
    "account_id",
    "family",
    "currency",
    "opening_arr",
    "arr",
    "due_arr",
    "renewed_arr",
    "state",
    "deferred",
    "lines",
]
"""What of an account's month counts as a change: neither its health nor whose it is, which are frozen, nor rates, which figures show."""


@dataclass(frozen=True)
class Statement:
    """``figures`` are rows of `csconnect.lake.schema.FIGURE` without month and version, ``accounts`` is the table of `account_month`."""

    figures: list[dict[str, Any]]
    accounts: pa.Table

    @property
    def digest(self) -> str:
        """SHA-256 of what it says, whatever the order in which facts came."""
        lines = [_line(each) for each in self.figures]
        for batch in self.accounts.select(_SAID).to_batches(10_000):  # as Python values a few at a time
            lines.extend(_line(each) for each in batch.to_pylist())
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def reckon(
    facts: duckdb.DuckDBPyConnection,
    month: Period,
    rules: RenewalRules,
    currency: str | None,
    rate_max_age_days: int,
    health: Mapping[str, tuple[str | None, int | None]] | None = None,
) -> Statement:
    """The figures of ``month`` on both bases as of its closing, as the rates of any period are reckoned (the tables it makes on the way
    take the place of those of another day)."""
    make_sold(facts, month.closing, rules)
    make_due(facts, month.closing, rules)
    if currency:
        make_exchange(facts, currency, max_age_days=rate_max_age_days)
    make_churn_reason(facts, month.opening, month.closing, rules)
    make_cohort(facts, month.opening, month.closing, month.closing, currency)
    figures = [
        *as_figures(DUE, due_rates(facts, month, BY, currency=currency)),
        *as_figures(OPENING, opening_rates(facts, BY)),
    ]
    return Statement(figures, account_month(facts, month, currency, health))


def told_apart(names: Sequence[str]) -> list[str]:
    """The dimensions ``names`` as statements have them; `ConfigError` for one that they do not tell apart."""
    found = known_dimensions(names)
    for name in found:
        if name not in BY:
            raise ConfigError(f"a statement does not tell {name!r} apart", remedy=f"It knows {', '.join(BY)}")
    return found


def as_figures(basis: str, table: pa.Table) -> Iterator[dict[str, Any]]:
    """A table of rates as figures: a row a name. Rates have both their halves; counts, amounts and ``settled`` (1 or 0) only a part."""
    rates = RATES[basis]
    shares = {field.name for field in table.schema if str(field.type) == "double"}
    for row in table.to_pylist():
        place = {"basis": basis, "book": row.get("book", Book.BUSINESS.value)}
        place |= {name: row[name] for name in _PLACE[1:]}
        for name, value in row.items():
            if name in rates:
                part, base = rates[name]
                yield {**place, "name": name, "part": _part(row, part), "base": _money(row[base])}
            elif name not in _PLACE and name not in shares:
                yield {**place, "name": name, "part": _money(value), "base": None}


def as_rows(figures: Iterable[Mapping[str, Any]], basis: str) -> list[dict[str, Any]]:
    """The table of rates of ``basis`` that ``figures`` were made from: a row a dimension, value and currency, in the order in which tables
    have them. Names that today's version does not know stay as they are."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in figures:
        if each["basis"] == basis:
            place = {name: each[name] for name in _PLACE}
            rows.setdefault(tuple(place.values()), place)[each["name"]] = _value(each)
    return [rows[place] for place in sorted(rows, key=_order)]


def _order(place: tuple[Any, ...]) -> tuple[Any, ...]:
    book, dimension, value, currency = place
    known = ("all", *BY)
    return book, known.index(dimension) if dimension in known else len(known), value, currency is None, currency or ""


def _value(figure: Mapping[str, Any]) -> Any:
    name, part, base = figure["name"], figure["part"], figure["base"]
    if base is not None:
        return None if part is None or not base else float(part) / float(base)
    if name == "settled":
        return part == 1
    return part if part is None or name.endswith("_arr") else int(part)


def _part(row: Mapping[str, Any], columns: str) -> Decimal | None:
    for sign in "+-":
        first, _, second = columns.partition(sign)
        if second:
            one, other = row[first], row[second]
            return _money(one + other if sign == "+" else one - other)
    return _money(row[columns])


def _money(value: Decimal | float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.01"))


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(
        {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}, sort_keys=True
    )


def headline(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of rows of `as_rows`, those of all customers."""
    return [row for row in rows if row["dimension"] == "all"]
