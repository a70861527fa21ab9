"""SOQL text to its tree, with the errors of the vendor: ``ERROR at Row:1:Column:15``."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.soql.tree import Call, Compare, Condition, Literal, Logic, Order, Path, Query

# AND and OR may not be mixed without parentheses, and NOT stands first or in parentheses: so says the vendor's grammar of
# conditions ("Condition Expression Syntax").
GRAMMAR = r"""
query: SELECT items FROM NAME [NAME] [where] [group] [order] [limit] [offset]
items: item ("," item)*
?item: NAME [NAME] -> named | call | "(" query ")" -> nested
call: NAME "(" [NAME] ")" [NAME]
where: WHERE chain
group: GROUP_BY paths [having]
having: HAVING chain
paths: path ("," path)*
path: NAME
?chain: first | first (AND operand)+ -> both | first (OR operand)+ -> either
?first: operand | NOT operand -> negated
?operand: comparison | "(" chain ")"
?ref: path | NAME "(" [NAME] ")" -> refcall
comparison: ref OPERATOR value -> compare
          | ref LIKE value -> compare
          | ref IN inner -> inside
          | ref NOT IN inner -> outside
          | ref INCLUDES members -> compare_list
          | ref EXCLUDES members -> compare_list
?inner: members | "(" query ")"
members: "(" value ("," value)* ")"
?value: STRING -> string | NUMBER -> number | DATETIME -> datetime | DATE -> date | NAME [":" NUMBER] -> word
order: ORDER_BY term ("," term)*
term: ref [ASC] [DESC] [NULLS]
limit: LIMIT NUMBER
offset: OFFSET NUMBER

