"""Conditions in mapping files of this system: ``property=value``, ``property!=value``, ``property in (a,b)``, joined by AND."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csconnect.errors import MappingError

CLAUSE = re.compile(
    r"^\s*(?P<name>[A-Za-z_]\w*)\s*(?:(?P<op>!=|=)\s*(?P<value>.*?)|\s+in\s*\((?P<values>[^()]*)\))\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Clause:
    """One property against some values; a property without a value counts as the empty text."""

    name: str
    values: frozenset[str]
    negated: bool = False

    def holds(self, properties: Mapping[str, Any]) -> bool:
        value = properties.get(self.name)
        return (("" if value is None else str(value)) in self.values) != self.negated


@dataclass(frozen=True)
class Condition:
    """All clauses must hold."""

    clauses: tuple[Clause, ...] = ()

    @classmethod
    def of(cls, text: str) -> Condition:
        """Raises `MappingError` for anything but the three forms."""
        if not text.strip():
            return cls()
        return cls(tuple(_clause(part) for part in re.split(r"\s+AND\s+", text.strip(), flags=re.IGNORECASE)))

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that must be read to judge a record."""
        return tuple(dict.fromkeys(clause.name for clause in self.clauses))

    def holds(self, properties: Mapping[str, Any]) -> bool:
        return all(clause.holds(properties) for clause in self.clauses)


def _clause(text: str) -> Clause:
    found = CLAUSE.match(text)
    if found is None:
        raise MappingError(
            f"the condition {text.strip()!r} is not understood",
            where="where: of a HubSpot mapping",
            remedy="Write property=value, property!=value or property in (a,b), joined by AND",
        )
    listed = found["values"]
    values = [found["value"]] if listed is None else listed.split(",")
    return Clause(found["name"], frozenset(_bare(value) for value in values), found["op"] == "!=")


def _bare(value: str) -> str:
    value = value.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
