"""GROUP BY, HAVING and the aggregate functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.salesforce.soql.columns import Column
from csconnect_emulator.salesforce.soql.parse import malformed
from csconnect_emulator.salesforce.soql.shape import stamp_text
from csconnect_emulator.salesforce.soql.tree import Call, Path, Query

if TYPE_CHECKING:
    from csconnect_emulator.salesforce.soql.compile import Compiler

_SQL = {"COUNT": "count({})", "COUNT_DISTINCT": "count(DISTINCT {})", "SUM": "sum({})", "AVG": "avg({})"}
_SQL |= {"MIN": "min({})", "MAX": "max({})"}
_DATE_PARTS = {"CALENDAR_YEAR": "%Y", "CALENDAR_MONTH": "%m", "DAY_IN_MONTH": "%d"}


def is_aggregate(query: Query) -> bool:
    """Whether a statement answers with AggregateResult rows; a lone ``COUNT()`` does not."""
    return bool(query.group) or any(isinstance(item, Call) and item.name in _SQL for item in query.select)


def is_count(query: Query) -> bool:
    """``SELECT COUNT() FROM ...``, which answers with nothing but ``totalSize``."""
    only = query.select[0]
    return len(query.select) == 1 and isinstance(only, Call) and only.name == "COUNT" and only.path is None


def call_column(compiler: Compiler, call: Call) -> Column:
    """The SQL of a function; MALFORMED_QUERY for one there is not."""
    if call.path is None:
        if call.name != "COUNT":
            raise malformed(f"unexpected token: '{call.name}'")
        return Column("count(*)", FieldDef("expr", type="int"), "number")
    inner = compiler.resolve(call.path)
    if call.name in _DATE_PARTS:
        source = f"{inner.sql} / 1000000, 'unixepoch'" if inner.kind == "stamp" else f"substr({inner.sql}, 1, 10)"
        sql = f"CAST(strftime('{_DATE_PARTS[call.name]}', {source}) AS INTEGER)"
        return Column(sql, FieldDef("expr", type="int"), "number")
    if call.name not in _SQL:
        raise malformed(f"unexpected token: '{call.name}'")
    if call.name in ("SUM", "AVG") and inner.kind != "number":
        raise malformed(f"field {call.path} does not support aggregate operator {call.name}")
    kind = inner.kind if call.name in ("MIN", "MAX") else "number"
    return Column(_SQL[call.name].format(inner.sql), FieldDef("expr", type="double"), kind)


def run_groups(compiler: Compiler) -> list[dict[str, Any]]:
    """The AggregateResult rows of a statement."""
    query, grouped = compiler.query, {compiler.columns.strip(path) for path in compiler.query.group}
    names, columns, unnamed = [], [], 0
    for item in query.select:
        if isinstance(item, Query) or (isinstance(item, Path) and compiler.columns.strip(item) not in grouped):
            raise malformed(f"Field must be grouped or aggregated: {item}")
        columns.append(compiler.resolve(item))
        if isinstance(item, Path):
            names.append(columns[-1].field.name)
        else:
            names.append(item.alias or f"expr{unnamed}")
            unnamed += 0 if item.alias else 1
    keys = ", ".join(_key(compiler.resolve(path)) for path in query.group)
    where, params = compiler.where()
    having, more = compiler.having()
    order = compiler.order(query.order) if query.order else keys
    limit, offset = compiler.limits()
    sql = f"SELECT {', '.join(c.sql for c in columns)} FROM {compiler.columns.source} WHERE {where}"  # noqa: S608
    sql += (f" GROUP BY {keys}" if keys else "") + (f" HAVING {having}" if having else "")
    sql += (f" ORDER BY {order}" if order else "") + " LIMIT ? OFFSET ?"
    found = compiler.context.store.rows(sql, [*params, *more, limit, offset])
    shown = [_show(column) for column in columns]
    return [
        {"attributes": {"type": "AggregateResult"}} | {n: s(v) for n, s, v in zip(names, shown, row, strict=True)}
        for row in found
    ]


def _key(column: Column) -> str:
    return f"{column.sql} COLLATE NOCASE" if column.kind == "text" else column.sql


def _show(column: Column) -> Callable[[Any], Any]:
    if column.kind == "stamp":
        return lambda value: None if value is None else stamp_text(value)
    if column.kind == "boolean":
        return bool
    return lambda value: value