SELECT.3: /SELECT\b/i
FROM.3: /FROM\b/i
WHERE.3: /WHERE\b/i
GROUP_BY.3: /GROUP\s+BY\b/i
HAVING.3: /HAVING\b/i
ORDER_BY.3: /ORDER\s+BY\b/i
LIMIT.3: /LIMIT\b/i
OFFSET.3: /OFFSET\b/i
AND.3: /AND\b/i
OR.3: /OR\b/i
NOT.3: /NOT\b/i
IN.3: /IN\b/i
LIKE.3: /LIKE\b/i
INCLUDES.3: /INCLUDES\b/i
EXCLUDES.3: /EXCLUDES\b/i
ASC.3: /ASC\b/i
DESC.3: /DESC\b/i
NULLS.3: /NULLS\s+(FIRST|LAST)\b/i
OPERATOR: /<=|>=|!=|<>|=|<|>/
DATETIME.2: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/
DATE.1: /\d{4}-\d\d-\d\d/
NUMBER: /[+-]?\d+(\.\d+)?/
STRING: /'(?:[^'\\]|\\.)*'/s
NAME: /[A-Za-z_]\w*(\.[A-Za-z_]\w*)*/
%ignore /\s+/
"""
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def parse(text: str) -> Query:
    """The tree of a statement; MALFORMED_QUERY when it is none."""
    try:
        return _parser().parse(text)  # type: ignore[return-value]
    except UnexpectedEOF as error:
        raise malformed("unexpected token: '<EOF>'") from error
    except UnexpectedToken as error:
        name = str(error.token) or "<EOF>"
        raise malformed(located(text, error.line or 1, error.column or 1, f"unexpected token: '{name}'")) from error
    except UnexpectedCharacters as error:
        found = text[error.pos_in_stream or 0 :][:1]
        raise malformed(located(text, error.line, error.column, f"unexpected token: '{found}'")) from error
    except UnexpectedInput as error:
        raise malformed("unexpected token") from error


def malformed(message: str) -> ApiError:
    return ApiError("MALFORMED_QUERY", message)


def located(text: str, row: int, column: int, message: str) -> str:
    """A message as the vendor spells it: the line, a mark under the place, and its coordinates."""
    lines = text.split("\n")
    line = lines[row - 1] if 0 < row <= len(lines) else text
    start = max(0, column - 40)
    return (
        f"\n{line[start : column + 40]}\n{' ' * (column - 1 - start)}^\nERROR at Row:{row}:Column:{column}\n{message}"
    )


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, start="query", parser="lalr", transformer=_Build(), maybe_placeholders=True)


def _path(token: Token) -> Path:
    return Path(tuple(str(token).split(".")), token.column or 0, token.line or 1)


def unescape(text: str, *, like: bool = False) -> str:
    r"""What a quoted text means. In a LIKE pattern ``\%`` and ``\_`` stay escaped."""

    def one(match: re.Match[str]) -> str:
        char = match[1]
        if char in "%_":
            return f"\\{char}" if like else char
        if char not in _ESCAPES:
            raise malformed(f"Illegal string literal: \\{char}")
        # In a pattern the backslash is the escape character, so a literal one is doubled.
        return "\\\\" if like and char == "\\" else _ESCAPES[char]

    return _ESCAPE.sub(one, text)


class _Build(Transformer[Token, Any]):
    """Lark's callbacks, one per rule."""

    def query(self, parts: list[Any]) -> Query:
        _, items, _, source, alias, where, group, order, limit, offset = parts
        by, having = group or ((), None)
        name = str(alias or "")
        return Query(tuple(items), _path(source), name, where, by, having, order or (), limit, offset or 0)

    def items(self, parts: list[Any]) -> list[Any]:
        return parts

    def named(self, parts: list[Any]) -> Path:
        return _path(parts[0])

    def nested(self, parts: list[Any]) -> Query:
        inner: Query = parts[0]
        return inner

    def call(self, parts: list[Any]) -> Call:
        name, path, alias = parts
        return Call(str(name).upper(), _path(path) if path else None, str(alias or ""), name.column)

    def refcall(self, parts: list[Any]) -> Call:
        return self.call([*parts, None])

    def where(self, parts: list[Any]) -> Condition:
        return parts[1]  # type: ignore[no-any-return]

    having = where

    def group(self, parts: list[Any]) -> tuple[tuple[Path, ...], Condition | None]:
        return parts[1], parts[2]

    def paths(self, parts: list[Any]) -> tuple[Path, ...]:
        return tuple(parts)

    def path(self, parts: list[Any]) -> Path:
        return _path(parts[0])

    def both(self, parts: list[Any]) -> Logic:
        return Logic("AND", tuple(p for p in parts if not isinstance(p, Token)))

    def either(self, parts: list[Any]) -> Logic:
        return Logic("OR", tuple(p for p in parts if not isinstance(p, Token)))

    def negated(self, parts: list[Any]) -> Logic:
        return Logic("NOT", (parts[1],))

    def compare(self, parts: list[Any]) -> Compare:
        left, operator, value = parts
        name = "!=" if operator == "<>" else str(operator).upper()
        return Compare(left, name, (value,))

    def compare_list(self, parts: list[Any]) -> Compare:
        return Compare(parts[0], str(parts[1]).upper(), parts[2])

    def inside(self, parts: list[Any]) -> Compare:
        return Compare(parts[0], "IN", parts[2])

    def outside(self, parts: list[Any]) -> Compare:
        return Compare(parts[0], "NOT IN", parts[3])

    def members(self, parts: list[Any]) -> tuple[Literal, ...]:
        return tuple(parts)

    def string(self, parts: list[Any]) -> Literal:
        return Literal("string", str(parts[0])[1:-1])

    def number(self, parts: list[Any]) -> Literal:
        text = str(parts[0])
        return Literal("number", float(text) if "." in text else int(text))

    def date(self, parts: list[Any]) -> Literal:
        return Literal("date", str(parts[0]))

    def datetime(self, parts: list[Any]) -> Literal:
        return Literal("datetime", str(parts[0]))

    def word(self, parts: list[Any]) -> Literal:
        text = str(parts[0]).upper()
        if text in ("TRUE", "FALSE"):
            return Literal("boolean", text == "TRUE")
        if text == "NULL":
            return Literal("null", None)
        return Literal("span", text, int(parts[1]) if parts[1] else None)

    def order(self, parts: list[Any]) -> tuple[Order, ...]:
        return tuple(parts[1:])

    def term(self, parts: list[Any]) -> Order:
        by, _, descending, nulls = parts
        return Order(by, descending is not None, bool(nulls) and str(nulls).upper().endswith("LAST"))

    def limit(self, parts: list[Any]) -> int:
        return int(parts[1])

    def offset(self, parts: list[Any]) -> int:
        return int(parts[1])
