"""What a statement selects, and records rendered in that shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from csconnect_emulator.clock import from_micros
from csconnect_emulator.fields import FieldDef
from csconnect_emulator.ids import SF_PREFIXES
from csconnect_emulator.salesforce.org import PERSON
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.store import Record, RecordStore

Read = Callable[[Record], Any]
Keep = Callable[[list[dict[str, Any]]], str]
"""Keeps the rows of a child subquery; the address under which those behind the first page are had, "" when there are none."""
TURNED = frozenset({"boolean", "date", "datetime"})
"""Types whose stored values are not shown as they are."""


class Children(Protocol):
    """A child subquery that can be run for a page of parents."""

    name: str

    def run(self, parents: Sequence[str]) -> dict[str, list[dict[str, Any]]]: ...


PAGE = 2_000


@dataclass
class Shape:
    """Selected fields of one object, the parents reached from it, and the child subqueries."""

    object: str
    fields: dict[str, FieldDef] = field(default_factory=dict)
    parents: dict[str, tuple[FieldDef, Shape]] = field(default_factory=dict)
    children: list[Children] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    """Names in the order in which they were first mentioned."""

    def mention(self, name: str) -> None:
        if name not in self.order:
            self.order.append(name)


def stamp_text(micros: int) -> str:
    """An instant as the vendor spells it, to the second: ``2026-01-01T00:00:00.000+0000``."""
    return _second(micros // 1_000_000)


@lru_cache(1 << 16)
def _second(seconds: int) -> str:
    return from_micros(seconds * 1_000_000).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def reader(field: FieldDef) -> Read:
    """How to read a field from a record."""
    name = field.name
    if name in _SYSTEM:
        return _SYSTEM[name]
    if field.type == "boolean":
        return lambda record: bool(record.data.get(name))
    if field.type == "datetime":
        return lambda record: _instant(record.data.get(name))
    if field.type == "date":
        return lambda record: _day(record.data.get(name))
    return lambda record: record.data.get(name)


_SYSTEM: dict[str, Read] = {
    "Id": lambda record: record.id,
    "IsDeleted": lambda record: record.deleted,
    "CreatedDate": lambda record: stamp_text(record.created),
    "LastModifiedDate": lambda record: stamp_text(record.modified),
    "SystemModstamp": lambda record: stamp_text(record.modified),
    "CreatedById": lambda record: record.data.get("CreatedById", PERSON),
    "LastModifiedById": lambda record: record.data.get("LastModifiedById", PERSON),
}


def _instant(text: str | None) -> str | None:
    return f"{text[:19]}.000+0000" if text else None


def _day(text: str | None) -> str | None:
    return text[:10] if text else None


class Renderer:
    """Records to the vendor's JSON, parents and children fetched once for a whole page."""

    def __init__(self, store: RecordStore, version: str, keep: Keep = lambda _: "") -> None:
        self._store = store
        self._version = version
        self._keep = keep

    def attributes(self, object: str, id: str) -> dict[str, str]:
        return {"type": object, "url": f"/services/data/v{self._version}/sobjects/{object}/{id}"}

    def render(self, shape: Shape, records: Sequence[Record]) -> list[dict[str, Any]]:
        parts: dict[str, Read] = {name: reader(f) for name, f in shape.fields.items()}
        for name, (link, parent) in shape.parents.items():
            parts[name] = self._parent(link, parent, records)
        for child in shape.children:
            parts[child.name] = self._children(child, records)
        stored = {name for name, f in shape.fields.items() if name not in _SYSTEM and f.type not in TURNED}
        ordered = [(name, None if name in stored else parts[name]) for name in shape.order]
        object, url = shape.object, f"/services/data/v{self._version}/sobjects/{shape.object}/"
        out = []
        for record in records:
            row: dict[str, Any] = {"attributes": {"type": object, "url": url + record.id}}
            data = record.data
            for name, read in ordered:
                row[name] = data.get(name) if read is None else read(record)
            out.append(row)
        return out

    def _parent(self, link: FieldDef, shape: Shape, records: Sequence[Record]) -> Read:
        key = reader(link)
        ids = {id for record in records if (id := key(record))}
        found: dict[str, dict[str, Any]] = {}
        if len(link.reference_to) == 1:
            parents = self._store.get_many(SYSTEM, shape.object, ids, include_deleted=True)
            found = dict(zip(parents, self.render(shape, list(parents.values())), strict=True))
        else:
            for object in link.reference_to:
                found |= self._generic(object, shape, ids)
        return lambda record: found.get(key(record))

    def _generic(self, object: str, shape: Shape, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Parents of a polymorphic reference, which show as the generic "Name" object."""
        mine = [id for id in ids if id.startswith(SF_PREFIXES[object])]
        out = {}
        for id, record in self._store.get_many(SYSTEM, object, mine, include_deleted=True).items():
            known = {"Id": id, "Name": record.data.get("Name"), "Type": object}
            out[id] = {"attributes": {**self.attributes(object, id), "type": "Name"}} | {
                n: known[n] for n in shape.order
            }
        return out

    def _children(self, child: Children, records: Sequence[Record]) -> Read:
        found = child.run([record.id for record in records])

        def read(record: Record) -> dict[str, Any] | None:
            rows = found.get(record.id)
            if not rows:
                return None
            following = self._keep(rows)
            more = {"nextRecordsUrl": following} if following else {}
            return {"totalSize": len(rows), "done": not more, **more, "records": rows[:PAGE] if more else rows}

        return read
