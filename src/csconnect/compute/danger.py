"""How much danger an account is in, and why: causes with a level each, as data (book §7.2.1).

A cause holds while its condition on signals does; the account's level is that of its worst cause. Health says how well a customer
uses, gains and talks; danger says what may take it away, also from one whose score is good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from csconnect.compute.cardfile import Problem, meant, parse_data, raise_first
from csconnect.compute.colour import wide
from csconnect.compute.condition import Condition
from csconnect.compute.curve import Part
from csconnect.compute.earn import usable
from csconnect.compute.phrases import Phrases
from csconnect.compute.scorecard import Title
from csconnect.compute.signal import Signal
from csconnect.model.enums import DangerLevel

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SEVERITY = tuple(DangerLevel)
"""Worst first."""

NOBODY = "SELECT NULL WHERE false"


class DangerCause(Part):
    """Why an account is in danger. ``title`` is a short clause that a CSM reads; ``source`` where cause and limits come from.

    ``savable: false`` says that no effort of ours helps: while such a cause holds, nobody is sent to save the account (book L7).
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    level: DangerLevel
    title: Title
    when: Condition
    savable: bool = True
    source: str


class Dangers(Part):
    """A file of causes. Its ``title`` says in which languages it speaks."""

    dangers: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: int
    title: Title
    about: str = ""
    causes: Annotated[list[DangerCause], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [cause.name for cause in self.causes]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise ValueError(f"two causes have the name {twice[0]}")
        return self

    def needs(self) -> list[str]:
        """Every signal that must be measured."""
        return list(dict.fromkeys(name for cause in self.causes for name in cause.when.signals()))

    def cause(self, name: str) -> DangerCause:
        """The cause called ``name``."""
        return next(cause for cause in self.causes if cause.name == name)

    def by_severity(self) -> list[DangerCause]:
        """The causes, the severest first; of one level in the file's order."""
        return sorted(self.causes, key=lambda cause: SEVERITY.index(cause.level))


@dataclass(frozen=True)
class Danger:
    """The danger that one account is in: the level of its worst cause, its causes, the severest first, and whether effort helps."""

    level: DangerLevel | None = None
    causes: Sequence[DangerCause] = ()
    savable: bool = True

    def said(self, phrases: Phrases) -> str:
        """The causes as a text of at most 255 characters in the reader's language, English where the file does not speak it."""
        text = phrases.sentence([cause.title.get(phrases.language) or cause.title["en"] for cause in self.causes])
        return text[:1].upper() + text[1:]


SAFE = Danger()


def parse_dangers(text: str, where: str, signals: Collection[str]) -> Dangers:
    """Parse and check a file of causes as a whole; `CardError` names ``file:line:col`` and what was expected."""
    rules, data = parse_data(text, where, Dangers, "a file of dangers")
    raise_first(_languages(rules), data, where)
    raise_first(_unknown(rules, signals), data, where)
    return rules


def _languages(rules: Dangers) -> Iterator[Problem]:
    said: list[tuple[list[str | int], str, Title]] = [(["title"], "the title", rules.title)]
    said += [(["causes", place, "title"], cause.name, cause.title) for place, cause in enumerate(rules.causes)]
    for path, what, title in said:
        for language in dict.fromkeys(["en", *rules.title]):
            if not title.get(language):
                remedy = f"Add {language}: and the words; the file's title says in which languages it speaks"
                yield path, f"{what} is not said in {language!r}", remedy


def _unknown(rules: Dangers, signals: Collection[str]) -> Iterator[Problem]:
    for place, cause in enumerate(rules.causes):
        for name in cause.when.signals():
            if name not in signals:
                yield ["causes", place, "when"], f"{cause.name}: unknown signal {name!r}", meant(name, signals)


def find_dangers(
    facts: duckdb.DuckDBPyConnection,
    rules: Dangers,
    signals: Mapping[str, Signal],
    *,
    not_served: str = NOBODY,
) -> pa.Table:
    """Table of account_id, level, causes (names, the severest first), savable; accounts in no danger are left out.

    Reads what stands in ``measured``, ``event`` and ``stale`` (`csconnect.compute.measure`). A value older than its signal's
    freshness is unknown, and what is unknown endangers nobody. ``not_served`` is SQL for accounts that are left out, because they
    are no customers on that day. ``savable`` is false while any cause holds that nobody can do anything about.
    """
    facts.execute("CREATE OR REPLACE TEMP TABLE endangered (account_id VARCHAR, place INTEGER)")
    facts.execute(f"CREATE OR REPLACE TEMP TABLE candidate AS {_CUSTOMERS.format(not_served=not_served)}")
    limits = {name: signals[name].header.freshness for name in rules.needs()}
    facts.execute(f"CREATE OR REPLACE TEMP TABLE wide AS {wide(limits, usable(limits))}")
    causes = rules.by_severity()
    for place, cause in enumerate(causes):
        holds = cause.when.expression().sql(dialect="duckdb")
        facts.execute(f"INSERT INTO endangered SELECT account_id, ? FROM wide WHERE {holds}", [place])  # noqa: S608
    facts.execute("DROP TABLE wide")
    return _gathered(facts, causes)


_CUSTOMERS = """SELECT account.id AS account_id FROM account
LEFT JOIN ({not_served}) AS gone (account_id) ON gone.account_id = account.id
WHERE account.is_customer AND gone.account_id IS NULL"""


def _gathered(facts: duckdb.DuckDBPyConnection, causes: Sequence[DangerCause]) -> pa.Table:
    """One row an account of those in ``endangered``."""
    import pyarrow as pa

    columns = {
        "name": pa.array([cause.name for cause in causes], pa.string()),
        "place": pa.array(range(len(causes)), pa.int32()),
        "level": pa.array([str(cause.level) for cause in causes], pa.string()),
        "savable": pa.array([cause.savable for cause in causes], pa.bool_()),
    }
    facts.register("danger_cause", pa.table(columns))
    table = facts.sql(
        """SELECT gathered.account_id, worst.level, gathered.causes, gathered.savable
        FROM (
            SELECT endangered.account_id, min(endangered.place) AS place, bool_and(danger_cause.savable) AS savable,
                list(danger_cause.name ORDER BY endangered.place) AS causes
            FROM endangered INNER JOIN danger_cause ON danger_cause.place = endangered.place GROUP BY endangered.account_id
        ) AS gathered INNER JOIN danger_cause AS worst ON worst.place = gathered.place
        ORDER BY gathered.account_id"""
    ).to_arrow_table()
    facts.unregister("danger_cause")
    return table
