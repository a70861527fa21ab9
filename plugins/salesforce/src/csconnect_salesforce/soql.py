"""SOQL texts: names checked, values quoted by the SDK, and never longer than an address may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote_plus

from simple_salesforce.format import format_soql

from csconnect_salesforce.ids import checked_field, checked_name

LONGEST = 12_000
"""Characters of a quoted query; Salesforce takes addresses of 16,384 bytes, proxies often less."""

IN_ROOM = 8_000
"""Characters kept for the values of an IN list when fields are split."""


def select(object: str, fields: Iterable[str], conditions: Iterable[str] = (), order: str = "") -> str:
    """A SELECT of plain field paths; each condition is put in brackets."""
    text = f"SELECT {', '.join(map(checked_field, fields))} FROM {checked_name(object)}"  # noqa: S608 - names are checked
    joined = " AND ".join(f"({condition})" for condition in conditions if condition)
    return f"{text}{f' WHERE {joined}' if joined else ''}{f' ORDER BY {order}' if order else ''}"


def one_of(field: str, values: Sequence[str]) -> str:
    """``field IN ('a', 'b')`` with every value quoted."""
    return f"{checked_field(field)} IN {format_soql('{}', list(values))}"


def instant(moment: datetime) -> str:
    """A date-time literal; Salesforce keeps milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def moment(text: str) -> datetime:
    """The instant in ``2026-01-01T00:00:00.000+0000``."""
    return datetime.fromisoformat(text).astimezone(UTC)


def field_groups(object: str, fields: Sequence[str], room: int = LONGEST) -> list[list[str]]:
    """``fields`` in as few groups as fit: the first query has ``room``, the others must leave room for a list of ids."""
    groups: list[list[str]] = [[]]
    left = room - quoted(select(object, ["Id"]))
    for field in fields:
        cost = quoted(f"{field}, ")
        if cost > left and groups[-1]:
            groups.append([])
            left = room - IN_ROOM
        groups[-1].append(field)
        left -= cost
    return groups


def value_groups(values: Sequence[str], room: int, most: int) -> Iterator[list[str]]:
    """``values`` in groups of at most ``most`` whose quoted text fits into ``room``."""
    group: list[str] = []
    left = room
    for value in values:
        cost = quoted(format_soql("{}, ", value))
        if group and (cost > left or len(group) >= most):
            yield group
            group, left = [], room
        group.append(value)
        left -= cost
    if group:
        yield group


def quoted(text: str) -> int:
    """How long ``text`` is in an address."""
    return len(quote_plus(text))
