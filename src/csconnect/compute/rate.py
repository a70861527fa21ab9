"""A rate with both its halves: what is counted, out of what. A base of zero has no rate (book §2.2; law 9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

PLACES = Decimal("1e-10")
"""To how many places a rate is told to machines."""


@dataclass(frozen=True)
class Rate:
    """``part`` out of ``base``, both counts or both amounts of one currency, never one of each."""

    part: Decimal
    base: Decimal

    @property
    def value(self) -> Decimal | None:
        """``part / base``: 1 is all of it, and more than all or less than nothing can be. None where the base is 0."""
        return self.part / self.base if self.base else None

    def plain(self) -> dict[str, str | float | None]:
        """The rate for JSON: the halves as text, so that no cent is lost, and the value to ten places or null."""
        value = self.value
        told = None if value is None else float(value.quantize(PLACES, ROUND_HALF_UP))
        return {"part": str(self.part), "base": str(self.base), "value": told}
