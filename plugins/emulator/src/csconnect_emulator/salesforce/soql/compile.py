"""A parsed statement to something that can be run: SQL for the ids, and the shape of what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.errors import HINT, ApiError
from csconnect_emulator.salesforce.schema import ACTIVITIES, SYSTEM
from csconnect_emulator.salesforce.soql.columns import Column, Columns, is_reference
from csconnect_emulator.salesforce.soql.filters import Filters
from csconnect_emulator.salesforce.soql.parse import located, malformed
from csconnect_emulator.salesforce.soql.shape import Renderer, Shape
from csconnect_emulator.salesforce.soql.tree import Call, Order, Path, Query
from csconnect_emulator.store import RecordStore

MAX_OFFSET = 2_000
MAX_ALL_FIELDS = 200


@dataclass(frozen=True)
class Context:
    """What every compilation needs. ``text`` is the statement, for messages that point into it."""

    store: RecordStore
    access: Access
    text: str
    tooling: bool = False
    include_deleted: bool = False
    archive_days: int = 0
    """Old activities are archived after so many days, and then answer to queryAll only; 0 = never."""

    def object(self, path: Path) -> str:
        name = self.access.object(str(path), tooling=self.tooling)
        if name is None:
            message = (
                f"sObject type '{path}' is not supported. If you are attempting to use a custom object, be sure to append"
                f" the '__c' after the entity name. {HINT}"
            )
            raise ApiError("INVALID_TYPE", located(self.text, path.row, path.column, message))
        return name


class Compiler:
    """One statement or subquery over one object."""

    def __init__(self, context: Context, query: Query, object: str, *, name: str = "t") -> None:
        self.context = context
        self.query = query
        self.columns = Columns(context.store, context.access, object, query.alias, name)
        today = context.store.clock.now().date()
        self._filters = Filters(self.resolve, self._subselect, today)

    def resolve(self, ref: Path | Call) -> Column:
        """The column of a path or of a function over one, errors pointing at where it stands."""
        if isinstance(ref, Call):
            from csconnect_emulator.salesforce.soql.groups import call_column

            return call_column(self, ref)
        try:
            return self.columns.resolve(ref)
        except ApiError as error:
            raise ApiError(error.code, located(self.context.text, ref.row, ref.column, error.message)) from error

    def where(self, extra: str = "") -> tuple[str, list[Any]]:
        """The WHERE clause; call it before reading ``columns.source``, since it may add joins."""
        parts, params = [extra] if extra else [], list[Any]()
        if not self.context.include_deleted:
            parts.append(f"{self.columns.name}.deleted = 0")
            parts += archived(self.columns.object, self.columns.name, self.context)
        if self.query.where is not None:
            sql, params = self._filters.sql(self.query.where)
            parts.append(sql)
        return (" AND ".join(f"({part})" for part in parts) or "1"), params

    def having(self) -> tuple[str, list[Any]]:
        return self._filters.sql(self.query.having) if self.query.having else ("", [])

    def order(self, terms: Sequence[Order]) -> str:
        """The ORDER BY terms; the vendor promises no order without one, here it is that of the ids."""
        parts = []
        for term in terms:
            column = self.resolve(term.by)
            sql = f"{column.sql} / 1000000" if column.kind == "stamp" else column.sql
            collate = " COLLATE NOCASE" if column.kind in ("text", "multi") else ""
            nulls = "LAST" if term.nulls_last else "FIRST"
            parts.append(f"{sql}{collate} {'DESC' if term.descending else 'ASC'} NULLS {nulls}")
        return ", ".join([*parts, f"{self.columns.name}.id"])

    def limits(self) -> tuple[int, int]:
        """LIMIT (-1 = none) and OFFSET."""
        if self.query.offset > MAX_OFFSET:
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        return (-1 if self.query.limit is None else self.query.limit), self.query.offset

    def ids(self) -> list[str]:
        """The ids of all records that the statement finds, in its order."""
        where, params = self.where()
        order, (limit, offset) = self.order(self.query.order), self.limits()
        sql = (
            f"SELECT {self.columns.name}.id FROM {self.columns.source} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608
        )
        return [row[0] for row in self.context.store.rows(sql, [*params, limit, offset])]

    def count(self) -> int:
        where, params = self.where()
        sql = f"SELECT count(*) FROM {self.columns.source} WHERE {where}"  # noqa: S608
        return int(self.context.store.rows(sql, params)[0][0])

    def shape(self, renderer: Renderer) -> Shape:
        """The tree of what is selected; INVALID_FIELD for what the user cannot see."""
        shape = Shape(self.columns.object)
        for item in self.query.select:
            if isinstance(item, Query):
                child = ChildQuery(self, item, renderer)
                shape.children.append(child)
                shape.mention(child.name)
            elif isinstance(item, Call):
                self._all_fields(item, shape)
            else:
                self._select(shape, item)
        return shape

    def _all_fields(self, call: Call, shape: Shape) -> None:
        word = str(call.path).upper()
        if call.name != "FIELDS" or word not in ("ALL", "STANDARD", "CUSTOM"):
            raise malformed(f"unexpected token: '{call.name}'")
        if word != "STANDARD" and not 0 < (self.query.limit or 0) <= MAX_ALL_FIELDS:
            raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {MAX_ALL_FIELDS}")
        for field in self.context.access.visible(self.columns.object).values():
            if word == "ALL" or field.custom == (word == "CUSTOM"):
                _add(shape, field)

    def _select(self, shape: Shape, path: Path) -> None:
        self.resolve(path)
        *parents, last = self.columns.strip(path)
        for part in parents:
            link = self.columns.relation(shape.object, part)
            generic = len(link.reference_to) > 1
            parent = shape.parents.setdefault(link.relationship, (link, Shape(link.reference_to[0])))[1]
            shape.mention(link.relationship)
            shape = parent
            if generic:
                _add(shape, FieldDef(last.capitalize()))
                return
        _add(shape, self.context.access.field(shape.object, last))

    def _subselect(self, query: Query) -> tuple[str, list[Any]]:
        """``IN (SELECT AccountId FROM Contact WHERE ...)``."""
        if len(query.select) != 1 or not isinstance(query.select[0], Path):
            raise malformed("semi join sub-selects must select exactly one field")
        inner = Compiler(self.context, query, self.context.object(query.source), name=f"{self.columns.name}s")
        column = inner.resolve(query.select[0])
        if column.kind != "id":
            raise malformed(f"The inner select field '{query.select[0]}' must be an id field")
        where, params = inner.where()
        return f"SELECT {column.sql} FROM {inner.columns.source} WHERE {where} AND {column.sql} IS NOT NULL", params  # noqa: S608


class ChildQuery:
    """``(SELECT ... FROM Contacts)`` inside a SELECT: run once for all parents of a page."""

    def __init__(self, parent: Compiler, query: Query, renderer: Renderer) -> None:
        object, link = _child(parent, str(query.source))
        self.name = link.children
        self._link = link
        self._query = query
        self._store = parent.context.store
        self._compiler = Compiler(parent.context, query, object, name="c")
        self._renderer = renderer
        self._shape = self._compiler.shape(renderer)

    def run(self, parents: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """The children of each parent that has any; LIMIT and OFFSET hold for each parent."""
        compiler, (limit, offset) = self._compiler, self._compiler.limits()
        key = RecordStore.column(self._link.name, "c")
        marks = ", ".join("?" * len(parents))
        where, params = compiler.where(f"{key} IN ({marks})")
        order = compiler.order(self._query.order)
        sql = f"SELECT {key}, c.id FROM {compiler.columns.source} WHERE {where} ORDER BY {order}"  # noqa: S608
        by_parent: dict[str, list[str]] = {}
        for parent, id in self._store.rows(sql, [*parents, *params]):
            by_parent.setdefault(parent, []).append(id)
        end = None if limit < 0 else offset + limit
        kept = {parent: ids[offset:end] for parent, ids in by_parent.items()}
        object = compiler.columns.object
        found = self._store.get_many(SYSTEM, object, (i for ids in kept.values() for i in ids), include_deleted=True)
        rows = dict(zip(found, self._renderer.render(self._shape, list(found.values())), strict=True))
        return {parent: [rows[id] for id in ids] for parent, ids in kept.items()}


def archived(object: str, name: str, context: Context) -> list[str]:
    """The condition that leaves out archived activities: events past, and tasks closed, longer ago than the limit."""
    if not context.archive_days or object not in ACTIVITIES:
        return []
    edge = (context.store.clock.now().date() - timedelta(days=context.archive_days)).isoformat()
    day, closed = RecordStore.column("ActivityDate", name), f"coalesce({RecordStore.column('IsClosed', name)}, 0)"
    if object == "Event":
        day, closed = f"coalesce(substr({RecordStore.column('ActivityDateTime', name)}, 1, 10), {day})", "1"
    made = f"date({name}.created / 1000000, 'unixepoch')"
    return [f"NOT ({closed} AND coalesce({day}, {made}) < '{edge}')"]


def _child(parent: Compiler, name: str) -> tuple[str, FieldDef]:
    """The object and the reference field behind a child relationship's name."""
    context, me = parent.context, parent.columns.object
    for object in context.store.objects(SYSTEM):
        for field in context.access.visible(object).values():
            if is_reference(field) and me in field.reference_to and field.children.lower() == name.lower():
                return object, field
    raise ApiError(
        "INVALID_TYPE",
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom"
        f" relationship, be sure to append the '__r' after the custom relationship name. {HINT}",
    )


def _add(shape: Shape, field: FieldDef) -> None:
    shape.fields[field.name] = field
    shape.mention(field.name)
