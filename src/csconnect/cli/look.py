"""Commands that look after what there is: explain, quality, runs, quarantine, fold, plugins."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from csconnect.cli.common import Day, as_of_option, format_option, screen, workspace

if TYPE_CHECKING:
    from csconnect.report.screen import Screen
    from csconnect.stages.workspace import Workspace

EVERY = "*"
"""What ``--lineage`` means without a signal."""


@click.command()
@click.argument("account")
@as_of_option
@click.option("--since", type=Day(), help="Compare with this day (default: the card's trend day before).")
@click.option(
    "--lineage",
    is_flag=False,
    flag_value=EVERY,
    metavar="[SIGNAL]",
    help="Also say from which records each signal (or only SIGNAL) comes: system, object, fields, when it happened, when we learnt it.",
)
@format_option
@click.pass_obj
def explain(
    obj: dict[str, Any], account: str, as_of: date | None, since: date | None, lineage: str | None, form: str
) -> int:
    """Say why ACCOUNT (its name, id or key) has the score it has: every part, where it moved and why, what would lift it.

    Where cards, signals or days of grace are others than those of the last run on or before the day of comparison, what customers did
    and what the configuration did are told apart; together they are the whole change.
    """
    from csconnect.report.explain import as_data, show_explanation
    from csconnect.report.lineage import lineage_data, show_lineage
    from csconnect.stages.change import judge_since
    from csconnect.stages.explain import explain as take_apart
    from csconnect.stages.lineage import trace

    output = screen(form)
    with workspace(obj, output) as space:
        judging, past = judge_since(space, as_of or space.today, since)
        with judging as judged:
            found = take_apart(judged, account)
            data = as_data(found, judged, past)
            show_explanation(output, found, judged, past)
            if lineage is not None:
                origins = trace(space, judged, found, None if lineage == EVERY else lineage)
                show_lineage(output, origins)
                data["lineage"] = lineage_data(origins)
            output.data(data)
    return 0


@click.command()
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Every signal of the library, not only those of the cards and dangers in force.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=3,
    show_default=True,
    help="How many outliers of a signal and records of a contradiction to show; 0 for all.",
)
@as_of_option
@format_option
@click.pass_obj
def quality(obj: dict[str, Any], every: bool, limit: int, as_of: date | None, form: str) -> int:
    """Say what the scores stand on: how many customers each signal knows, values far outside the rest, and facts that contradict
    each other, with what to do about them. Reads the lake and no system, and writes nothing.
    """
    from csconnect.report.quality import show_quality
    from csconnect.stages.quality import examine

    output = screen(form)
    with workspace(obj, output) as space:
        show_quality(output, examine(space, as_of or space.today, every=every), limit or None)
    return 0


@click.command()
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many, the newest first.")
@format_option
@click.pass_obj
def runs(obj: dict[str, Any], limit: int, form: str) -> int:
    """List past runs: when, what, how they ended and what they wrote."""
    output = screen(form)
    with workspace(obj, output) as space:
        found = space.ledger.runs(limit)
        output.data([vars(run) for run in found])
        output.table(
            ["RUN", "KIND", "STARTED", "AS OF", "OUTCOME", "CHANGES", "REASON"],
            [
                [r.id, r.kind, f"{r.started_at:%Y-%m-%d %H:%M}", r.as_of, r.outcome, r.summary.get("changes"), r.reason]
                for r in found
            ],
        )
    return 0


@click.command()
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many to show; 0 for all.")
@click.option(
    "--accounts", is_flag=True, help="List instead the accounts that rows name and nobody is, or several are."
)
@format_option
@click.pass_obj
def quarantine(obj: dict[str, Any], limit: int, accounts: bool, form: str) -> int:
    """List records that were set aside, with the field, the class of its value and the reason. Mend them in their system; the
    next pull takes them in.

    With --accounts: whose rows are left out because no customer is known by that name (unmatched), or because two accounts
    carry the same match key (ambiguous).
    """
    output = screen(form)
    with workspace(obj, output) as space:
        if accounts:
            _show_nameless(output, space, limit)
            return 0
        found = space.lake.quarantine().to_pylist()
        shown = found[: limit or None]
        output.data(found)
        output.table(
            ["CONNECTION", "ENTITY", "ID", "FIELD", "VALUE", "REASON"],
            [[r["_connection"], r["entity"], r["source_id"], r["field"], r["value_class"], r["reason"]] for r in shown],
        )
        output.say(f"{len(found):,} records set aside" if found else "nothing is set aside", "dim")
    return 0


def _show_nameless(output: Screen, space: Workspace, limit: int) -> None:
    from csconnect.stages.score import snapshot

    with closing(snapshot(space, space.today)) as facts:
        found = facts.nameless().to_pylist()
    output.data(found)
    output.table(
        ["CONNECTION", "ACCOUNT", "ROWS", "REASON"],
        [[row["connection"], row["account"], row["rows"], row["reason"]] for row in found[: limit or None]],
    )
    output.say(
        f"{len(found):,} accounts that rows name are not known, or not for sure" if found else "all are known", "dim"
    )


@click.command()
@click.option(
    "--keep-history", is_flag=True, help="Keep superseded versions, so that any past moment can still be asked for."
)
@format_option
@click.pass_obj
def fold(obj: dict[str, Any], keep_history: bool, form: str) -> int:
    """Compact all runs so far into one file an entity; what the lake says of today does not change.

    Without --keep-history superseded versions go, and what was known before now cannot be asked for any more.
    """
    output = screen(form)
    with workspace(obj, output) as space:
        output.note("folding")
        before = len(space.lake.manifests())
        made = space.lake.fold(keep_history=keep_history)
        removed = space.lake.sweep()
        files = len(made.files) if made else 0
        output.line("fold", f"{before:,} runs are now {files:,} files; {len(removed):,} old files removed")
        output.data({"runs": before, "files": files, "removed": len(removed)})
    return 0


@click.command()
@click.option("--strict", is_flag=True, help="Fail when a plugin does not load.")
@format_option
@click.pass_obj
def plugins(obj: dict[str, Any], strict: bool, form: str) -> int:
    """List installed plugins; one that is broken is switched off and says why."""
    from csconnect.connectors.registry import installed

    output, found = screen(form), installed()
    output.data([vars(plugin) for plugin in found.plugins])
    output.table(
        ["PLUGIN", "DISTRIBUTION", "VERSION", "STATE"],
        [[p.name, p.distribution, p.version, p.problem or "ok"] for p in found.plugins],
    )
    output.say(f"connectors: {', '.join(sorted(found.connectors)) or 'none'}", "dim")
    return 1 if strict and any(plugin.problem for plugin in found.plugins) else 0
