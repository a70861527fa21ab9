"""Compute everything for one day, and the trend against an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import TracebackType
from typing import TYPE_CHECKING

from csconnect.compute.expansion import ExpansionGate
from csconnect.compute.judgement import Judgement, sources
from csconnect.compute.newcomers import newcomers
from csconnect.compute.relationship import score_lines
from csconnect.compute.result import Computed, compute
from csconnect.compute.score import Scores, score
from csconnect.compute.signal import Signal
from csconnect.stages.before import bands_before
from csconnect.stages.workspace import Workspace
from csconnect.writeback.desired import AccountCard, Roster

if TYPE_CHECKING:
    from csconnect.lake import Snapshot


@dataclass
class Judged(AbstractContextManager["Judged"]):
    """What one day looks like. ``then`` are the scores of ``then_on``; ``reconstructed`` says that they were reckoned from what is
    known today about that day, because the lake did not know it yet as it knows today (architecture, decision 2).

    ``under_old`` are the scores of today under the judgement that ``then`` were scored by, where that is another than today's."""

    computed: Computed
    then: Scores
    then_on: date
    reconstructed: bool
    snapshot: Snapshot
    roster: Roster
    signals: Mapping[str, Signal]
    under_old: Scores | None = None

    @property
    def decimals(self) -> dict[str, int]:
        """Signal -> decimals of its values."""
        return {name: signal.header.decimals for name, signal in self.signals.items()}

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


def judge(
    workspace: Workspace,
    as_of: date,
    *,
    since: date | None = None,
    old: Judgement | None = None,
    expanding: bool = False,
) -> Judged:
    """Score every customer on ``as_of`` and on ``since``, the default card's trend day before it unless given.

    The scores of ``since`` are by ``old``, where that is given, and so are those of ``Judged.under_old``.
    With ``expanding`` it is also said who may be asked to buy more.
    """
    config, library = workspace.config, workspace.library
    cards, today = workspace.cards, in_force(workspace)
    workspace.note("scoring")
    facts = snapshot(workspace, as_of)
    try:
        computed = compute(
            facts.connection,
            cards,
            library.signals,
            as_of,
            renewals=config.renewals.rules(),
            steady=config.stickiness.rule(),
            before=bands_before(workspace, facts) if any(card.bands.hold for card in cards) else None,
            dangers=workspace.dangers,
            expanding=_gate(workspace) if expanding else None,
        )
        under_old = score_by(facts, old, as_of) if old else None
        then_on = since or as_of - timedelta(days=cards.default.trend_days)
        then, reconstructed = scores_on(workspace, facts, old or today, then_on)
        return Judged(
            computed, then, then_on, reconstructed, facts, _roster(workspace, facts), library.signals, under_old
        )
    except BaseException:
        facts.close()
        raise


def _gate(workspace: Workspace) -> ExpansionGate:
    limits = workspace.config.expansion.model_dump(exclude={"enabled"})
    rollups = workspace.library.rollups
    return ExpansionGate(stage=rollups["lifecycle"], purchase=rollups["purchase"], **limits)


def in_force(workspace: Workspace) -> Judgement:
    """What judges today."""
    return Judgement(workspace.cards, workspace.library.signals, workspace.config.renewals.grace_days)


def score_by(facts: Snapshot, judgement: Judgement, day: date, before: Mapping[str, str] | None = None) -> Scores:
    """Score ``facts`` by another judgement."""
    return score(
        facts.connection,
        judgement.cards,
        judgement.signals,
        day,
        grace_days=judgement.grace_days,
        before=before,
    )


def scores_on(workspace: Workspace, facts: Snapshot, judgement: Judgement, day: date) -> tuple[Scores, bool]:
    """The scores of ``day``, and whether they are reconstructed; ``facts`` are those of today."""
    known = _known_on(workspace, day, judgement)
    workspace.note(f"scoring {day}")
    with snapshot(workspace, day, known) as earlier:
        then = score_by(earlier, judgement, day)
    return (then.without(newcomers(facts.connection, day)) if known is None else then), known is None


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


def _known_on(workspace: Workspace, day: date, judgement: Judgement) -> datetime | None:
    """The end of ``day`` if everything that speaks today about health spoke then already; None to reconstruct.

    A connection or an entity that came later would be silent then, and its first words look like a rise or a fall.
    """
    first = workspace.lake.known_since(workspace.config.connections.keys(), sources(judgement))
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
