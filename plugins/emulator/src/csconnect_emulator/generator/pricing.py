"""What an order costs: lines in whole units of the currency's smallest coin, so that they add up exactly."""

from __future__ import annotations

from decimal import Decimal

from csconnect_emulator.generator.dice import Dice
from csconnect_emulator.generator.money import price_in, rounded
from csconnect_emulator.generator.offer import CRM, LEAD, PRODUCTS
from csconnect_emulator.generator.orders import Order, OrderLine

_PRICE = {product.code: product.price for product in PRODUCTS}


class Pricing:
    """Prices of one account: the list price less what it negotiated once. Line slots count up over its whole life."""

    def __init__(self, dice: Dice, currency: str) -> None:
        self._dice, self._currency = dice, currency
        self._percent = dice.between(75, 100)
        self._reports = dice.chance(0.4)
        self._slot = 0

    def term(self, line: str, seats: int, months: int, with_setup: bool) -> tuple[OrderLine, ...]:
        """The recurring lines of a term and, with ``with_setup``, its one-off fees."""
        lines = [self._recurring(LEAD[line], seats, months)]
        if line == CRM and self._reports:
            lines.append(self._recurring("CRM-BI", seats, months))
        if with_setup:
            lines.append(self._one_off("PS-IMPL", 2 + seats // 8))
            if self._dice.chance(0.5):
                lines.append(self._one_off("PS-TRAIN", 1 + seats // 40))
        return tuple(lines)

    def change(self, term: Order, seats: int, months: int) -> tuple[OrderLine, ...]:
        """More or fewer seats for the months that are left."""
        return (self._recurring(LEAD[term.line], seats, months),)

    def _recurring(self, code: str, seats: int, months: int) -> OrderLine:
        unit = rounded(self._currency, price_in(self._currency, _PRICE[code]) * months * self._percent / 100)
        return self._line(code, "recurring", seats, unit)

    def _one_off(self, code: str, units: int) -> OrderLine:
        return self._line(code, "one_off", units, price_in(self._currency, _PRICE[code]))

    def _line(self, code: str, billing: str, quantity: int, unit: Decimal) -> OrderLine:
        self._slot += 1
        return OrderLine(self._slot, code, billing, quantity, unit)
