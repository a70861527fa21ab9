"""Conditions to SQL.

SOQL knows true and false only: a missing value makes every comparison false except ``!=``, ``NOT IN``, ``EXCLUDES`` and
``= null``; SQL's third value is therefore folded away under NOT. Text is compared without regard to (ASCII) case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from csconnect_emulator.clock import to_micros
from csconnect_emulator.ids import is_id, to_18
from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.soql.columns import Column
from csconnect_emulator.salesforce.soql.parse import unescape
from csconnect_emulator.salesforce.soql.spans import span
from csconnect_emulator.salesforce.soql.tree import Call, Compare, Condition, Literal, Path, Query

SECOND = 1_000_000
Resolve = Callable[[Path | Call], Column]
Subselect = Callable[[Query], tuple[str, list[Any]]]
Filter = tuple[str, list[Any]]
_TYPES = {
    "number": "double",
    "id": "string",
    "text": "string",
    "multi": "string",
    "stamp": "dateTime",
    "datetime": "dateTime",
}


class Filters:
    """Turns a statement's conditions into SQL with parameters."""

    def __init__(self, resolve: Resolve, subselect: Subselect, today: date) -> None:
        self._resolve = resolve
        self._subselect = subselect
        self._today = today

    def sql(self, condition: Condition) -> Filter:
        if isinstance(condition, Compare):
            return self._compare(condition)
        parts = [self.sql(part) for part in condition.parts]
        params = [value for _, values in parts for value in values]
        if condition.operator == "NOT":
            return f"NOT coalesce({parts[0][0]}, 0)", params
        return "(" + f" {condition.operator} ".join(text for text, _ in parts) + ")", params

    def _compare(self, compare: Compare) -> Filter:
        column = self._resolve(compare.left)
        _filterable(column, compare.operator)
        if isinstance(compare.values, Query):
            sql, params = self._subselect(compare.values)
            inside = f"{column.sql} IN ({sql})"
            return (inside, params) if compare.operator == "IN" else (f"coalesce(NOT {inside}, 1)", params)
        if compare.operator in ("INCLUDES", "EXCLUDES"):
            return self._includes(column, compare)
        if compare.operator == "LIKE":
            return self._like(column, compare.values[0])
        if compare.operator in ("IN", "NOT IN"):
            return self._members(column, compare)
        value = compare.values[0]
        if value.kind == "span" or column.kind in ("stamp", "datetime"):
            return self._instant(column, compare.operator, value)
        return self._plain(column, compare.operator, self._value(column, value))

    def _plain(self, column: Column, operator: str, value: Any) -> Filter:
        left = _left(column)
        if value is None:
            if operator not in ("=", "!="):
                return "0", []
            return f"{left} IS {'NOT ' if operator == '!=' else ''}NULL", []
        if operator == "!=":
            return f"({left} IS NULL OR {left} != ?)", [value]
        return f"{left} {operator} ?", [value]

    def _members(self, column: Column, compare: Compare) -> Filter:
        assert not isinstance(compare.values, Query)
        if any(v.kind == "span" for v in compare.values) or column.kind in ("stamp", "datetime"):
            parts = [self._instant(column, "=", value) for value in compare.values]
            sql, params = " OR ".join(p[0] for p in parts), [v for p in parts for v in p[1]]
            return (f"({sql})", params) if compare.operator == "IN" else (f"NOT coalesce(({sql}), 0)", params)
        values = [self._value(column, value) for value in compare.values]
        given = [v for v in values if v is not None]
        nulls, left = len(given) < len(values), _left(column)
        marks = ", ".join("?" * len(given))
        if compare.operator == "IN":
            return f"({left} IN ({marks})" + (f" OR {left} IS NULL)" if nulls else ")"), given
        if nulls:
            return f"({left} IS NOT NULL AND {left} NOT IN ({marks}))", given
        return f"({left} IS NULL OR {left} NOT IN ({marks}))", given

    def _like(self, column: Column, value: Literal) -> Filter:
        if value.kind == "null":
            return f"{column.sql} IS NULL", []
        if value.kind != "string":
            raise _mistyped(column, value)
        return f"{column.sql} LIKE ? ESCAPE '\\'", [unescape(value.value, like=True)]

    def _includes(self, column: Column, compare: Compare) -> Filter:
        """Each listed text is a combination (``'a;b'`` = both) of which one must be there."""
        assert not isinstance(compare.values, Query)
        if column.kind != "multi":
            raise ApiError(
                "INVALID_QUERY_FILTER_OPERATOR", f"operator {compare.operator} is only for multi-select picklists"
            )
        options, params = [], []
        for value in compare.values:
            wanted = [part for part in unescape(str(value.value)).split(";") if part]
            options.append(" AND ".join([f"instr(';' || lower({column.sql}) || ';', ?) > 0"] * len(wanted)) or "0")
            params += [f";{part.lower()};" for part in wanted]
        sql = "(" + " OR ".join(f"({option})" for option in options) + ")"
        return (sql, params) if compare.operator == "INCLUDES" else (f"NOT coalesce({sql}, 0)", params)

    def _instant(self, column: Column, operator: str, value: Literal) -> Filter:
        """Comparisons over a stretch of time: a named span of days, or the second that a literal names."""
        if value.kind == "null":
            return f"{column.sql} IS {'NOT ' if operator == '!=' else ''}NULL", []
        start, end = self._stretch(column, value)
        if operator in ("<", ">="):
            return f"{_left(column)} {operator} ?", [start]
        if operator in ("<=", ">"):
            return f"{_left(column)} {'<' if operator == '<=' else '>='} ?", [end]
        inside = f"({_left(column)} >= ? AND {_left(column)} < ?)"
        return (inside, [start, end]) if operator == "=" else (f"NOT coalesce({inside}, 0)", [start, end])

    def _stretch(self, column: Column, value: Literal) -> tuple[Any, Any]:
        if value.kind == "span":
            if column.kind not in ("date", "datetime", "stamp"):
                raise _mistyped(column, value)
            first, after = span(value.value, value.count, self._today)
            if column.kind == "date":
                return first.isoformat(), after.isoformat()
            low, high = (int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) for d in (first, after))
        elif value.kind == "datetime":
            low = to_micros(instant(value.value)) // SECOND
            high = low + 1
        else:
            raise _mistyped(column, value)
        if column.kind == "stamp":
            return low * SECOND, high * SECOND
        return _text(low), _text(high)

    def _value(self, column: Column, value: Literal) -> Any:
        """A literal as the store keeps such values; INVALID_FIELD when it is of another type than the field."""
        if value.kind == "null":
            return None if column.kind != "boolean" else 0
        fits = {"id": "string", "text": "string", "multi": "string"}.get(column.kind, column.kind)
        if value.kind != fits:
            raise _mistyped(column, value)
        if value.kind == "string":
            text = unescape(value.value)
            return _id(column, text) if column.kind == "id" and text else text or None
        return value.value


