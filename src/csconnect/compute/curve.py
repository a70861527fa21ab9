"""From a signal's value to what it earns: the shapes that scorecards are made of.

| written | shape |
|---|---|
| ``at_least: {5: 1.0, 3: 0.7}`` | steps: the highest threshold reached counts, below all of them ``otherwise`` |
| ``linear: {from: 0, to: 100}`` | nothing at ``from``, full marks at ``to``, a straight line between, flat outside |
| ``through: [[0, 0], [20, 1], [60, 0.4]]`` | straight lines through points, flat outside; may rise and fall |
| ``intervals: [{to: 10, earns: 0.2}, {from: 10, earns: 1}]`` | one number an interval, without gap or overlap |
| ``times: 2`` | the value itself, so many times (for points that add up) |
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlglot import exp


class Part(BaseModel):
    """A part of a file that people write: closed, frozen, silent about values; its numbers are finite."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, populate_by_name=True, allow_inf_nan=False
    )


class Linear(Part):
    """Nothing at ``from``, full marks at ``to``."""

    low: float = Field(alias="from")
    high: float = Field(alias="to")

    @model_validator(mode="after")
    def _two_ends(self) -> Self:
        if self.low == self.high:
            raise ValueError("linear needs two different ends")
        return self


class Interval(Part):
    """From ``from`` to ``to``; the first has no lower end, the last no upper one."""

    low: float | None = Field(None, alias="from")
    high: float | None = Field(None, alias="to")
    earns: float


Point = Annotated[tuple[float, float], Field(description="value, earned")]


