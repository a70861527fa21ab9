"""A search request, read and checked (vendor page "Search the CRM"): limits, operators, types of the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from csconnect_emulator.hubspot import moments
from csconnect_emulator.hubspot.definition import Property, spell
from csconnect_emulator.hubspot.errors import ApiError, invalid

OPERATORS = (
    "EQ",
    "NEQ",
    "LT",
    "LTE",
    "GT",
    "GTE",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
)
MAX_GROUPS, MAX_IN_GROUP, MAX_FILTERS, MAX_PAGE = 5, 6, 18, 200
ASSOCIATIONS = "associations."
"""``associations.company`` as a property name asks for records associated with the given id."""

Operand = str | float | int
"""What a value is compared as: text in lower case, a number, or milliseconds."""


@dataclass(frozen=True)
class Filter:
    """One condition. ``kind`` is how both sides are compared: text, number, day or instant (or association)."""

    property: str
    operator: str
    kind: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Sort:
    property: str
    kind: str
    descending: bool


@dataclass(frozen=True)
class Search:
    """``groups`` are alternatives; the filters inside one hold together."""

    groups: tuple[tuple[Filter, ...], ...]
    sort: Sort | None
    properties: tuple[str, ...]
    text: str
    limit: int
    after: int


def kind_of(prop: Property) -> str:
    """How values of a property compare."""
    return {"number": "number", "date": "day", "datetime": "instant"}.get(prop.type, "text")


def fold(text: str) -> str:
    """Lower case of ASCII letters only, so that Python and SQLite agree."""
    return "".join(char.lower() if char.isascii() else char for char in text)


def parse(body: Mapping[str, Any], known: Mapping[str, Property], cap: int) -> Search:
    """Check a request body against the properties of the object; raises 400 as the vendor documents."""
    groups = tuple(_groups(body, known))
    limit, after = _whole(body.get("limit"), "limit", 10), _whole(body.get("after"), "after", 0)
    if not 0 < limit <= MAX_PAGE:
        raise invalid(f"limit must be between 1 and {MAX_PAGE}", context={"limit": [str(limit)]})
    if after + limit > cap:
        raise invalid(
            f"The maximum number of results a search can page through is {cap}", context={"after": [str(after)]}
        )
    names = body.get("properties") or []
    if not isinstance(names, list):
        raise invalid("properties must be a list of property names")
    return Search(
        groups, _sort(body.get("sorts"), known), tuple(map(str, names)), str(body.get("query") or ""), limit, after
    )


def _whole(value: Any, name: str, default: int) -> int:
    if value is None or value == "":
        return default
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid(f"{name} must be a whole number", context={name: [str(value)]}) from None


def _groups(body: Mapping[str, Any], known: Mapping[str, Property]) -> list[tuple[Filter, ...]]:
    given = body.get("filterGroups") or []
    if body.get("filters"):
        given = [*given, {"filters": body["filters"]}]
    if not isinstance(given, list) or not all(isinstance(group, dict) for group in given):
        raise invalid("filterGroups must be a list of objects")
    groups = [tuple(_filter(one, known) for one in group.get("filters") or []) for group in given]
    if len(groups) > MAX_GROUPS:
        raise invalid(f"A search can have at most {MAX_GROUPS} filterGroups", code="TOO_MANY_FILTER_GROUPS")
    if any(len(group) > MAX_IN_GROUP for group in groups):
        raise invalid(f"A filterGroup can have at most {MAX_IN_GROUP} filters", code="TOO_MANY_FILTERS")
    if sum(map(len, groups)) > MAX_FILTERS:
        raise invalid(f"A search can have at most {MAX_FILTERS} filters", code="TOO_MANY_FILTERS")
    return [group for group in groups if group]


def _filter(given: Any, known: Mapping[str, Property]) -> Filter:
    if not isinstance(given, dict):
        raise invalid("filters must be objects")
    name, operator = str(given.get("propertyName", "")), str(given.get("operator", ""))
    if operator not in OPERATORS:
        raise invalid(
            f"Invalid operator {operator}; known are {', '.join(OPERATORS)}", context={"propertyName": [name]}
        )
    values = _values(given, operator, name)
    if name.startswith(ASSOCIATIONS):
        if operator not in ("EQ", "IN"):
            raise invalid(f"Operator {operator} is not supported on {name}", context={"propertyName": [name]})
        return Filter(name, operator, "association", tuple(values))
    if name not in known:
        raise _unknown(name)
    kind = kind_of(known[name])
    if operator.endswith("CONTAINS_TOKEN"):
        kind = "text"
    return Filter(name, operator, kind, tuple(_operand(value, kind, name) for value in values))


def _unknown(name: str) -> ApiError:
    message = f"There was a problem with the request. Property {name} does not exist"
    return invalid(message, context={"propertyName": [name]}, code="PROPERTY_DOESNT_EXIST")


def _values(given: Mapping[str, Any], operator: str, name: str) -> list[str]:
    """The operands as text, as many as the operator asks for."""
    if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
        wanted: list[Any] = []
        if given.get("value") is not None:
            raise invalid(f"Operator {operator} takes no value", context={"propertyName": [name]})
    elif operator in ("IN", "NOT_IN"):
        listed = given.get("values")
        wanted = listed if isinstance(listed, list) else []
        if not wanted:
            raise invalid(f"Operator {operator} needs values", context={"propertyName": [name]})
    else:
        wanted = [given.get("value")] + ([given.get("highValue")] if operator == "BETWEEN" else [])
    texts = [spell(value) for value in wanted]
    if any(text is None for text in texts):
        raise invalid(f"Operator {operator} needs a value", context={"propertyName": [name]})
    return [text for text in texts if text is not None]


def _operand(text: str, kind: str, name: str) -> Operand:
    """A filter's value in the form its property is compared in. Dates are taken as ISO or as milliseconds."""
    if kind == "text":
        return fold(text)
    if kind == "number":
        try:
            return float(text)
        except ValueError:
            raise invalid(f"{text} is not a number", context={"propertyName": [name]}) from None
    at = moments.parse(text)
    if at is None:
        raise invalid(f"{text} is not a date", context={"propertyName": [name]})
    return moments.day(at) if kind == "day" else at


def _sort(given: Any, known: Mapping[str, Property]) -> Sort | None:
    """At most one sort: ``{"propertyName","direction"}``, or the name alone with ``-`` for descending."""
    if not given:
        return None
    if not isinstance(given, list) or len(given) > 1:
        raise invalid("A search can have at most one sort")
    one = given[0]
    name = str(one.get("propertyName", "")) if isinstance(one, dict) else str(one)
    descending = str(one.get("direction", "")).upper() in ("DESCENDING", "DESC") if isinstance(one, dict) else False
    if name.startswith("-"):
        name, descending = name[1:], True
    if name not in known:
        raise _unknown(name)
    return Sort(name, kind_of(known[name]), descending)
