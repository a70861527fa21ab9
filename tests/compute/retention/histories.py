"""Random histories made of edges: renewals that are early, on time, late within grace, too late, or never; orders that renew two
cycles; expansions and contractions told in every way CRMs tell them; several currencies; and every way in which a line is unusable."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
World = dict[str, list[Row]]
AS_OF = date(2026, 6, 15)
CURRENCIES = ["USD", "USD", "USD", "EUR", "CNY"]


class Histories:
    """A seed always gives the same world."""

    def __init__(self, seed: int, accounts: int, *, broken: bool = True) -> None:
        self.dice = random.Random(seed)
        self.broken = broken
        self.made = 0
        self.world: World = {"account": [], "term": [], "contract_line": [], "contract": [], "fx_rate": []}
        for number in range(accounts):
            self._account(f"sf:{number}")
        self._rates()

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def now_and_then(self, share: float = 0.03) -> bool:
        return self.broken and self.dice.random() < share

    def key(self, kind: str) -> str:
        self.made += 1
        return f"sf:{kind}{self.made:05}"

    def _account(self, key: str) -> None:
        one = self.one
        self.world["account"].append(
            {
                "id": key,
                "name": key,
                "is_customer": not self.now_and_then(),
                "segment": one(None, "strategic", "enterprise", "micro"),
                "industry": one(None, "steel", "trade"),
                "region": one(None, "north", "south"),
                "country": one("CN", "US"),
                "owner_id": one(None, "sf:o1", "sf:o2"),
            }
        )
        currency = one(*CURRENCIES)
        for family in self.dice.sample([None, "CRM", "BI"], one(1, 1, 1, 2)):
            for _ in range(one(1, 1, 1, 2)):
                self._chain(key, family, currency)

    def _chain(self, account: str, family: str | None, currency: str) -> None:
        """One contract after the other, or all under one contract."""
        one = self.one
        start = date(2022, 1, 1) + timedelta(days=one(0, 14, 180, 364, 365, 366, 500, 900, 1400))
        contract = one(None, self.key("c"), self.key("c"))
        nature = "new"
        for _ in range(one(1, 2, 3, 5)):
            months = one(1, 6, 12, 12, 12, 24)
            end = start + timedelta(days=months * 365 // 12 + one(0, 0, 1))
            if self.now_and_then(0.05):
                currency = one(*CURRENCIES)
            self._term(account, family, contract, nature, start, end, months, currency)
            if start > AS_OF:
                break
            start = end + timedelta(days=one(0, 0, 0, 0, -1, -20, -90, -91, -200, 1, 45, 90, 91, 180))
            nature = one("renewal", "renewal", "renewal", "new")
            contract = one(contract, contract, self.key("c"))

    def _term(
        self, account: str, family: str | None, contract: str | None, nature: str, start: date, end: date, months: int,
        currency: str,
    ) -> None:  # fmt: skip
        one = self.one
        amount = Decimal(one("1200", "999.99", "100000", "0.07", "1234.56", "0")) * one(1, 1, 3)
        row: Row = {
            "id": self.key("t"),
            "account_id": None if self.now_and_then() else account,
            "contract_id": contract,
            "product_line": family,
            "nature": nature,
            "signed_on": one(None, start - timedelta(days=30), start, start + timedelta(days=20)),
            "start": start,
            "end": start if self.now_and_then() else end,
            "months": None if self.now_and_then() else Decimal(months),
            "amount": None if self.now_and_then() else -amount if self.now_and_then() else amount,
            "currency": None if self.now_and_then() else currency,
        }
        self.world["term"].append(row)
        how = one("term", "lines", "lines", "dated", "fees")
        if how == "lines":
            part = (amount / 3).quantize(Decimal("0.0001"))
            for value in (part, amount - part):
                self._line(
                    row, value if not self.now_and_then(0.02) else value + 5, product_line=one(None, family, "Add-on")
                )
        elif how == "dated":
            self._line(row, amount, start=start, end=end, months=Decimal(months), product_line=family)
        elif how == "fees":
            self._line(row, one(amount, Decimal(77)), billing="one_off")
        for _ in range(one(0, 0, 1, 2)):
            self._change(row, months)

    def _line(self, host: Row, amount: Decimal | None, **rest: Any) -> None:
        base: Row = {
            "id": self.key("l"),
            "term_id": host["id"],
            "contract_id": self.one(None, host["contract_id"]),
            "account_id": self.one(None, host["account_id"]),
            "product_line": None,
            "nature": None,
            "billing": "recurring",
            "start": None,
            "end": None,
            "months": None,
            "amount": None
            if self.now_and_then(0.02) or amount is None
            else -amount
            if self.now_and_then(0.02)
            else amount,
            "currency": self.one(None, host["currency"]),
        }
        self.world["contract_line"].append(base | rest)

    def _change(self, host: Row, months: int) -> None:
        """An expansion or contraction of ``host``: a line on it, a line on an order that nobody tells, or a term of its own."""
        one = self.one
        nature = one("expansion", "expansion", "contraction")
        start = host["start"] + timedelta(days=one(0, 15, 100, 300))
        end = one(host["end"], host["end"], host["end"], start + timedelta(days=200), start + timedelta(days=365))
        amount = Decimal(one("120", "33.33", "5000")) * (1 if nature == "expansion" else -1)
        dates: Row = {"start": start, "end": end, "months": Decimal(one(1, 6, 12))}
        if self.now_and_then():
            dates["end"] = one(None, start)
        shared = {"nature": nature, "product_line": one(None, host["product_line"], "Add-on")}
        how = one("on_it", "untold", "own_term")
        if how == "on_it":
            self._line(host, amount, **dates, **shared)
        elif how == "untold":
            self._line(host, amount, **dates, **shared)
            self.world["contract_line"][-1] |= {
                "term_id": one(None, "sf:order"),
                "account_id": host["account_id"],
                "currency": host["currency"],
                "start": None if self.now_and_then(0.2) else start,
            }
        elif dates["end"] is not None:
            own = host | dates | shared | {"id": self.key("t"), "amount": amount}
            self.world["term"].append(own)

    def _rates(self) -> None:
        day = date(2022, 1, 1)
        while day < date(2028, 1, 1):
            for currency, base in (("CNY", "USD"), ("USD", "EUR"), ("CNY", "EUR"), ("EUR", "CNY")):
                if self.dice.random() < 0.5:
                    rate = Decimal(self.dice.randint(1000, 90000)) / 10000
                    self.world["fx_rate"].append(
                        {"id": self.key("x"), "currency": currency, "base": base, "on": day, "rate": rate}
                    )
            day += timedelta(days=self.one(1, 20, 31, 44, 45, 46))
