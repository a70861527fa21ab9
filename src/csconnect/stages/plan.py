"""The difference between what the CRM says and what it should say, guarded and frozen."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from csconnect.errors import PlanStaleError
from csconnect.model.values import Plan
from csconnect.stages.accepted import against_accepted
from csconnect.stages.existing import existing_records
from csconnect.stages.pull import PullReport
from csconnect.stages.renewals import due_list_for
from csconnect.stages.score import Judged
from csconnect.stages.workspace import Workspace
from csconnect.writeback import Guards, History, Options, Writer, Writers, diff, guard, make_plan
from csconnect.writeback.desired import build_desired

ENTITIES = ("account", "opportunity", "task")


def plan(
    workspace: Workspace, judged: Judged, run_id: str, pulled: PullReport | None = None, because: str = ""
) -> Plan:
    """Plan all write-back of ``judged``; nothing is sent, and what guards held back is said in the plan."""
    config, ledger = workspace.config, workspace.ledger
    workspace.note("planning")
    require_read_since_written(workspace)
    writers = writers_of(workspace)
    as_of = judged.computed.as_of
    first = ledger.first_written_on()
    changes = diff(
        build_desired(judged.computed, judged.trend(), judged.roster, due_list_for(workspace, judged, writers)),
        existing_records(judged.snapshot),
        writers,
        today=as_of,
        options=Options(
            snooze_days=config.guards.snooze_days,
            held=ledger.holds(),
            scope=frozenset(judged.roster.accounts),
            gone_notes={card.id: judged.roster.words(card).closed for card in judged.roster.accounts.values()},
            no_work_before=(first or as_of) - timedelta(days=config.renewals.grace_days),
        ),
        history=History(ledger.written(), ledger.withdrawn(), ledger.made()),
    )
    guarded = guard(
        changes,
        writers,
        Guards(
            shrink=config.guards.pull_shrink / 100,
            bands=config.guards.band_change / 100,
            new_tasks=config.guards.tasks_per_owner,
            new_opportunities=config.guards.opportunities_per_owner,
            tasks=True,
            opportunities=True,
        ),
        pulls=against_accepted(workspace, judged) or (pulled.live if pulled else {}),
        accounts=len(judged.roster.accounts),
        first_run=first is None,
        because=because,
    )
    connections = sorted({writer.connection for writer in writers})
    made = make_plan(
        guarded.changes,
        run_id=run_id,
        made_at=workspace.now(),
        as_of=as_of,
        config_hash=config_hash(workspace),
        orgs={name: workspace.org(name) for name in connections},
        pulls=latest_pulls(workspace, connections),
        guards=guarded.guards,
        targets={name: workspace.target(name) for name in connections if workspace.writable(name)},
    )
    ledger.save_plan(made)
    return made


def require_read_since_written(workspace: Workspace) -> None:
    """Raise `PlanStaleError` for a home that was written to after its last pull: the lake still says what was there before,
    so all of it would be planned once more, and our own values be taken for a person's edits."""
    pulls = latest_pulls(workspace, list(workspace.config.homes))
    for name, run_id in pulls.items():
        pull, written = workspace.ledger.run(run_id), workspace.ledger.last_written_at(name)
        if pull and written and written > pull.started_at:
            raise PlanStaleError(
                "was written to after its last pull, so the lake does not say how it stands now",
                where=name,
                remedy="Run csconnect sync, or csconnect pull and then csconnect plan",
            )


def writers_of(workspace: Workspace, *, all_entities: bool = False) -> Writers:
    """A writer for every entity of every home connection that its owner has switched on, or for all that can be written
    (an undo must reach what was written before a switch was turned off)."""
    writers = []
    for name in workspace.config.homes:
        switches = workspace.connection(name).write_back
        for entity in ENTITIES:
            mappings = workspace.whole_mappings(name) if all_entities else workspace.mappings(name)
            mapping = mappings.writer(entity)
            if mapping is not None and (all_entities or getattr(switches, entity)):
                if workspace.writable(name):
                    mapping = mapping.written_where(workspace.source(name).describe(mapping.object).fields)
                writers.append(Writer(name, mapping))
    return Writers(writers)


def config_hash(workspace: Workspace) -> str:
    """Hash of everything in force that a person may write (configuration, scorecards, signals and phrases, mappings of the homes):
    a plan made under another is stale."""
    mappings = [(name, replace(each, file="")) for name in workspace.config.homes for each in workspace.mappings(name)]
    rest = hashlib.sha256(repr((workspace.library, mappings)).encode()).hexdigest()
    return f"{workspace.config.digest[:16]}/{workspace.cards.stamp}/{rest[:16]}"


def latest_pulls(workspace: Workspace, connections: list[str]) -> dict[str, str]:
    """Connection -> run id of its newest pull."""
    newest = workspace.lake.pulls()
    return {name: newest[name] for name in connections if name in newest}
