"""A closed month as it was first stated, and what was stated of it since; reads the lake and writes nothing."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from csconnect.compute.period import Period, months_of, parse_period
from csconnect.compute.restated import Changed, Move, changes, moves
from csconnect.compute.statement import DUE, OPENING, as_rows
from csconnect.errors import ConfigError
from csconnect.lake.schema import FIGURE, MONTH, STATEMENT
from csconnect.stages.owner import owner_names
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace


@dataclass(frozen=True)
class Version:
    """One statement of a month: made on ``stated_on`` as of ``as_of``, the closing of the month. ``due`` and ``opening`` are rows of rates
    (`csconnect.compute.statement.as_rows`); ``settings`` are those that decided them. ``reconstructed``: the lake did not know that day
    yet."""

    number: int
    stated_on: date
    as_of: date
    currency: str | None
    reconstructed: bool
    settings: dict[str, Any]
    due: list[dict[str, Any]]
    opening: list[dict[str, Any]]


@dataclass(frozen=True)
class Restatement:
    """What version ``number`` says otherwise than the one before it: figures of all customers, how many accounts by reason, settings
    as (before, after) where they differ, and the accounts themselves."""

    number: int
    stated_on: date
    moves: list[Move]
    reasons: dict[str, int]
    settings: dict[str, tuple[Any, Any]]
    changes: list[Changed]

    @property
    def accounts(self) -> int:
        return sum(self.reasons.values())


@dataclass(frozen=True)
class ClosedMonth:
    """``versions``, the first statement first, is empty where the month has none. ``stated`` are the months that have any; ``names`` are
    those of accounts and ``owners`` those of CSMs today, where they were asked for."""

    month: Period
    versions: list[Version]
    restatements: list[Restatement]
    stated: list[str]
    names: dict[str, str]
    owners: dict[str, str]


def closed_month(workspace: Workspace, text: str, *, named: bool = False) -> ClosedMonth:
    """The statements of the month ``text`` (2026-10); with ``named`` also what accounts and CSMs are called today."""
    month = parse_period(text)
    if [each.name for each in months_of(month)] != [text]:
        raise ConfigError(f"{text!r} is no month", remedy="Write a month as 2026-10")
    heads = workspace.lake.stated(STATEMENT).to_pylist()
    mine = sorted((row for row in heads if row["month"] == month.start), key=lambda row: row["version"])
    asked = [month.start] if mine else []
    figures = _by_version(workspace, FIGURE, asked)
    accounts = _by_version(workspace, MONTH, asked) if len(mine) > 1 else {}
    restatements = [_restatement(old, new, figures, accounts) for old, new in pairwise(mine)]
    names, owners = _names(workspace) if named and mine else ({}, {})
    return ClosedMonth(
        month,
        [_version(head, figures.get(head["version"], [])) for head in mine],
        restatements,
        sorted({row["month"].isoformat()[:7] for row in heads}),
        names,
        owners,
    )


def _by_version(workspace: Workspace, entity: str, months: list[date]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in workspace.lake.stated(entity, months).to_pylist():
        found.setdefault(row["version"], []).append(row)
    return found


def _version(head: dict[str, Any], figures: list[dict[str, Any]]) -> Version:
    return Version(
        head["version"],
        head["_known_at"].date(),
        head["as_of"],
        head["currency"],
        head["reconstructed"],
        json.loads(head["settings"]),
        as_rows(figures, DUE),
        as_rows(figures, OPENING),
    )


def _restatement(
    old: dict[str, Any],
    new: dict[str, Any],
    figures: dict[int, list[dict[str, Any]]],
    accounts: dict[int, list[dict[str, Any]]],
) -> Restatement:
    before, after = old["version"], new["version"]
    told = changes(accounts.get(before, []), accounts.get(after, []))
    then, now = json.loads(old["settings"]), json.loads(new["settings"])
    return Restatement(
        after,
        new["_known_at"].date(),
        moves(figures.get(before, []), figures.get(after, [])),
        dict(sorted(Counter({each.account_id: each.reason for each in told}.values()).items())),
        {name: (then.get(name), now.get(name)) for name in sorted(then | now) if then.get(name) != now.get(name)},
        told,
    )


def _names(workspace: Workspace) -> tuple[dict[str, str], dict[str, str]]:
    """What accounts are called, and what owners: an account and an owner may have one id."""
    with snapshot(workspace, workspace.today) as facts:
        return dict(facts.connection.sql("SELECT id, name FROM account").fetchall()), owner_names(facts.connection)
