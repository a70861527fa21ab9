"""What the scores of a day stand on: coverage, outliers, contradictions, and who is named and not known."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.contradiction import Rule, contradictions
from csconnect.compute.quality import Inputs, inputs, strictest
from csconnect.compute.signal import Signal
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

FAR = date(2200, 1, 1)
"""A day before which everything lies that anybody dates in earnest."""


@dataclass(frozen=True)
class Quality:
    """``contradictions`` are sorted by rule; ``nameless``: connection, reason, accounts, rows (left out of every view); ``names``:
    account -> what people call it, of the accounts that the findings name."""

    as_of: date
    customers: int
    inputs: Inputs
    contradictions: pa.Table
    nameless: pa.Table
    names: Mapping[str, str]
    signals: Mapping[str, Signal]
    rules: Mapping[str, Rule]


def examine(workspace: Workspace, as_of: date, *, every: bool = False) -> Quality:
    """Look at what the lake holds on ``as_of``; reads no system and writes nothing. With ``every`` all signals of the library are
    measured, not only those of the cards and dangers in force."""
    library, cards, dangers = workspace.library, workspace.cards, workspace.dangers
    in_force = dict.fromkeys([*cards.needs(), *(dangers.needs() if dangers else ())])
    wanted = {name: library.signals[name] for name in (library.signals if every else in_force)}
    workspace.note("measuring")
    with closing(snapshot(workspace, as_of)) as facts:
        found = inputs(
            facts.connection,
            wanted.values(),
            as_of,
            freshness=strictest(cards),
            grace_days=workspace.config.renewals.grace_days,
        )
        workspace.note("looking for contradictions")
        of_the_day = contradictions(facts.connection, _rules(workspace, ahead=False), as_of)
        ((customers,),) = facts.connection.sql("SELECT count(*) FROM account WHERE is_customer").fetchall()
        nameless = facts.connection.sql(_NAMELESS).to_arrow_table()
        names = _names(facts.connection)
    return Quality(
        as_of, customers, found, _with_ahead(workspace, of_the_day, as_of), nameless, names, wanted, library.quality
    )


_NAMELESS = """SELECT connection, reason, count(*) AS accounts, CAST(sum(rows) AS BIGINT) AS rows
FROM identity_finding GROUP BY connection, reason ORDER BY connection, reason"""


def _rules(workspace: Workspace, *, ahead: bool) -> list[Rule]:
    return [rule for rule in workspace.library.quality.values() if rule.header.ahead is ahead]


def _with_ahead(workspace: Workspace, found: pa.Table, as_of: date) -> pa.Table:
    """``found`` and what the rules say that look ahead: a view of the day withholds what is dated after it. What has happened by
    now is no future, whichever day is asked about."""
    import pyarrow as pa

    rules = _rules(workspace, ahead=True)
    if not rules:
        return found
    with closing(snapshot(workspace, FAR)) as facts:
        ahead = contradictions(facts.connection, rules, max(as_of, workspace.today))
    return pa.concat_tables([found, ahead]).sort_by([(name, "ascending") for name in ("rule", "entity", "id", "field")])


def _names(facts: duckdb.DuckDBPyConnection) -> dict[str, str]:
    return dict(facts.sql("SELECT id, name FROM account").fetchall())