def instant(text: str) -> datetime:
    """A datetime literal; an offset may lack its colon."""
    if len(text) > 5 and text[-5] in "+-" and ":" not in text[-5:]:
        text = f"{text[:-2]}:{text[-2:]}"
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError("MALFORMED_QUERY", f"Invalid datetime: {text}") from error


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _left(column: Column) -> str:
    """The column as comparisons read it."""
    if column.kind in ("text", "multi"):
        return f"{column.sql} COLLATE NOCASE"
    if column.kind == "boolean":
        return f"coalesce({column.sql}, 0)"
    if column.kind == "datetime":
        return f"substr({column.sql}, 1, 19)"
    return column.sql


def _id(column: Column, text: str) -> str:
    if "EntityDefinition" in column.field.reference_to:
        return text
    if not is_id(text):
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return to_18(text)


def _filterable(column: Column, operator: str) -> None:
    field = column.field
    if (field.type in ("textarea", "complexvalue") and (field.length or 0) > 255) or field.type == "complexvalue":
        raise ApiError("INVALID_FIELD", f"field '{field.name}' can not be filtered in a query call")
    if operator == "LIKE" and column.kind not in ("text", "multi"):
        word = "ID" if column.kind == "id" else field.type
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {word} field")


def _mistyped(column: Column, value: Literal) -> ApiError:
    kind = _TYPES.get(column.kind, column.kind)
    quotes = "should be enclosed in quotes" if kind == "string" else "should not be enclosed in quotes"
    name = column.field.name
    return ApiError(
        "INVALID_FIELD", f"value of filter criterion for field '{name}' must be of type {kind} and {quotes}"
    )
