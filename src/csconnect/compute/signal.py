"""A signal: one named measurement of an account, written as one SELECT under a header of metadata.

The text is ``/* YAML header */ SELECT ...``; the query gives ``account_id`` and ``value`` and may use ``:as_of`` (a date),
``:window`` (days, from the header) and ``:grace`` (days for which an ended term may still be renewed). Loading resolves it
against the canonical schema, so that an unknown column is an error with line and column before anything runs, and lints it for
the portable subset of SQL.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import sqlglot
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.qualify import qualify

from csconnect.compute.portable import not_portable
from csconnect.compute.schema import table_columns
from csconnect.compute.terms import RenewalRules
from csconnect.errors import CardError
from csconnect.model import ENTITIES


class SignalHeader(BaseModel):
    """Metadata of a signal.

    ``window`` and ``freshness`` are days; ``polarity`` says whether a larger value is better; ``entities`` are the facts it
    needs; ``decimals`` is the precision to which values are equal on every engine (law 6).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: dict[str, str]
    unit: str
    window: Annotated[int, Field(ge=1, le=1100)]
    freshness: Annotated[int, Field(ge=1)] | None = None
    polarity: Literal["up", "down"]
    entities: list[str]
    source: str
    decimals: Annotated[int, Field(ge=0, le=6)] = 2


@dataclass(frozen=True)
class Signal:
    """A loaded signal: its name, metadata and resolved query."""

    name: str
    header: SignalHeader
    query: exp.Expr
    text: str

    def sql(self, as_of: date, dialect: str = "duckdb", *, grace_days: int = RenewalRules.grace_days) -> str:
        """The query for one day, in the dialect of the engine that will run it."""
        bound = self.query.transform(_bind, as_of, {"window": self.header.window, "grace": grace_days})
        return bound.sql(dialect=dialect)


def parse_signal(name: str, text: str, where: str) -> Signal:
    """Parse, resolve and lint one signal; `CardError` with ``where:line:col`` when it does not hold."""
    head, body, offset = _split(text, where)
    header = _header(head, where)
    if unknown := [entity for entity in header.entities if entity not in ENTITIES]:
        raise CardError(f"unknown entity {unknown[0]!r}", where=f"{where}:1:1", remedy=f"Known: {', '.join(ENTITIES)}")
    try:
        tree = sqlglot.parse_one(body, dialect="duckdb")
    except ParseError as error:
        spot = error.errors[0] if error.errors else {}
        line, col = (spot.get("line") or 1) + offset, spot.get("col") or 1
        raise CardError(spot.get("description") or "not SQL", where=f"{where}:{line}:{col}") from None
    if problem := not_portable(tree):
        raise CardError(
            f"{problem} does not mean the same on every engine",
            where=_place(tree, where, offset),
            remedy="See docs/signals.md for the portable way",
        )
    return Signal(name, header, _resolve(tree, where, offset), text)


def _split(text: str, where: str) -> tuple[str, str, int]:
    start, end = text.find("/*"), text.find("*/")
    if start != 0 or end < 0:
        raise CardError("a signal starts with a /* header */", where=f"{where}:1:1")
    body = text[end + 2 :]
    return text[2:end], body, text[: end + 2].count("\n")


def _header(text: str, where: str) -> SignalHeader:
    try:
        return SignalHeader.model_validate(YAML(typ="safe").load(text))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise CardError(f"the header is not YAML: {getattr(error, 'problem', '')}", where=f"{where}:{line}:1") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise CardError(f"header field {field!r}: {first['msg']}", where=f"{where}:1:1") from None


def _resolve(tree: exp.Expr, where: str, offset: int) -> exp.Expr:
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in table_columns() and table.name not in ctes:
            raise CardError(
                f"no table {table.name!r}",
                where=_place(table, where, offset),
                remedy=f"Known: {', '.join(table_columns())}",
            )
    try:
        resolved = qualify(tree.copy(), schema=dict(table_columns()), dialect="duckdb", quote_identifiers=True)
    except OptimizeError as error:
        tables = table_columns()
        used = sorted({table.name for table in tree.find_all(exp.Table) if table.name in tables})
        known = "; ".join(f"{name}({', '.join(tables[name])})" for name in used)
        raise CardError(
            str(error).split(". Line")[0],
            where=_place(_culprit(tree, str(error)), where, offset),
            remedy=f"Known: {known}",
        ) from None
    if [column.lower() for column in getattr(resolved, "named_selects", ())] != ["account_id", "value"]:
        raise CardError("a signal gives exactly account_id and value", where=_place(tree, where, offset))
    return resolved


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
