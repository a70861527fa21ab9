"""A query with a header: the file format that signals and roll-ups share.

The text is ``/* YAML header */ SELECT ...``. Loading resolves the SELECT against the tables it may read, so that an unknown column
is an error with file, line and column before anything runs, and lints it for the portable subset of SQL.

Reading a library of a hundred files costs a second, and one command may read several (today's, and what judged before), so what a text
was found to be is kept for the life of the process. A text that does not hold is not kept: it is looked at anew, and complained of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TypeVar

import sqlglot
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.qualify import qualify

from csconnect.compute.portable import not_portable
from csconnect.errors import CardError
from csconnect.model import ENTITIES

Tables = Mapping[str, Mapping[str, str]]
"""Table -> column -> SQL type: what a query may read."""

Table = tuple[str, tuple[tuple[str, str], ...]]
"""One of them, as a key."""

Header = TypeVar("Header", bound=BaseModel)

KEPT = 1000
"""Texts of which is kept what they were found to be."""

# A query is written out once, with a day and numbers that nobody means, and these are replaced in the text: writing one out takes
# several milliseconds, and every scoring asks for a hundred, each for two days.
STAND_IN_DAY = date(9753, 8, 6)
STAND_IN = 975_308_600


@dataclass(frozen=True)
class Query:
    """A resolved SELECT: its text, what that means, and ``reads``, the tables it names, its own CTEs left out. Nobody changes ``tree``:
    whoever reads the same text gets the same one."""

    text: str
    tree: exp.Expr = field(repr=False)
    reads: frozenset[str]
    _forms: dict[tuple[str, ...], str] = field(default_factory=dict, repr=False, compare=False)

    def sql(self, as_of: date, numbers: Mapping[str, int], dialect: str = "duckdb") -> str:
        """The query for one day, in the dialect of the engine that will run it; ``numbers`` are its other parameters."""
        stands = {name: STAND_IN + place for place, name in enumerate(sorted(numbers))}
        if any(str(each) in self.text for each in (STAND_IN_DAY, *stands.values())):
            return self._bound(as_of, numbers, dialect)
        form = (dialect, *stands)
        if form not in self._forms:
            self._forms[form] = self._bound(STAND_IN_DAY, stands, dialect)
        said = self._forms[form].replace(STAND_IN_DAY.isoformat(), as_of.isoformat())
        for name, each in stands.items():
            said = said.replace(str(each), str(numbers[name]))
        return said

    def _bound(self, as_of: date, numbers: Mapping[str, int], dialect: str) -> str:
        return self.tree.transform(_bind, as_of, numbers).sql(dialect=dialect)

    @property
    def columns(self) -> list[str]:
        """The names it selects."""
        return [name.lower() for name in getattr(self.tree, "named_selects", ())]


def parse_query(text: str, where: str, header: type[Header], tables: Tables) -> tuple[Header, Query]:
    """Parse, resolve and lint one file; `CardError` with ``where:line:col`` when it does not hold."""
    head, body, offset = _split(text, where)
    found = _header(head, where, header)
    if unknown := [entity for entity in getattr(found, "entities", ()) if entity not in ENTITIES]:
        raise CardError(f"unknown entity {unknown[0]!r}", where=f"{where}:1:1", remedy=f"Known: {', '.join(ENTITIES)}")
    try:
        tree = _tree(body)
    except ParseError as error:
        spot = error.errors[0] if error.errors else {}
        line, col = (spot.get("line") or 1) + offset, spot.get("col") or 1
        raise CardError(spot.get("description") or "not SQL", where=f"{where}:{line}:{col}") from None
    if problem := _not_portable(body):
        raise CardError(
            f"{problem} does not mean the same on every engine",
            where=_place(tree, where, offset),
            remedy="See docs/signals.md for the portable way",
        )
    return found, _resolve(body, where, offset, tables)


def tables_named(text: str) -> frozenset[str]:
    """The tables that the query of a file names, its own CTEs among them; none where it is not SQL, which parsing it will say."""
    try:
        tree = _tree(text[text.find("*/") + 2 :])
    except ParseError:
        return frozenset()
    return frozenset(table.name for table in tree.find_all(exp.Table))


def _split(text: str, where: str) -> tuple[str, str, int]:
    start, end = text.find("/*"), text.find("*/")
    if start != 0 or end < 0:
        raise CardError("a signal starts with a /* header */", where=f"{where}:1:1")
    body = text[end + 2 :]
    return text[2:end], body, text[: end + 2].count("\n")


def _header(text: str, where: str, header: type[Header]) -> Header:
    try:
        found: Header = _headed(text, header)
        return found
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CardError(f"the header is not YAML: {getattr(error, 'problem', '')}", where=f"{where}:{line}:1") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise CardError(f"header field {field!r}: {first['msg']}", where=f"{where}:1:1") from None


@lru_cache(maxsize=KEPT)
def _headed(text: str, header: type[Header]) -> Header:
    return header.model_validate(YAML(typ="safe").load(text))


@lru_cache(maxsize=KEPT)
def _tree(body: str) -> exp.Expr:
    return sqlglot.parse_one(body, dialect="duckdb")


@lru_cache(maxsize=KEPT)
def _not_portable(body: str) -> str | None:
    return not_portable(_tree(body))


@lru_cache(maxsize=KEPT)
def _resolved(body: str, reads: tuple[Table, ...]) -> Query:
    schema: dict[str, object] = {name: dict(columns) for name, columns in reads}
    tree = qualify(_tree(body).copy(), schema=schema, dialect="duckdb", quote_identifiers=True)
    return Query(body, tree, frozenset(name for name, _ in reads))


@lru_cache(maxsize=KEPT)
def _named(body: str) -> tuple[exp.Table, ...]:
    """The tables that it names, its own CTEs left out."""
    ctes = {cte.alias for cte in _tree(body).find_all(exp.CTE)}
    return tuple(table for table in _tree(body).find_all(exp.Table) if table.name not in ctes)


def _resolve(body: str, where: str, offset: int, tables: Tables) -> Query:
    tree, named = _tree(body), _named(body)
    for table in named:
        if table.name not in tables:
            raise CardError(
                f"no table {table.name!r}",
                where=_place(table, where, offset),
                remedy=f"Known: {', '.join(tables)}",
            )
    reads = frozenset(table.name for table in named)
    try:
        return _resolved(body, tuple((name, tuple(tables[name].items())) for name in sorted(reads)))
    except OptimizeError as error:
        known = "; ".join(f"{name}({', '.join(tables[name])})" for name in sorted(reads))
        raise CardError(
            str(error).split(". Line")[0],
            where=_place(_culprit(tree, str(error)), where, offset),
            remedy=f"Known: {known}",
        ) from None


def start_of(text: str, where: str) -> str:
    """``file:line:col`` of the query below the header of ``text``, for what is wrong with it as a whole."""
    return f"{where}:{text[: text.find('*/')].count(chr(10)) + 2}:1"


def _culprit(tree: exp.Expr, message: str) -> exp.Expr:
    """The column that the resolver complains about, or the whole query."""
    named = (column for column in tree.find_all(exp.Column) if re.search(rf"\b{re.escape(column.name)}\b", message))
    return next(named, tree)


def _place(node: exp.Expr, where: str, offset: int) -> str:
    """``file:line:col`` of the first name in ``node``; ``offset`` lines of header stand before the query."""
    for part in node.find_all(exp.Identifier):
        if "line" in part.meta:
            return f"{where}:{part.meta['line'] + offset}:{part.meta['col']}"
    return f"{where}:{offset + 1}:1"


def _bind(node: exp.Expr, as_of: date, numbers: Mapping[str, int]) -> exp.Expr:
    if isinstance(node, exp.Placeholder):
        if node.name == "as_of":
            return exp.cast(exp.Literal.string(as_of.isoformat()), "date")
        if node.name in numbers:
            return exp.Literal.number(numbers[node.name])
    return node
