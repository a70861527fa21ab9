"""Histories in a few words, and everything retention makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from csconnect.compute.cohort import make_cohort
from csconnect.compute.due import make_due
from csconnect.compute.due_rates import due_rates
from csconnect.compute.exchange import make_exchange
from csconnect.compute.opening_rates import opening_rates
from csconnect.compute.period import parse_period
from csconnect.compute.sold import make_sold
from csconnect.compute.terms import RenewalRules

Row = dict[str, Any]
RULES = RenewalRules()


def term(key: str, start: str, end: str, amount: str | None, **rest: Any) -> Row:
    """A term of account ``sf:1`` unless told otherwise; its months are those between the days of its dates."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    months = 12 * (last.year - first.year) + last.month - first.month
    base: Row = {"id": f"sf:{key}", "account_id": "sf:1", "start": first, "end": last, "months": Decimal(months)}
    return base | {"amount": None if amount is None else Decimal(amount), "currency": "CNY"} | rest


def line(key: str, amount: str | None, start: str | None = None, end: str | None = None, **rest: Any) -> Row:
    """A recurring line, with the months of its dates where it has some."""
    dates: Row = {}
    if start and end:
        dated = term(key, start, end, None)
        dates = {name: dated[name] for name in ("start", "end", "months")}
    base: Row = {"id": f"sf:{key}", "account_id": "sf:1", "billing": "recurring", "currency": "CNY", **dates}
    return base | {"amount": None if amount is None else Decimal(amount)} | rest


@dataclass
class Told:
    """One history on one day."""

    facts: duckdb.DuckDBPyConnection
    as_of: date

    def rows(self, table: str) -> list[Row]:
        return self.facts.sql(f'SELECT * FROM "{table}" ORDER BY ALL').to_arrow_table().to_pylist()

    def cycle(self, due_on: str, account: str = "sf:1", family: str = "") -> Row:
        (found,) = [
            row
            for row in self.rows("cycle")
            if (row["account_id"], row["family"], row["due_on"]) == (account, family, date.fromisoformat(due_on))
        ]
        return found

    def due(self, period: str, by: Sequence[str] = (), **more: Any) -> list[Row]:
        return due_rates(self.facts, parse_period(period), by, **more).to_pylist()

    def opening(self, period: str, by: Sequence[str] = (), currency: str | None = None) -> list[Row]:
        told = parse_period(period)
        make_cohort(self.facts, told.start, told.end, self.as_of, currency)
        return opening_rates(self.facts, by).to_pylist()


Tell = Callable[..., Told]


@pytest.fixture
def tell(facts) -> Tell:
    """Everything that retention makes of a history: ``tell(as_of, term=[...], ...)``."""

    def made(
        as_of: str,
        *,
        account: Iterable[Row] = (),
        rules: RenewalRules = RULES,
        currency: str | None = None,
        **rows: list[Row],
    ) -> Told:
        known = list(account) or [{"id": "sf:1", "name": "A"}]
        connection = facts({"account": known, **rows})
        today = date.fromisoformat(as_of)
        make_sold(connection, today, rules)
        make_due(connection, today, rules)
        if currency:
            make_exchange(connection, currency)
        return Told(connection, today)

    return made
