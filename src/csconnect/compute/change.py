"""Why a score moved: what customers did, and what we changed in the way we judge.

With S(day, configuration), exactly:

    customer change       = S(now, old) - S(then, old)
    configuration change  = S(now, new) - S(now, old)

for the score, and for each signal's contribution in hundredths of a point. Contributions add up to their score (law 4), so the parts of
all signals add up to the change of the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from csconnect.compute.explain import Driver, changes


@dataclass(frozen=True)
class Moved:
    """By how many hundredths of a point, and why."""

    customer: int
    configuration: int

    @property
    def total(self) -> int:
        return self.customer + self.configuration


@dataclass(frozen=True)
class Change:
    """Signal -> its part of the change; the signals are those of both configurations."""

    signals: dict[str, Moved]

    @property
    def score(self) -> Moved:
        """The change of the score: the sum of its parts."""
        parts = self.signals.values()
        return Moved(sum(part.customer for part in parts), sum(part.configuration for part in parts))


def split(then_old: list[Driver], now_old: list[Driver], now_new: list[Driver]) -> Change:
    """Split the change of one account's score; each list holds the drivers of a score that there is."""
    customer, configuration = changes(now_old, then_old), changes(now_new, now_old)
    names = sorted(customer.keys() | configuration.keys())
    return Change({name: Moved(customer.get(name, 0), configuration.get(name, 0)) for name in names})


@dataclass(frozen=True)
class BandChanges:
    """How many accounts have another band than before, and because of what."""

    card: int
    customers: int


def because_of(
    before: Mapping[str, str | None], under_old: Mapping[str, str | None], now: Mapping[str, str | None]
) -> BandChanges:
    """Count the accounts whose band changes from ``before`` to ``now``: those that the old configuration would have left where they
    were change because of the card, the others because of customers."""
    changed = [account for account, band in now.items() if account in before and band != before[account]]
    card = sum(under_old.get(account) == before[account] for account in changed)
    return BandChanges(card, len(changed) - card)
