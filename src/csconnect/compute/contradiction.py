"""Contradictions: facts that cannot be true, or not together, found by rules of one SELECT each.

A rule is a file like a signal's, ``quality/<name>.sql``. Its query gives a row for each record that it finds:

    entity      the canonical entity of the record
    id          its canonical id (of a module the name that usage gives it)
    account_id  the account, null where there is none or several
    field       the field that is wrong
    number      what is found there, or null where a number says nothing; texts are never shown
    bound       what it must not pass, or null

It may use ``:as_of``, ``:window`` (days, from the header) and the tables that signals may read.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from csconnect.compute.query import Query, parse_query, start_of
from csconnect.compute.schema import table_columns
from csconnect.errors import CardError
from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

COLUMNS = ["entity", "id", "account_id", "field", "number", "bound"]
LANGUAGE = "en"
"""The language that every text of a rule must have."""


def _spoken(words: dict[str, str]) -> dict[str, str]:
    if LANGUAGE not in words:
        raise ValueError(f"nothing is said in {LANGUAGE!r}")
    return words


def _sentences(words: dict[str, str]) -> dict[str, str]:
    for sentence in words.values():
        unknown = {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None} - {
            "number",
            "bound",
        }
        if unknown:
            raise ValueError(f"{{{unknown.pop()}}} cannot be filled in; there are {{number}} and {{bound}}")
    return _spoken(words)


Words = Annotated[dict[str, str], AfterValidator(_spoken)]
Sentences = Annotated[dict[str, str], AfterValidator(_sentences)]


class RuleHeader(BaseModel):
    """Metadata of a rule, texts by language.

    ``level`` is ``warning`` for what cannot be true or counts for nothing, ``note`` for what may well be true. ``says`` is said of
    each record, with ``{number}`` and ``{bound}``; ``remedy`` once for all. A rule that looks ``ahead`` wants facts that are dated
    after the day as well, which no view of the day holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: Words
    level: Literal["warning", "note"]
    says: Sentences
    remedy: Words
    window: Annotated[int, Field(ge=1, le=1100)] = 28
    ahead: bool = False


@dataclass(frozen=True)
class Rule:
    """A loaded rule."""

    name: str
    header: RuleHeader
    query: Query

    def sql(self, as_of: date, dialect: str = "duckdb") -> str:
        """The query for one day."""
        return self.query.sql(as_of, {"window": self.header.window}, dialect)

    def says(self, number: float | None, bound: float | None, language: str = LANGUAGE) -> str:
        """The sentence about one record; what is unknown is a dash."""
        sentence = self.header.says.get(language, self.header.says[LANGUAGE])
        return sentence.format(number=_number(number), bound=_number(bound))


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def parse_rule(name: str, text: str, where: str) -> Rule:
    """Parse, resolve and lint one rule; `CardError` with ``where:line:col`` when it does not hold."""
    header, query = parse_query(text, where, RuleHeader, table_columns())
    if query.columns != COLUMNS:
        wanted = ", ".join(COLUMNS[:-1])
        raise CardError(f"a rule gives exactly {wanted} and {COLUMNS[-1]}", where=start_of(text, where))
    return Rule(name, header, query)


def contradictions(facts: duckdb.DuckDBPyConnection, rules: Iterable[Rule], as_of: date) -> pa.Table:
    """What ``rules`` find in ``facts`` on ``as_of``: rule, entity, connection (null where an id names none), id, account_id, field,
    number, bound; sorted, so that the same facts always give the same rows."""
    facts.execute(
        """CREATE OR REPLACE TEMP TABLE contradiction (rule VARCHAR, entity VARCHAR, connection VARCHAR, id VARCHAR,
        account_id VARCHAR, field VARCHAR, number DOUBLE, bound DOUBLE)"""
    )
    for rule in rules:
        facts.execute(
            f"""INSERT INTO contradiction
            SELECT ?, entity, CASE WHEN list_contains(?, entity) THEN split_part(id, ':', 1) END, id, account_id, field,
                CAST(number AS DOUBLE), CAST(bound AS DOUBLE)
            FROM ({rule.sql(as_of)}) AS found""",  # noqa: S608
            [rule.name, _CONNECTED],
        )
    found = facts.sql("SELECT * FROM contradiction ORDER BY ALL").to_arrow_table()
    facts.execute("DROP TABLE contradiction")
    return found


_CONNECTED = [
    name
    for name, entity in ENTITIES.items()
    if "id" in fields_of(entity) and fields_of(entity)["id"].key_of is not None
]
"""Entities whose ids begin with the connection that delivered them."""
