"""A condition on signals: what overrides of scorecards and danger rules are made of.

| written | true when |
|---|---|
| ``{signal: activity, below: 20}`` | the value is known and below 20; also ``at_most``, ``at_least``, ``above``, ``equals`` |
| ``{signal: nps, unknown: true}`` | there is no value |
| ``{all: [...]}``, ``{any: [...]}``, ``{not: ...}`` | all, any, none of the conditions in it |

Unknown is no evidence: a comparison with a value that nobody knows is false, and so is its ``not`` (say ``unknown`` where it should
count).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

from pydantic import Field, model_validator
from sqlglot import exp

from csconnect.compute.curve import Part

COMPARISONS = ("below", "at_most", "at_least", "above", "equals")


class Condition(Part):
    """One of: a comparison of a signal, or a combination of conditions."""

    signal: str | None = None
    below: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    above: float | None = None
    equals: float | None = None
    unknown: bool | None = None
    all_of: list[Condition] | None = Field(None, alias="all", min_length=1)
    any_of: list[Condition] | None = Field(None, alias="any", min_length=1)
    none_of: Condition | None = Field(None, alias="not")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = [self.signal, self.all_of, self.any_of, self.none_of]
        if sum(form is not None for form in forms) != 1:
            raise ValueError("a condition is one of signal, all, any, not")
        said = [name for name in (*COMPARISONS, "unknown") if getattr(self, name) is not None]
        if self.signal is None and said:
            raise ValueError(f"{said[0]} needs a signal")
        if self.signal is not None and not said:
            raise ValueError(f"say what of {self.signal}: {', '.join(COMPARISONS)} or unknown")
        if self.unknown is not None and len(said) > 1:
            raise ValueError("a value that is unknown cannot be compared")
        return self

    def signals(self) -> Iterator[str]:
        """The signals it asks for."""
        if self.signal is not None:
            yield self.signal
        for part in self._parts():
            yield from part.signals()

    def _parts(self) -> list[Condition]:
        return [*(self.all_of or []), *(self.any_of or []), *([self.none_of] if self.none_of else [])]

    def expression(self) -> exp.Expr:
        """SQL that is true, false or (unknown) null, over a row that has a column for each signal."""
        if self.all_of:
            return exp.and_(*(part.expression() for part in self.all_of))
        if self.any_of:
            return exp.or_(*(part.expression() for part in self.any_of))
        if self.none_of:
            return exp.not_(exp.paren(self.none_of.expression()))
        column = exp.column(self.signal or "", quoted=True)
        if self.unknown is not None:
            test = column.is_(exp.null())
            return test if self.unknown else exp.not_(test)
        return exp.and_(*self._comparisons(column))

    def _comparisons(self, column: exp.Column) -> Iterator[exp.Expr]:
        builders = {"below": exp.LT, "at_most": exp.LTE, "at_least": exp.GTE, "above": exp.GT, "equals": exp.EQ}
        for name, builder in builders.items():
            limit = getattr(self, name)
            if limit is not None:
                yield builder(this=column.copy(), expression=exp.cast(exp.Literal.number(repr(float(limit))), "double"))

    def __str__(self) -> str:
        """In words: ``activity below 20 and nps unknown``."""
        if self.all_of:
            return " and ".join(part._inside() for part in self.all_of)
        if self.any_of:
            return " or ".join(part._inside() for part in self.any_of)
        if self.none_of:
            return f"not ({self.none_of})"
        if self.unknown is not None:
            return f"{self.signal} {'unknown' if self.unknown else 'known'}"
        said = [(name, getattr(self, name)) for name in COMPARISONS]
        return " and ".join(
            f"{self.signal} {name.replace('_', ' ')} {limit:g}" for name, limit in said if limit is not None
        )

    def _inside(self) -> str:
        return f"({self})" if self.all_of or self.any_of else str(self)

    def holds(self, values: Mapping[str, float | None]) -> bool | None:
        """The same in plain Python, with SQL's three answers."""
        if self.all_of:
            answers = [part.holds(values) for part in self.all_of]
            return False if False in answers else None if None in answers else True
        if self.any_of:
            answers = [part.holds(values) for part in self.any_of]
            return True if True in answers else None if None in answers else False
        if self.none_of:
            answer = self.none_of.holds(values)
            return None if answer is None else not answer
        value = values.get(self.signal or "")
        if self.unknown is not None:
            return (value is None) == self.unknown
        return None if value is None else self._compared(value)

    def _compared(self, value: float) -> bool:
        return (
            (self.below is None or value < self.below)
            and (self.at_most is None or value <= self.at_most)
            and (self.at_least is None or value >= self.at_least)
            and (self.above is None or value > self.above)
            and (self.equals is None or value == self.equals)
        )
