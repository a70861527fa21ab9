"""A curve read backwards: the value nearest to the present one that earns enough."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import pairwise

from csconnect.compute.curve import Curve

_SLACK = 1e-9


def nearest(curve: Curve, value: float, wanted: float, decimals: int = 2) -> float | None:
    """The value nearest to ``value`` at which ``curve`` earns at least ``wanted``, in ``decimals`` places (two more where these are too
    few); None where there is none."""
    found = []
    for exact in (value, *_turning(curve, wanted)):
        for places in (decimals, decimals + 2):
            fitting = [each for each in _rounded(exact, places) if curve.earned(each) >= wanted - _SLACK]
            if fitting:
                found.append(min(fitting, key=lambda each: abs(each - value)))
                break
    return min(found, key=lambda each: (abs(each - value), each), default=None)


def _rounded(value: float, places: int) -> tuple[float, ...]:
    """``value`` rounded down and up, and the two numbers beside them: an open end is no member of its interval."""
    unit = Decimal(1).scaleb(-places)
    exact = Decimal(repr(round(value, 9)))
    down, up = exact.quantize(unit, ROUND_FLOOR), exact.quantize(unit, ROUND_CEILING)
    return tuple(float(each) for each in (down - unit, down, up, up + unit))


def _turning(curve: Curve, wanted: float) -> Iterator[float]:
    """Where the curve may come to earn ``wanted``."""
    if curve.times is not None:
        yield wanted / curve.times if curve.times else 0.0
    elif curve.linear is not None:
        yield curve.linear.low + min(1.0, max(0.0, wanted)) * (curve.linear.high - curve.linear.low)
    elif curve.through is not None:
        for (x, y), (next_x, next_y) in pairwise(curve.through):
            yield from (x, next_x)
            if min(y, next_y) < wanted < max(y, next_y):
                yield x + (wanted - y) * (next_x - x) / (next_y - y)
    elif curve.intervals is not None:
        for each in curve.intervals:
            yield from (end for end in (each.low, each.high) if end is not None)
    else:
        yield from (curve.at_least or {}).keys()