class Curve(Part):
    """Exactly one of the shapes above. ``edge`` says whether a number at the border of two intervals belongs to the upper one
    (``lower``: lower ends are in, the default) or to the lower one (``upper``: upper ends are in)."""

    at_least: dict[float, float] | None = None
    otherwise: float = 0.0
    linear: Linear | None = None
    through: Annotated[list[Point], Field(min_length=2)] | None = None
    intervals: Annotated[list[Interval], Field(min_length=1)] | None = None
    edge: Literal["lower", "upper"] = "lower"
    times: float | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        shapes = ("at_least", "linear", "through", "intervals", "times")
        found = [shape for shape in shapes if getattr(self, shape) is not None]
        if len(found) != 1:
            said = f", not {' and '.join(found)}" if found else ""
            raise ValueError(f"a curve is either at_least or linear, through, intervals or times{said}")
        if self.through is not None:
            for (one, _), (other, _) in pairwise(self.through):
                if other <= one:
                    raise ValueError(f"the points of through must go from left to right, but {other:g} follows {one:g}")
        return self

    @model_validator(mode="after")
    def _whole_line(self) -> Self:
        for one, other in pairwise(self.intervals or []):
            if one.high is None or other.low is None:
                raise ValueError("only the first interval may lack its lower end and only the last its upper end")
            if other.low > one.high:
                raise ValueError(f"the intervals leave a gap between {one.high:g} and {other.low:g}")
            if other.low < one.high:
                raise ValueError(f"the intervals overlap between {other.low:g} and {one.high:g}")
        for each in self.intervals or []:
            if each.low is not None and each.high is not None and each.low >= each.high:
                raise ValueError(f"an interval must end after it starts, but this is {each.low:g} to {each.high:g}")
        return self

    @property
    def range(self) -> tuple[float, float] | None:
        """The least and the most it can earn; None where it has no limits."""
        if self.times is not None:
            return None
        if self.linear is not None:
            return 0.0, 1.0
        if self.through is not None:
            earned = [y for _, y in self.through]
        elif self.intervals is not None:
            # below the first and above the last interval nothing is earned
            earned = [each.earns for each in self.intervals]
            earned += (
                [self.otherwise] if self.intervals[0].low is not None or self.intervals[-1].high is not None else []
            )
        else:
            earned = [self.otherwise, *(self.at_least or {}).values()]
        return min(earned), max(earned)

    def earned(self, value: float) -> float:
        """What ``value`` earns, in plain Python: for the cases of a card and for what would lift a score."""
        if self.times is not None:
            return self.times * value
        if self.linear is not None:
            return max(0.0, min(1.0, (value - self.linear.low) / (self.linear.high - self.linear.low)))
        if self.through is not None:
            return _between(self.through, value)
        if self.intervals is not None:
            found = (each.earns for each in self.intervals if self._inside(each, value))
            return next(found, self.otherwise)
        reached = [threshold for threshold in self.at_least or {} if value >= threshold]
        return (self.at_least or {})[max(reached)] if reached else self.otherwise

    def _inside(self, each: Interval, value: float) -> bool:
        if self.edge == "lower":
            return (each.low is None or value >= each.low) and (
                each.high is None or value < each.high or self._top(each, value)
            )
        return (each.high is None or value <= each.high) and (
            each.low is None or value > each.low or self._bottom(each, value)
        )

    def _top(self, each: Interval, value: float) -> bool:
        """The last interval keeps its upper end, as the first keeps its lower one: a closed scale has no hole at its ends."""
        return bool(self.intervals) and each is self.intervals[-1] and value == each.high  # type: ignore[index]

    def _bottom(self, each: Interval, value: float) -> bool:
        return bool(self.intervals) and each is self.intervals[0] and value == each.low  # type: ignore[index]

    def expression(self, value: exp.Expr) -> exp.Expr:
        """The same as SQL over ``value``, which is not null."""
        if self.times is not None:
            return exp.paren(value.copy() * _number(self.times))
        if self.linear is not None:
            low, high = self.linear.low, self.linear.high
            slope = exp.Div(this=exp.paren(value.copy() - _number(low)), expression=_number(high - low))
            return _clamped(slope)
        if self.through is not None:
            return _lines(self.through, value)
        if self.intervals is not None:
            return self._cases(value)
        steps = exp.Case()
        for threshold, share in sorted((self.at_least or {}).items(), reverse=True):
            steps = steps.when(value.copy() >= _number(threshold), _number(share))
        return steps.else_(_number(self.otherwise))

    def _cases(self, value: exp.Expr) -> exp.Expr:
        cases, last = exp.Case(), len(self.intervals or []) - 1
        for place, each in enumerate(self.intervals or []):
            tests: list[exp.Expr] = []
            if each.low is not None:
                closed = self.edge == "lower" or place == 0
                tests.append(value.copy() >= _number(each.low) if closed else value.copy() > _number(each.low))
            if each.high is not None:
                closed = self.edge == "upper" or place == last
                tests.append(value.copy() <= _number(each.high) if closed else value.copy() < _number(each.high))
            cases = cases.when(exp.and_(*tests) if tests else exp.true(), _number(each.earns))
        return cases.else_(_number(self.otherwise))


def _between(points: list[Point], value: float) -> float:
    if value <= points[0][0]:
        return points[0][1]
    for (x, y), (next_x, next_y) in pairwise(points):
        if value <= next_x:
            return y + (value - x) * (next_y - y) / (next_x - x)
    return points[-1][1]


def _lines(points: list[Point], value: exp.Expr) -> exp.Expr:
    lines = exp.Case().when(value.copy() <= _number(points[0][0]), _number(points[0][1]))
    for (x, y), (next_x, next_y) in pairwise(points):
        rise = exp.Div(
            this=exp.paren(exp.paren(value.copy() - _number(x)) * _number(next_y - y)), expression=_number(next_x - x)
        )
        lines = lines.when(value.copy() <= _number(next_x), _number(y) + rise)
    return lines.else_(_number(points[-1][1]))


def _clamped(value: exp.Expr) -> exp.Expr:
    return exp.Greatest(this=_number(0.0), expressions=[exp.Least(this=_number(1.0), expressions=[value])])


def _number(value: float) -> exp.Expr:
    return exp.cast(exp.Literal.number(repr(float(value))), "double")
