"""Paths that this connector adds to an object's properties, where HubSpot keeps in pieces what a mapping needs as one.

Their names have a dot, which no property of HubSpot has: ``name.full`` of contacts and owners; of deals ``dealstage.outcome``
(``open``, ``won``, or the id of the stage in which a deal ended otherwise) and ``dealstage.closed_at``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Derived:
    """A value made of ``parts``, properties that are asked for in its place."""

    parts: tuple[str, ...]
    value: Callable[[Properties], str | None]


def full_name(first: str | None, last: str | None, other: str | None = None) -> str | None:
    """``first last``, or ``last`` and ``first`` without a space where either is in Han script; else ``other``."""
    parts = [part.strip() for part in (first, last) if part and part.strip()]
    if any("一" <= char <= "鿿" for part in parts for char in part):
        return "".join(reversed(parts))
    return " ".join(parts) or other or None


def _name(first: str, last: str) -> Derived:
    return Derived(
        (first, last, "email"), lambda given: full_name(given.get(first), given.get(last), given.get("email"))
    )


def _outcome(given: Properties) -> str | None:
    """By the stage's own marks, so that it holds in every pipeline.

    A mapping tells the stage that deals are withdrawn into from those that are lost: ``{$void_stage: void}, else: lost``.
    """
    if given.get("hs_is_closed") != "true":
        return "open"
    return "won" if given.get("hs_is_closed_won") == "true" else given.get("dealstage")


def _closed_at(given: Properties) -> str | None:
    """``closedate`` is a forecast until the deal is closed."""
    closed: str | None = given.get("closedate") if given.get("hs_is_closed") == "true" else None
    return closed


DERIVED: dict[str, dict[str, Derived]] = {
    "contacts": {"name.full": _name("firstname", "lastname")},
    "owners": {"name.full": _name("firstName", "lastName")},
    "deals": {
        "dealstage.outcome": Derived(("dealstage", "hs_is_closed", "hs_is_closed_won"), _outcome),
        "dealstage.closed_at": Derived(("closedate", "hs_is_closed"), _closed_at),
    },
}
"""By object and path."""


def derived(object: str) -> Mapping[str, Derived]:
    return DERIVED.get(object, {})
