"""A signal: one named measurement of an account, written as one SELECT under a header of metadata.

The query gives ``account_id`` and ``value`` and may use ``:as_of`` (a date), ``:window`` (days, from the header) and ``:grace`` (days
for which an ended term may still be renewed). A signal of ``grain: event`` gives ``account_id``, ``value`` and ``age`` (days), a row
an event: a card adds them up, and may let them fade (`csconnect.compute.scorecard.Decay`). No row means that nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from csconnect.compute.query import Query, Tables, parse_query, start_of
from csconnect.compute.rollup import Rollup, columns_of, needed
from csconnect.compute.schema import table_columns
from csconnect.compute.terms import RenewalRules
from csconnect.compute.words import SignalWords
from csconnect.errors import CardError


class SignalHeader(BaseModel):
    """Metadata of a signal.

    ``window`` is days. ``freshness`` is days: when none of the sources that deliver one of ``entities`` has told anything about
    the last so many days, the value is unknown, not old. ``polarity`` says whether a larger value is better (``none``: it is
    neither, such as a size). ``entities`` are the facts it needs; ``decimals`` is the precision to which values are equal on
    every engine (law 6). ``words`` are what a CSM reads of it, by language.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    title: dict[str, str]
    unit: str
    window: Annotated[int, Field(ge=1, le=1100)]
    freshness: Annotated[int, Field(ge=1)] | None = None
    polarity: Literal["up", "down", "none"]
    entities: list[str]
    source: str
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    grain: Literal["account", "event"] = "account"
    words: dict[str, SignalWords] = {}


COLUMNS = {"account": ["account_id", "value"], "event": ["account_id", "value", "age"]}


@dataclass(frozen=True)
class Signal:
    """A loaded signal: its name, metadata and resolved query, and the roll-ups it reads, in the order in which they are built.

    ``family`` is the folder it lies in, such as ``activity``."""

    name: str
    header: SignalHeader
    query: Query
    text: str
    rollups: tuple[Rollup, ...] = ()
    family: str = ""

    def sql(self, as_of: date, dialect: str = "duckdb", *, grace_days: int = RenewalRules.grace_days) -> str:
        """The query for one day, in the dialect of the engine that will run it."""
        return self.query.sql(as_of, {"window": self.header.window, "grace": grace_days}, dialect)


def parse_signal(
    name: str, text: str, where: str, rollups: Mapping[str, Rollup] | None = None, family: str = ""
) -> Signal:
    """Parse, resolve and lint one signal; `CardError` with ``where:line:col`` when it does not hold."""
    known = dict(rollups or {})
    tables: Tables = {**table_columns(), **columns_of(known)}
    header, query = parse_query(text, where, SignalHeader, tables)
    if query.columns != COLUMNS[header.grain]:
        wanted = ", ".join(COLUMNS[header.grain][:-1]) + " and " + COLUMNS[header.grain][-1]
        raise CardError(f"a signal gives exactly {wanted}", where=start_of(text, where))
    return Signal(name, header, query, text, needed(query, known), family)
