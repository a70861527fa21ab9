"""Turns a checked search into SQL over the store, so that a hundred thousand records need no Python."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from csconnect_emulator.catalogue import column
from csconnect_emulator.hubspot.schema import SYSTEM, ObjectType
from csconnect_emulator.hubspot.search import ASSOCIATIONS, Filter, Operand, Search, Sort, fold
from csconnect_emulator.store import RecordStore

STAMPS = {
    "createdate": "created",
    "hs_createdate": "created",
    "hs_lastmodifieddate": "modified",
    "lastmodifieddate": "modified",
}
"""Properties that are the record's own stamps -> the store's column."""
SEPARATORS = "@.,;:/-_()!?'\"\n\t"
_COMPARE = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_EDGES: dict[str, list[tuple[str, int]]] = {
    "GTE": [(">=", 0)],
    "GT": [(">=", 1)],
    "LTE": [("<", 1)],
    "LT": [("<", 0)],
    "BETWEEN": [(">=", 0), ("<", 1)],
}
NUMBER = "CAST(id AS INTEGER)"
_SHUFFLE = "(CAST(id AS INTEGER) * 2654435761) % 4294967296"
"""An order that is stable and is not that of insertion: recorded searches without a sort come in no order one could use."""


@dataclass
class Statement:
    """A condition under construction. ``params`` stand in the order of their marks."""

    kind: ObjectType
    link_names: dict[str, str]
    """What an object may be called after ``associations.`` -> its name in the store."""
    params: list[Operand] = field(default_factory=list)

    def where(self, search: Search, visible_before: int) -> str:
        """The whole condition. Records created after ``visible_before`` (microseconds) are not indexed yet."""
        parts = ["created <= ?"]
        self.params.append(visible_before)
        if search.groups:
            groups = ["(" + " AND ".join(self._one(one) for one in group) + ")" for group in search.groups]
            parts.append("(" + " OR ".join(groups) + ")")
        if search.text:
            parts.append(self._free_text(search.text))
        return " AND ".join(parts)

    def _one(self, one: Filter) -> str:
        if one.kind == "association":
            return self._linked(one)
        value, present = value_of(one.property, one.kind)
        operator = one.operator
        if operator == "HAS_PROPERTY":
            return present
        if operator == "NOT_HAS_PROPERTY":
            return f"NOT ({present})"
        if operator.endswith("CONTAINS_TOKEN"):
            no = "NOT " if operator.startswith("NOT") else ""
            return f"({present} AND {no}{self._token(value, str(one.operands[0]))})"
        if one.property in STAMPS and operator in _EDGES:
            return self._stamped(one)
        self.params.extend(one.operands)
        if operator == "BETWEEN":
            return f"({present} AND {value} BETWEEN ? AND ?)"
        if operator.endswith("IN"):
            marks = ", ".join("?" * len(one.operands))
            return f"({present} AND {value} {operator.replace('_', ' ')} ({marks}))"
        return f"({present} AND {value} {_COMPARE[operator]} ?)"

    def _stamped(self, one: Filter) -> str:
        """Stamps are kept in microseconds and seen in milliseconds; compared bare, so that their index is used."""
        parts = []
        for operand, (comparison, plus) in zip(one.operands, _EDGES[one.operator], strict=True):
            parts.append(f"{STAMPS[one.property]} {comparison} ?")
            self.params.append((int(operand) + plus) * 1000)
        return "(" + " AND ".join(parts) + ")"

    def _linked(self, one: Filter) -> str:
        name = one.property.removeprefix(ASSOCIATIONS)
        marks = ", ".join("?" * len(one.operands))
        self.params.extend([SYSTEM, self.kind.name, self.link_names.get(name, name), *one.operands])
        linked = "SELECT from_id FROM links WHERE system = ? AND from_object = ? AND to_object = ? AND to_id IN"
        return f"id IN ({linked} ({marks}))"

    def _token(self, value: str, wanted: str) -> str:
        """Words are what stands between separators; ``*`` matches any letters. Scripts without spaces match anywhere."""
        for separator in SEPARATORS:
            value = f"replace({value}, '{separator.replace(chr(39), chr(39) * 2)}', ' ')"
            wanted = wanted.replace(separator, " ")
        pattern = "".join({"%": "\\%", "\\": "\\\\", "*": "%"}.get(char, char) for char in wanted.strip())
        self.params.append(f"% {pattern} %" if wanted.isascii() else f"%{pattern}%")
        return f"(' ' || {value} || ' ') LIKE ? ESCAPE '\\'"

    def _free_text(self, text: str) -> str:
        """``query``: every word begins some word of some searchable property."""
        parts = []
        for word in fold(text).split():
            tokens = [self._token(value_of(name, "text")[0], f"{word}*") for name in self.kind.searched]
            parts.append("(" + (" OR ".join(f"coalesce({token}, 0)" for token in tokens) or "0") + ")")
        return "(" + " AND ".join(parts or ["1"]) + ")"


def value_of(name: str, kind: str) -> tuple[str, str]:
    """The SQL of a property in the form that `Filter.operands` are in, and of whether it has a value."""
    if name == "hs_object_id":
        return (NUMBER if kind == "number" else "id"), "1"
    if name in STAMPS:
        return f"({STAMPS[name]} / 1000)", "1"
    raw = column(name)
    if kind == "number":
        return f"CAST({raw} AS REAL)", f"{raw} IS NOT NULL"
    if kind == "instant":
        # Milliseconds from ISO text; %f of SQLite carries the fraction.
        fraction = f"CAST(round(strftime('%f', {raw}) * 1000) AS INTEGER) % 1000"
        return f"(strftime('%s', {raw}) * 1000 + {fraction})", f"{raw} IS NOT NULL"
    return f"lower({raw})", f"{raw} IS NOT NULL"


def order_by(sort: Sort | None) -> str:
    """Records without a value come last, ties in the order of the shuffle."""
    if sort is None:
        return f"{_SHUFFLE}, id"
    value, present = value_of(sort.property, sort.kind)
    if value == NUMBER:
        # Ids have no blanks and no ties; said plainly, the order is the index's own.
        return f"{NUMBER} {'DESC' if sort.descending else 'ASC'}"
    return f"NOT ({present}), {value} {'DESC' if sort.descending else 'ASC'}, {_SHUFFLE}, id"


def index(store: RecordStore, name: str) -> None:
    """Let walks through an object by id, which is how a client passes the cap, read an index and no records."""
    columns = f"({NUMBER}, deleted, created, modified)"
    store.rows(f'CREATE INDEX IF NOT EXISTS "by number {SYSTEM} {name}" ON {store.table(SYSTEM, name)} {columns}')


def link_names(kinds: Iterable[ObjectType]) -> dict[str, str]:
    """Every name of every object -> the store's name."""
    return {name: kind.name for kind in kinds for name in kind.names()}
