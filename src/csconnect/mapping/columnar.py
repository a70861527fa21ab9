"""Whole columns at once: the fast twins of transforms and casts.

Each function takes an Arrow array and gives one of the same length in which a null means "not done here": those rows, and whole
columns for which it gives None, go value by value through `csconnect.mapping.transforms`, which also finds the offenders.
So a twin may be as narrow as it likes, but where it does give a value it must be the very same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from csconnect.mapping.spec import Choose, Step

Twin = Callable[[pa.Array, Any], pa.Array | None]

_SPACE = "".join(char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace())
_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_ISO_INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:?[0-9]{2})\z"
_UTC = pa.timestamp("us", tz="UTC")


def plain(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The column in one chunk and one of few types; empty texts are null."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_large_string(column.type) or pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
    if pa.types.is_string(column.type):
        column = _only(column, pc.not_equal(column, ""))
    return column


def _only(column: pa.Array, keep: pa.Array) -> pa.Array:
    return pc.if_else(keep, column, pa.scalar(None, column.type))


def _matching(column: pa.Array, pattern: str) -> pa.Array:
    return _only(column, pc.match_substring_regex(column, pattern))


def _cast(column: pa.Array, wanted: pa.DataType) -> pa.Array | None:
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid:
        return None


def text(column: pa.Array, _: Any = None) -> pa.Array | None:
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        return column.cast(pa.string())
    return None


def _strip(column: pa.Array, _: Any) -> pa.Array | None:
    column = text(column)
    return None if column is None else plain(pc.utf8_trim(column, characters=_SPACE))


def _lower(column: pa.Array, _: Any) -> pa.Array | None:
    column = text(column)
    # Unicode's special cases (final sigma, dotted I) differ between Arrow and Python.
    return None if column is None else pc.utf8_lower(_only(column, pc.string_is_ascii(column)))


def integer(column: pa.Array, _: Any = None) -> pa.Array | None:
    kind = column.type
    if pa.types.is_integer(kind):
        return _cast(column, pa.int64())
    if pa.types.is_string(kind):
        return _cast(_matching(column, r"^-?[0-9]{1,18}\z"), pa.int64())
    return None


def number(column: pa.Array, _: Any = None) -> pa.Array | None:
    kind = column.type
    if pa.types.is_float64(kind):
        return _only(column, pc.is_finite(column))
    if pa.types.is_integer(kind):
        return _cast(column, pa.float64())
    if pa.types.is_string(kind):
        # Fifteen digits: where every parser agrees on the nearest double.
        return _cast(_matching(column, r"^-?[0-9]{1,9}(\.[0-9]{1,6})?\z"), pa.float64())
    return None


def decimal(column: pa.Array, scale: int) -> pa.Array | None:
    """At ``scale`` places; longer fractions are left to the slow way, which rounds them."""
    kind, wanted = column.type, pa.decimal128(38, scale)
    if pa.types.is_integer(kind) or pa.types.is_decimal128(kind):
        return _cast(column, wanted)
    if pa.types.is_string(kind):
        return _cast(_matching(column, rf"^-?[0-9]{{1,16}}(\.[0-9]{{1,{scale}}})?\z"), wanted)
    return None


def boolean(column: pa.Array, _: Any = None) -> pa.Array | None:
    if pa.types.is_boolean(column.type):
        return column
    words = pa.array(["true", "false", "True", "False", "TRUE", "FALSE", "1", "0"])
    if not pa.types.is_string(column.type):
        return None
    return pa.array([True, False] * 4).take(pc.index_in(column, words))


def day(column: pa.Array, _: Any = None) -> pa.Array | None:
    kind = column.type
    if pa.types.is_date32(kind):
        return column
    if pa.types.is_timestamp(kind):
        return (column if kind.tz is None else pc.local_timestamp(column)).cast(pa.date32())
    if not pa.types.is_string(kind):
        return None
    # Year 0000 exists for Arrow, not for Python.
    texts = _only(_matching(column, _ISO_DAY), pc.greater_equal(column, "0001"))
    days = _cast(texts, pa.date32())
    return days if days is not None else _day_by_day(texts)


def _day_by_day(texts: pa.Array) -> pa.Array:
    # The whole-column cast stops at a 30th of February; strptime goes on, but may make a March of it.
    days = pc.strptime(texts, "%Y-%m-%d", "s", error_is_null=True).cast(pa.date32())
    return _only(days, pc.equal(days.cast(pa.string()), texts))


def instant(column: pa.Array, _: Any = None) -> pa.Array | None:
    kind = column.type
    if pa.types.is_timestamp(kind):
        return column.cast(_UTC) if kind.tz else pc.assume_timezone(column, "UTC")
    if pa.types.is_date32(kind):
        return pc.assume_timezone(column.cast(pa.timestamp("us")), "UTC")
    if pa.types.is_string(kind):
        texts = _only(_matching(column, _ISO_INSTANT), pc.greater_equal(column, "0001-01-03"))
        return _cast(_only(texts, pc.less(texts, "9999-12-30")), _UTC)
    return None


def _prefix(column: pa.Array, prefix: str) -> pa.Array | None:
    column = text(column)
    return None if column is None else pc.binary_join_element_wise(prefix, column, "")


def _choose(column: pa.Array, choose: Choose) -> pa.Array | None:
    column = text(column)
    ours = list(choose.pairs.values())
    if column is None or not all(isinstance(word, str) and word for word in ours):
        return None
    chosen = pa.array(ours, pa.string()).take(pc.index_in(column, pa.array(list(choose.pairs), pa.string())))
    if isinstance(choose.otherwise, str) and choose.otherwise:
        return _only(pc.fill_null(chosen, choose.otherwise), column.is_valid())
    return chosen


_TWINS: dict[str, Twin] = {
    "strip": _strip,
    "lower": _lower,
    "text": text,
    "integer": integer,
    "number": number,
    "boolean": boolean,
    "date": day,
    "instant": instant,
    "prefix": _prefix,
    "choose": _choose,
}


def through(column: pa.Array, steps: tuple[Step, ...], kind: str) -> pa.Array | None:
    """``column`` through ``steps`` towards ``kind``, or None when one of them has no twin for it."""
    if steps and steps[-1].name == kind == "decimal":
        steps = steps[:-1]
    for step in steps:
        twin = _TWINS.get(step.name)
        result = twin(column, step.argument) if twin else None
        if result is None:
            return None
        column = result
    return column


def as_kind(column: pa.Array, kind: str, scale: int) -> pa.Array | None:
    """The final cast to a canonical kind."""
    if kind == "decimal":
        return decimal(column, scale)
    twins: dict[str, Twin] = {
        "text": text,
        "choice": text,
        "integer": integer,
        "number": number,
        "boolean": boolean,
        "date": day,
        "instant": instant,
    }
    return twins[kind](column, None)


def text_list(column: pa.Array, separator: str | None) -> pa.Array | None:
    """Lists of texts, or texts to be split, whose items need no further care; None when some do."""
    kind = column.type
    if pa.types.is_string(kind) and separator:
        column = pc.split_pattern(column, separator)
        if pc.any(pc.match_substring_regex(column.flatten(), r"^[\x00-\x20]|[^[:ascii:]]|[\x00-\x20]\z")).as_py():
            return None
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if not (pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)):
            return None
        column = column.cast(pa.list_(pa.string()))
    else:
        return None
    items = column.flatten()
    return None if items.null_count or pc.any(pc.equal(items, "")).as_py() else column
