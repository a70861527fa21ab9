"""Chance that can be repeated: every draw follows from a seed and a path, on every machine and Python version."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
MASK32 = 0xFFFFFFFF


def seed_of(*path: object) -> int:
    """A 64-bit seed for a path such as ``(7, "terms", 42)``; unlike `hash`, the same in every process."""
    text = "/".join(str(part) for part in path)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def mix32(x: int) -> int:
    """Scramble 32 bits (the finaliser of MurmurHash3); `usage` says the same in SQL."""
    x &= MASK32
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & MASK32
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & MASK32
    return x ^ (x >> 16)


class Dice:
    """A stream of draws. It uses only ``random()``, the one method that Python promises never to change."""

    __slots__ = ("unit",)

    def __init__(self, *path: object) -> None:
        self.unit = random.Random(seed_of(*path)).random
        """The next number in [0, 1)."""

    def chance(self, share: float) -> bool:
        """True in ``share`` of the cases. Always takes one draw, so that later draws do not shift."""
        return self.unit() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self.unit() * (high - low + 1))

    def spread(self, low: float, high: float) -> float:
        """An evenly spread number."""
        return low + self.unit() * (high - low)

    def bell(self, middle: float, width: float) -> float:
        """A bell-shaped number with standard deviation ``width``, never further than 3.5 of them away."""
        return middle + width * 1.7320508 * (self.unit() + self.unit() + self.unit() + self.unit() - 2)

    def skewed(self, low: int, high: int) -> int:
        """Mostly near ``low``, sometimes near ``high``: the shape of seat counts."""
        share = self.unit()
        return low + int(share * share * share * (high - low + 1))

    def count(self, mean: float) -> int:
        """How often something happens that happens ``mean`` times on average (two coins for each half)."""
        whole = int(mean)
        return sum(self.unit() < 0.5 for _ in range(2 * whole)) + (self.unit() < mean - whole)

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.unit() * len(options))]

    def weighted(self, weights: Mapping[T, float]) -> T:
        """A key, with a probability in proportion to its weight."""
        left = self.unit() * sum(weights.values())
        for key, weight in weights.items():
            left -= weight
            if left < 0:
                return key
        return key

    def day(self, first: date, last: date) -> date:
        """A day from ``first`` to ``last``, both included; ``first`` when the range is empty."""
        return first + timedelta(days=self.between(0, max(0, (last - first).days)))
