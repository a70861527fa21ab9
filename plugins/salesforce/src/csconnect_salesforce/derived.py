"""Paths that this connector adds to an object's fields, where Salesforce keeps in pieces what a mapping needs as one.

Of Opportunity: ``StageName.outcome`` (open, won, lost, void), which holds whatever an org calls its stages, and
``StageName.closed_at``, once it is closed: the instant of the last change of stage, or the close date where an org does not show
that instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Derived:
    """A value made of ``parts``, fields that are asked for in its place; those of ``spare`` only where they are seen."""

    parts: tuple[str, ...]
    value: Callable[[Values, str], Any]
    spare: tuple[str, ...] = ()


def _outcome(values: Values, withdrawn: str) -> str:
    if not values.get("IsClosed"):
        return "open"
    if values.get("IsWon"):
        return "won"
    return "void" if values.get("StageName") == withdrawn else "lost"


def _closed_at(values: Values, _: str) -> Any:
    if not values.get("IsClosed"):
        return None
    day = values.get("CloseDate")
    return values.get("LastStageChangeDate") or (f"{day}T00:00:00.000+0000" if day else None)


DERIVED: dict[str, dict[str, Derived]] = {
    "Opportunity": {
        "StageName.outcome": Derived(("StageName", "IsClosed", "IsWon"), _outcome),
        "StageName.closed_at": Derived(("IsClosed", "CloseDate"), _closed_at, spare=("LastStageChangeDate",)),
    }
}


def asked(object: str, fields: Iterable[str], seen: Mapping[str, object]) -> tuple[str, ...]:
    """What to ask Salesforce for so that ``fields`` can be given."""
    known = DERIVED.get(object, {})
    names: list[str] = []
    for path in fields:
        made = known.get(path)
        names += [path] if made is None else [*made.parts, *(name for name in made.spare if name in seen)]
    return tuple(dict.fromkeys(names))


def derive(object: str, fields: Iterable[str], row: dict[str, Any], withdrawn: str) -> None:
    """Put the derived ones of ``fields`` into a row that holds their parts."""
    known = DERIVED.get(object, {})
    row.update({path: known[path].value(row, withdrawn) for path in fields if path in known})
