"""SQL from templates whose parts are quoted in one place.

Values and names come from closed vocabularies (the model) or from configuration (connection names, paths); either way they
enter a statement only through `name` and `text`, so that no spelling of theirs can change its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime


def name(identifier: str) -> str:
    """``identifier`` as a quoted SQL name."""
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: Iterable[str], alias: str = "") -> str:
    """A comma-separated list of quoted names, each behind ``alias.`` where given."""
    lead = f"{alias}." if alias else ""
    return ", ".join(lead + name(identifier) for identifier in identifiers)


def text(value: str) -> str:
    """``value`` as a SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """A SQL list literal of strings."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def day(value: date) -> str:
    """``value`` as a DATE literal."""
    return f"DATE '{value.isoformat()}'"


def instant(value: datetime) -> str:
    """An aware ``value`` as a TIMESTAMPTZ literal in UTC."""
    return f"TIMESTAMPTZ '{value.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S.%f')}+00'"


def fill(template: str, /, **parts: str) -> str:
    """``template`` with its ``{parts}`` put in; the parts are already SQL."""
    return template.format_map(parts)
