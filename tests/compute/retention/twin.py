"""Rates and cohorts said a second time in plain Python and Decimal, over the lines of `twin_lines`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .twin_lines import NOTHING, Cycle, Row, Sold, TwinLines, cents

Part = tuple[str, Sold, Decimal | None]
UNKNOWN = "unknown"


class Twin(TwinLines):
    """Everything of a world on one day."""

    # --- money

    def rate(self, source: str, target: str, day: date) -> Decimal | None:
        if source == target:
            return Decimal(1)
        newest: dict[tuple[str, str], Row] = {}
        for row in sorted(self.world["fx_rate"], key=lambda row: (row["on"], row["id"])):
            if row["on"] <= day:
                newest[row["currency"], row["base"]] = row
        known = {pair: row["rate"] for pair, row in newest.items() if row["on"] + timedelta(self.max_age) > day}
        if (source, target) in known:
            return known[source, target]
        if (target, source) in known:
            return 1 / known[target, source]
        by_way = [
            rate / known[target, base]
            for (currency, base), rate in known.items()
            if currency == source and (target, base) in known
        ]
        return min(by_way, default=None)

    def into(self, arr: Decimal | None, currency: str | None, target: str | None, day: date) -> Decimal | None:
        if arr is None or target is None:
            return arr
        rate = self.rate(currency, target, day) if currency else None
        return None if rate is None else cents(arr * rate)

    # --- rates on the due base

    def due_rates(self, start: date, end: date, name: str, target: str | None, month: bool = False) -> dict[Any, Row]:
        cells: dict[Any, dict[str, dict[str, Any]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(lambda: NOTHING))
        )
        for (account, _, due_on), cycle in self.cycles.items():
            if not start < due_on <= end:
                continue
            last = due_on - timedelta(1)
            prefix = (f"{last:%Y-%m}",) if month else ()
            told = [
                (side, line, self.into(arr, line.currency, target, min(due_on, self.as_of)))
                for side, line, arr in self.parts(cycle)
            ]
            currencies = {line.currency for _, line, _ in told if line.currency}
            untold = any(arr is None for _, _, arr in told) or (target is None and len(currencies) > 1)
            here = {line.product_line or UNKNOWN for side, line, _ in told if side == "renewed"}
            for side, line, arr in told:
                own_line = line.product_line or UNKNOWN
                value = own_line if name == "product_line" else self.value(account, name)
                row = cells[(*prefix, value, target or line.currency)][account]
                renewed = cycle.state == "renewed" and (name != "product_line" or own_line in here)
                fate = "renewed" if renewed else "open" if cycle.state in ("not_due", "due", "deferred") else "lost"
                amount = NOTHING if untold or arr is None else arr
                if side == "renewed":
                    row["renewed_arr"] += amount
                    continue
                row["due_arr"] += amount
                row[f"{fate}_arr_of_due"] += amount
                row["due"] = row[fate] = Decimal(1)
                row["untold"] = max(row["untold"], Decimal(untold))
        found = {key: add_up(list(rows.values())) for key, rows in cells.items()}
        return {key: row for key, row in found.items() if row["due_customers"] or row["renewed_arr"]}

    def parts(self, cycle: Cycle) -> list[Part]:
        """The due and the renewed lines of a cycle with their amounts, in the business book."""
        due: list[Part] = [("due", line, line.told) for line in cycle.due]
        return [*due, *(("renewed", share.sold, share.arr) for share in cycle.renewed)]

    def value(self, account: str, name: str) -> str:
        if name == "all":
            return "all"
        if name == "start_month":
            first = min(line.start for line in self.sold if line.account_id == account and line.counts and line.start)
            return f"{first:%Y-%m}"
        return str(self.accounts[account]["owner_id" if name == "csm" else name] or UNKNOWN)

    # --- cohorts

    def cohort(self, opening: date, closing: date, target: str | None, per_line: bool = False) -> dict[Any, Row]:
        closing = min(closing, self.as_of)
        units: dict[Any, list[Sold]] = defaultdict(list)
        for line in self.sold:
            if line.counts:
                units[(line.account_id, line.product_line or UNKNOWN) if per_line else (line.account_id,)].append(line)
        found: dict[Any, Row] = {}
        for unit, lines in units.items():
            opens = [line for line in lines if line.counts_from <= opening < line.counts_until]
            closes = [line for line in lines if line.counts_from <= closing < line.counts_until]
            waits = [line for line in lines if self._waits(line, opening, closing)]
            state = "retained" if closes else "deferred" if waits else "churned"

            def amount(line: Sold) -> Decimal | None:
                return self.into(line.told, line.currency, target, opening)

            untold = any(amount(line) is None for line in opens + closes + waits)
            if target is None:
                then, now = {line.currency for line in opens}, {line.currency for line in closes + waits}
                untold = untold or bool(then - now and now - then)
            for currency in {target or line.currency for line in opens}:

                def total(of: list[Sold], currency: str | None = currency) -> Decimal:
                    mine = [amount(line) for line in of if target or line.currency == currency]
                    return sum((arr for arr in mine if arr is not None), NOTHING)

                row = movement(state, untold, total(opens), total(closes), total(waits))
                hidden = any(amount(line) is None for line in opens + closes + waits) or untold
                if total(opens) > 0 or hidden_by_amount(opens + closes + waits, amount):
                    found[(*unit, currency)] = row | {"untold": hidden}
        return found

    def _waits(self, line: Sold, opening: date, closing: date) -> bool:
        if line.due_on is None or not opening < line.due_on <= closing or line.place not in self.cycles:
            return False
        if line.counts_from > closing:  # a contraction of what has ended, agreed on later
            return False
        return self.cycles[line.place].state == "deferred"


def hidden_by_amount(lines: list[Sold], amount: Callable[[Sold], Decimal | None]) -> bool:
    return any(amount(line) is None for line in lines)


def movement(state: str, untold: bool, opening: Decimal, closing: Decimal, deferred: Decimal) -> Row:
    names = ("opening", "closing", "expansion", "contraction", "churn", "deferred", "kept")
    if untold:
        return {"state": state, **dict.fromkeys(names)}
    if state == "churned":
        moved = (NOTHING, NOTHING, opening)
    else:
        change = closing + deferred - opening
        moved = (max(change, NOTHING), max(-change, NOTHING), NOTHING)
    values = (opening, closing, *moved, deferred, min(opening, closing))
    return {"state": state, **dict(zip(names, values, strict=True))}


def add_up(accounts: list[dict[str, Any]]) -> Row:
    """A cell from what its accounts have in it."""

    def total(name: str) -> Decimal:
        return sum((row[name] for row in accounts), NOTHING)

    row: Row = {
        "due_customers": int(total("due")),
        "renewed_customers": int(total("renewed")),
        "open_customers": sum(1 for row in accounts if row["open"] and not row["renewed"]),
        "lost_customers": sum(1 for row in accounts if row["due"] and not row["open"] and not row["renewed"]),
        "untold_customers": int(total("untold")),
        "due_arr": total("due_arr"),
        "renewed_arr": total("renewed_arr"),
        "open_arr": total("open_arr_of_due"),
        "lost_arr": total("lost_arr_of_due"),
        "settled": not any(row["open"] for row in accounts),
    }
    row["renewal_rate_amount_due"] = ratio(row["renewed_arr"], row["due_arr"])
    row["renewal_rate_count_due"] = ratio(Decimal(row["renewed_customers"]), Decimal(row["due_customers"]))
    return row


def ratio(part: Decimal, base: Decimal) -> Decimal | None:
    return part / base if base else None
