"""Compute everything for one day, and the trend against an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from csconnect.compute.assign import Cards
from csconnect.compute.newcomers import newcomers
from csconnect.compute.relationship import score_lines
from csconnect.compute.result import Computed, compute
from csconnect.compute.score import Scores, score
from csconnect.stages.before import bands_before
from csconnect.stages.workspace import Workspace
from csconnect.writeback.desired import AccountCard, Roster

if TYPE_CHECKING:
    from csconnect.lake import Snapshot


@dataclass
class Judged(AbstractContextManager["Judged"]):
    """What one day looks like. ``then`` are the scores of ``then_on``; ``reconstructed`` says that they were reckoned from what is
    known today about that day, because the lake did not know it yet as it knows today (architecture, decision 2)."""

    computed: Computed
    then: Scores
    then_on: date
    reconstructed: bool
    snapshot: Snapshot
    roster: Roster

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.snapshot.close()

    def nameless(self) -> dict[str, int]:
        """Connection -> rows whose account is unknown or ambiguous (`csconnect.lake.identity`)."""
        rows = self.snapshot.connection.sql(
            "SELECT connection, CAST(sum(rows) AS BIGINT) FROM identity_finding GROUP BY 1 HAVING sum(rows) > 0 ORDER BY 1"
        ).fetchall()
        return dict(rows)

    def without_currency(self) -> dict[str, int]:
        """Connection -> amounts that name no currency, neither themselves nor through their term: they count in no ARR."""
        rows = self.snapshot.connection.sql(
            """SELECT split_part(id, ':', 1) AS connection, count(*) FROM (
                SELECT id, currency FROM term WHERE amount IS NOT NULL
                UNION ALL
                SELECT l.id, coalesce(l.currency, t.currency) FROM contract_line l LEFT JOIN term t ON t.id = l.term_id
                WHERE l.amount IS NOT NULL
            ) WHERE currency IS NULL GROUP BY 1 ORDER BY 1"""
        ).fetchall()
        return dict(rows)

    def trend(self) -> dict[str, int]:
        """Account -> change of the score in points; only accounts that had a score on both days."""
        before = dict(_scores(self.then))
        return {account: now - before[account] for account, now in _scores(self.computed.scores) if account in before}


def _scores(scores: Scores) -> list[tuple[str, int]]:
    table = scores.accounts
    pairs = zip(table.column("account_id").to_pylist(), table.column("score").to_pylist(), strict=True)
    return [(account, value) for account, value in pairs if value is not None]


def judge(workspace: Workspace, as_of: date) -> Judged:
    """Score every customer on ``as_of`` and on the default card's trend day before it."""
    config, library = workspace.config, workspace.library
    cards = workspace.cards
    workspace.note("scoring")
    facts = snapshot(workspace, as_of)
    computed = compute(
        facts.connection,
        cards,
        library.signals,
        as_of,
        renewals=config.renewals.rules(),
        steady=config.stickiness.rule(),
        before=bands_before(workspace, facts) if any(card.bands.hold for card in cards) else None,
        dangers=workspace.dangers,
    )
    then_on = as_of - timedelta(days=cards.default.trend_days)
    known = _known_on(workspace, then_on, cards)
    workspace.note(f"scoring {then_on} for the trend")
    earlier = snapshot(workspace, then_on, known)
    try:
        grace = config.renewals.grace_days
        then = score(earlier.connection, cards, library.signals, then_on, grace_days=grace)
    finally:
        earlier.close()
    if known is None:
        then = then.without(newcomers(facts.connection, then_on))
    return Judged(computed, then, then_on, known is None, facts, _roster(workspace, facts))


def judge_lines(workspace: Workspace, judged: Judged) -> dict[str, Scores]:
    """Product line -> scores of the accounts that have it, on the day of ``judged``; nothing of it is written."""
    workspace.note("scoring product lines")
    return score_lines(
        judged.snapshot.connection,
        workspace.cards,
        workspace.library.signals,
        judged.computed.as_of,
        grace_days=workspace.config.renewals.grace_days,
    )


def snapshot(workspace: Workspace, until: date, known: datetime | None = None) -> Snapshot:
    """The lake's view of ``until`` as known at ``known`` (now by default), with the configuration's homes and matching."""
    connections = workspace.config.connections
    return workspace.lake.snapshot(
        until=until,
        known=known,
        homes=workspace.config.homes or list(connections),
        match={name: connection.match for name, connection in connections.items()},
        connections=connections.keys(),
    )


def _known_on(workspace: Workspace, day: date, cards: Cards) -> datetime | None:
    """The end of ``day`` if everything that speaks today about health spoke then already; None to reconstruct.

    A connection or an entity that came later would be silent then, and its first words look like a rise or a fall.
    """
    signals = (workspace.library.signals[name] for name in cards.needs())
    needed = {"account", "term"}.union(*(signal.header.entities for signal in signals))
    first = workspace.lake.known_since(workspace.config.connections.keys(), needed)
    end = datetime.combine(day, time.max, UTC)
    return end if first is not None and first <= end else None


def _roster(workspace: Workspace, facts: Snapshot) -> Roster:
    accounts = facts.connection.sql(
        "SELECT id, _connection AS connection, name, owner_id, language, currency FROM account WHERE is_customer"
    ).fetchall()
    owners = facts.connection.sql("SELECT id FROM owner WHERE active").fetchall()
    connections = workspace.config.connections
    return Roster(
        accounts={row[0]: AccountCard(*row) for row in accounts},
        active_owners=frozenset(row[0] for row in owners),
        phrases=workspace.library.phrases,
        languages={name: each.language or workspace.config.language for name, each in connections.items()},
        fallbacks={name: each.write_back.owner_fallback for name, each in connections.items()},
        openings={name: _opening(each.write_back.settings) for name, each in connections.items()},
    )


def _opening(settings: Mapping[str, object]) -> dict[str, object]:
    return {name: settings[name] for name in ("stage", "pipeline", "record_type") if name in settings}
