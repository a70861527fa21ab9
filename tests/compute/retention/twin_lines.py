"""What was sold, what fell due and what renewed it, said a second time in plain Python and Decimal, one line at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from csconnect.compute.terms import RenewalRules, term_state

Row = dict[str, Any]
World = dict[str, list[Row]]
CENT, FINE, NOTHING = Decimal("0.01"), Decimal("0.000001"), Decimal(0)
OUT = {"no_account", "no_dates", "reversed", "overlap", "no_host"}


def cents(value: Decimal) -> Decimal:
    return value.quantize(FINE, ROUND_HALF_UP).quantize(CENT, ROUND_HALF_UP)


@dataclass
class Sold:
    id: str
    told_by: str
    account_id: str | None
    contract_id: str | None
    term_id: str | None
    family: str
    product_line: str | None
    nature: str
    signed_on: date | None
    start: date | None
    end: date | None
    due_on: date | None
    months: Decimal | None
    amount: Decimal | None
    currency: str | None
    arr: Decimal | None
    excluded: str | None
    counts_from: Any = None
    counts_until: Any = None

    @property
    def counts(self) -> bool:
        return self.excluded not in OUT

    @property
    def told(self) -> Decimal | None:
        return self.arr if self.excluded is None else None

    @property
    def place(self) -> tuple[str, str, date]:
        assert self.account_id is not None
        assert self.due_on is not None
        return self.account_id, self.family, self.due_on


@dataclass
class Share:
    """What one renewing line pays for one cycle."""

    sold: Sold
    arr: Decimal | None
    share: Decimal


@dataclass
class Cycle:
    start: date
    due: list[Sold] = field(default_factory=list)
    added: bool = False
    renewed: list[Share] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    state: str = ""


class TwinLines:
    """The lines and cycles of a world on one day."""

    def __init__(self, world: World, as_of: date, rules: RenewalRules, max_age_days: int = 45) -> None:
        self.world, self.as_of, self.rules, self.max_age = world, as_of, rules, max_age_days
        self.accounts = {row["id"]: row for row in world["account"]}
        self.terms = {row["id"]: row for row in world["term"] if row["signed_on"] is None or row["signed_on"] <= as_of}
        self.mains = [
            term for term in self.terms.values() if term["nature"] in ("new", "renewal") and term["end"] > term["start"]
        ]
        self.by_account: dict[str | None, list[Row]] = defaultdict(list)
        for main in self.mains:
            self.by_account[main["account_id"]].append(main)
        self.sold = [line for line in self._lines() if self._is_ours(line)]
        self.cycles: dict[tuple[str, str, date], Cycle] = {}
        self._make_cycles()
        self._match()
        self._pay()
        self._time()

    # --- what was sold

    def _is_ours(self, line: Sold) -> bool:
        account = self.accounts.get(line.account_id or "")
        return account is None or account["is_customer"]

    def _lines(self) -> Iterable[Sold]:
        by_term = defaultdict(list)
        for line in self.world["contract_line"]:
            by_term[line["term_id"]].append(line)
        every_term = {row["id"] for row in self.world["term"]}
        for line in self.world["contract_line"]:
            if line["billing"] != "recurring":
                continue
            own = self.terms.get(line["term_id"])
            if own is None and line["term_id"] in every_term:
                continue
            if own is None and line["term_id"] and line["start"] and line["start"] > self.as_of:
                continue
            itself = own and own["amount"] is not None and not self._itemised(by_term[own["id"]])
            if line["amount"] is None and itself:
                continue
            yield self._sold(line, own, "contract_line", by_term)
        for term in self.terms.values():
            lines = by_term[term["id"]]
            if term["amount"] is None:
                stands = not lines or not any(line["billing"] == "recurring" for line in lines)
            else:
                fees = [line["amount"] for line in lines if line["amount"] is not None]
                stands = not lines or (not self._itemised(lines) and (not fees or sum(fees) != term["amount"]))
            if stands:
                yield self._sold(term | {"term_id": term["id"]}, term, "term", by_term)

    @staticmethod
    def _itemised(lines: list[Row]) -> bool:
        return any(line["billing"] == "recurring" and line["amount"] is not None for line in lines)

    def _sold(self, line: Row, own: Row | None, told_by: str, by_term: dict[Any, list[Row]]) -> Sold:
        def of(name: str) -> Any:
            return line[name] if line[name] is not None else own[name] if own else None

        nature = line["nature"] or (own["nature"] if own else "new")
        account, start, end = of("account_id"), of("start"), of("end")
        host = self._host(account, of("contract_id"), of("product_line"), start, own)
        well = host if host and host["end"] > host["start"] else None
        family = (host["product_line"] if host else of("product_line")) or ""
        product_line = of("product_line") or (host["product_line"] if host else None)
        due_on = end
        if nature == "contraction":
            due_on = well["end"] if well and end and end >= well["end"] else None
        amount, months, currency = line["amount"], of("months"), of("currency")
        arr = None if amount is None or months is None else cents(amount * 12 / months)
        reason = self._reason(account, start, end, nature, well, own, amount, months, currency)
        if reason is None and told_by == "contract_line" and own and nature == own["nature"]:
            reason = self._differs(own, by_term[own["id"]])
        return Sold(
            line["id"], told_by, account, of("contract_id"), host["id"] if host else None, family, product_line, nature,
            own["signed_on"] if own else None, start, end, due_on, months, amount, currency, arr, reason,
        )  # fmt: skip

    def _host(self, account: Any, contract: Any, product_line: Any, start: Any, own: Row | None) -> Row | None:
        if own and own["nature"] in ("new", "renewal"):
            return own
        covering = [
            main
            for main in self.by_account[account]
            if account is not None
            and start is not None
            and main["start"] <= start < main["end"]
            and (None in (main["product_line"], product_line) or main["product_line"] == product_line)
        ]
        covering.sort(key=lambda main: str(main["id"]))
        covering.sort(key=lambda main: main["start"], reverse=True)
        covering.sort(key=lambda main: contract is None or main["contract_id"] != contract)
        return covering[0] if covering else None

    def _reason(
        self, account: Any, start: Any, end: Any, nature: str, host: Row | None, own: Row | None, amount: Any,
        months: Any, currency: Any,
    ) -> str | None:  # fmt: skip
        checks = {
            "no_account": account not in self.accounts,
            "no_dates": None in (start, end),
            "reversed": None not in (start, end) and end <= start,
            "overlap": own is not None and self._is_twice(own),
            "no_host": nature == "contraction" and host is None,
            "no_amount": amount is None,
            "no_months": months is None,
            "no_currency": currency is None,
            "negative": amount is not None and amount < 0 and nature != "contraction",
        }
        return next((name for name, wrong in checks.items() if wrong), None)

    def _is_twice(self, own: Row) -> bool:
        if own["nature"] != "new" or own["end"] <= own["start"] or own["account_id"] is None:
            return False
        return any(
            all((other[name] or "") == (own[name] or "") for name in ("product_line", "contract_id"))
            and other["end"] > own["start"]
            and (other["start"], other["id"]) < (own["start"], own["id"])
            for other in self.by_account[own["account_id"]]
        )

    @staticmethod
    def _differs(own: Row, lines: list[Row]) -> str | None:
        if own["amount"] is None or own["currency"] is None:
            return None
        if any(line["currency"] not in (None, own["currency"]) for line in lines):
            return None
        of_it = [
            line for line in lines if (line["nature"] or own["nature"]) == own["nature"] and line["amount"] is not None
        ]
        sums = [
            sum((line["amount"] for line in of_it), NOTHING),
            sum((line["amount"] for line in of_it if line["billing"] == "recurring"), NOTHING),
        ]
        return "sum_differs" if all(abs(total - own["amount"]) > CENT for total in sums) else None

    # --- cycles and what renews them

    def _make_cycles(self) -> None:
        for line in self.sold:
            if line.counts and line.nature != "contraction":
                assert line.start is not None
                cycle = self.cycles.setdefault(line.place, Cycle(line.start))
                cycle.due.append(line)
        for cycle in self.cycles.values():
            mains = [line.start for line in cycle.due if line.nature != "expansion"]
            cycle.added = not mains
            cycle.start = min(start for start in mains or [line.start for line in cycle.due] if start)
        for line in self.sold:
            if line.counts and line.nature == "contraction" and line.due_on and line.place in self.cycles:
                self.cycles[line.place].due.append(line)

    def _orders(self) -> dict[tuple[str, str], dict[tuple[date, date, str], list[Sold]]]:
        orders: dict[tuple[str, str], dict[Any, list[Sold]]] = defaultdict(lambda: defaultdict(list))
        for line in self.sold:
            if line.counts and line.nature in ("new", "renewal"):
                assert line.account_id is not None
                orders[line.account_id, line.family][line.start, line.end, line.nature].append(line)
        return orders

    def _match(self) -> None:
        grace, due = timedelta(self.rules.grace_days), timedelta(self.rules.due_days)
        orders = self._orders()
        of_family: dict[tuple[str, str], list[tuple[date, Cycle]]] = defaultdict(list)
        for (account, family, due_on), cycle in self.cycles.items():
            of_family[account, family].append((due_on, cycle))
        for key, cycles in of_family.items():
            candidates = [
                (order, due_on, cycle)
                for order in orders[key]
                for due_on, cycle in cycles
                if cycle.start < order[0] <= due_on + grace
                and order[1] > due_on
                and (order[2] == "renewal" or order[0] >= due_on)
            ]
            followers: dict[date, list[Any]] = defaultdict(list)
            for order in orders[key]:
                mine = [(due_on, cycle) for other, due_on, cycle in candidates if other == order]
                ended = [due_on for due_on, _ in mine if due_on <= order[0]]
                running = [(cycle.added, due_on) for due_on, cycle in mine if due_on > order[0]]
                if ended:
                    followers[max(ended)].append(order)
                elif running:
                    followers[min(running)[1]].append(order)
            for due_on, cycle in cycles:
                followed = followers[due_on]
                renewals = [order for order in followed if order[2] == "renewal"]
                if renewals:
                    chosen = renewals
                elif followed:
                    chosen = [order for order in followed if order[0] == min(each[0] for each in followed)]
                else:
                    beside = [
                        order
                        for order, other, _ in candidates
                        if other == due_on and (cycle.added or order[0] >= due_on - due)
                    ]
                    chosen = [order for order in beside if order[0] == min(each[0] for each in beside)]
                cycle.orders = [{"start": order[0], "lines": orders[key][order]} for order in chosen]
                next_start = min((order[0] for order in chosen), default=None)
                if next_start is None:
                    later = [order[0] for order in orders[key] if order[0] > due_on + grace]
                    state = term_state(due_on, min(later, default=None), self.as_of, self.rules)
                else:
                    state = term_state(due_on, due_on, self.as_of, self.rules)
                cycle.state = str(state)

    def _pay(self) -> None:
        places: dict[tuple[str, str], list[tuple[date, Cycle]]] = defaultdict(list)
        lines: dict[tuple[str, str], Sold] = {}
        for (_, _, due_on), cycle in sorted(self.cycles.items()):
            for order in cycle.orders:
                for line in order["lines"]:
                    places[line.told_by, line.id].append((due_on, cycle))
                    lines[line.told_by, line.id] = line
        for key, line in lines.items():
            for cycle, share in zip([c for _, c in places[key]], split(line, [c for _, c in places[key]]), strict=True):
                cycle.renewed.append(share)

    def _time(self) -> None:
        for line in self.sold:
            if not line.counts or line.start is None:
                continue
            cycle = self.cycles.get(line.place) if line.due_on else None
            orders = [order["start"] for order in cycle.orders] if cycle else []
            line.counts_from = line.start
            line.counts_until = max(min(orders, default=line.due_on or line.end), line.start)


def split(line: Sold, cycles: list[Cycle]) -> list[Share]:
    """By what was due, to the cent, by largest remainder; evenly where that cannot be told."""
    sums = [[part.told for part in cycle.due] for cycle in cycles]
    currencies = {part.currency for cycle in cycles for part in cycle.due if part.currency}
    owed = [NOTHING if None in parts else sum(parts, NOTHING) for parts in sums]
    weights = owed if len(currencies) == 1 and min(owed) > 0 else [Decimal(1)] * len(cycles)
    shares = [weight / sum(weights) for weight in weights]
    if line.told is None:
        return [Share(line, None, share) for share in shares]
    whole = int(line.told * 100)
    exact = [(whole * int(weight * 100), int(sum(weights) * 100)) for weight in weights]
    least = [part // of for part, of in exact]
    by_rest = sorted(range(len(cycles)), key=lambda n: (-(exact[n][0] % exact[n][1]), n))
    for n in by_rest[: whole - sum(least)]:
        least[n] += 1
    return [Share(line, part * CENT, share) for part, share in zip(least, shares, strict=True)]
