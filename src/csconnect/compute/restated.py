"""What a restatement changed, figure by figure and account by account, and why as far as the two versions tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from csconnect.compute.statement import DUE, OPENING, as_rows, headline

AMOUNTS = ("opening_arr", "arr", "due_arr", "renewed_arr")
FACTS = (*AMOUNTS, "state", "deferred")
"""What of an account's month is compared."""

HEADLINES = (
    (DUE, "renewal_rate_amount_due"),
    (DUE, "renewal_rate_count_due"),
    (OPENING, "ndr"),
    (OPENING, "grr"),
    (OPENING, "logo_churn_rate"),
    (DUE, "due_arr"),
    (DUE, "renewed_arr"),
    (DUE, "due_customers"),
    (OPENING, "opening_arr"),
    (OPENING, "closing_arr"),
    (OPENING, "opening_customers"),
)
"""What a restatement is told by, in this order: figures of all customers."""


class Reason(StrEnum):
    """Why an account's month is another than in the version before.

    ``late_order``: an order became known later. ``withdrawn_order``: one is gone. ``changed_order``: an order says something else.
    ``account``: the account is gone, was merged, or is new. ``exchange_rate``: the orders say the same, the rate does not.
    ``configuration``: other settings, or another way of reckoning. ``unknown``: none of these can be told.
    """

    LATE_ORDER = "late_order"
    WITHDRAWN_ORDER = "withdrawn_order"
    CHANGED_ORDER = "changed_order"
    ACCOUNT = "account"
    EXCHANGE_RATE = "exchange_rate"
    CONFIGURATION = "configuration"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Context:
    """What else is known when a month is restated: whether ``settings`` are others now, which accounts there are, and of which an order
    came or changed since the version before (``fresh``)."""

    settings_differ: bool
    accounts: Collection[str]
    fresh: Collection[str]


def reasons(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]], context: Context
) -> dict[str, Reason]:
    """Account -> why its month is another. Both are rows of `csconnect.compute.month.account_month` or of a version in the lake."""
    then, now = _by_account(before), _by_account(after)
    found = {}
    for account in sorted(then.keys() | now.keys()):
        if reason := _reason(account, then.get(account, {}), now.get(account, {}), context):
            found[account] = reason
    return found


def _reason(account: str, then: _Rows, now: _Rows, context: Context) -> Reason | None:
    same_orders = _facts(then) == _facts(now)
    rates = _rates(then) != _rates(now)
    if same_orders and not rates:
        return None
    if account not in context.accounts:
        return Reason.ACCOUNT
    if context.settings_differ and account not in context.fresh:
        return Reason.CONFIGURATION
    if same_orders:
        return Reason.EXCHANGE_RATE
    grown = sum(row["lines"] for row in now.values()) - sum(row["lines"] for row in then.values())
    if grown > 0:
        return Reason.LATE_ORDER if account in context.fresh else Reason.ACCOUNT
    if grown < 0:
        return Reason.WITHDRAWN_ORDER
    return Reason.CHANGED_ORDER if account in context.fresh else Reason.UNKNOWN


_Rows = dict[tuple[str, str | None], Mapping[str, Any]]


def _by_account(rows: Iterable[Mapping[str, Any]]) -> dict[str, _Rows]:
    found: dict[str, _Rows] = defaultdict(dict)
    for row in rows:
        if row["lines"] or row["deferred"]:  # what is neither only says why an account is no longer there
            found[row["account_id"]][row["family"], row["currency"]] = row
    return found


def _facts(rows: _Rows) -> dict[tuple[str, str | None], tuple[Any, ...]]:
    return {key: tuple(row[name] for name in (*FACTS, "lines")) for key, row in rows.items()}


def _rates(rows: _Rows) -> dict[tuple[str, str | None], tuple[float | None, float | None]]:
    return {key: (row["rate"], row["due_rate"]) for key, row in rows.items()}


@dataclass(frozen=True)
class Move:
    """A figure of all customers, in two versions; values as `as_rows` has them."""

    basis: str
    name: str
    currency: str | None
    before: Decimal | float | int | None
    after: Decimal | float | int | None


def moves(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Move]:
    """The `HEADLINES` that two versions' figures (rows of the lake) tell apart."""
    then, now = ({basis: _headlines(figures, basis) for basis in (DUE, OPENING)} for figures in (before, after))
    found = []
    for basis, name in HEADLINES:
        for currency in sorted(then[basis].keys() | now[basis].keys(), key=str):
            was, is_now = (rows[basis].get(currency, {}).get(name) for rows in (then, now))
            if was != is_now:
                found.append(Move(basis, name, currency, was, is_now))
    return found


def _headlines(figures: Iterable[Mapping[str, Any]], basis: str) -> dict[str | None, Mapping[str, Any]]:
    return {row["currency"]: row for row in headline(as_rows(figures, basis))}


@dataclass(frozen=True)
class Changed:
    """One account, family and currency of two versions: what of `FACTS` is another, as (before, after) by name; None on a side on
    which it does not stand. Empty where only the exchange rate is another."""

    account_id: str
    family: str
    currency: str | None
    reason: str
    facts: dict[str, tuple[Any, Any]]


def changes(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[Changed]:
    """What two versions (rows of the lake) say otherwise, ordered by account, family and currency; the reasons are those that stand in
    the later one."""
    rows = list(after)
    why = {row["account_id"]: str(row["reason"]) for row in rows if row["reason"]}
    then, now = _by_account(before), _by_account(rows)
    found = []
    for account in sorted(why):
        old, new = then.get(account, {}), now.get(account, {})
        for key in sorted(old.keys() | new.keys(), key=lambda each: (each[0], each[1] or "")):
            one, other = old.get(key, {}), new.get(key, {})
            told = {name: (one.get(name), other.get(name)) for name in FACTS if one.get(name) != other.get(name)}
            if told or any(one.get(name) != other.get(name) for name in ("lines", "rate", "due_rate")):
                found.append(Changed(account, *key, why[account], told))
    return found


def gone(account: str, reason: Reason) -> dict[str, Any]:
    """The row by which a version says why an account is no longer in it."""
    return {"account_id": account, "family": "", "deferred": False, "lines": 0, "reason": reason.value}
