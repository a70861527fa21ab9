"""Commands that run the flow: pull, score, plan, apply, sync, undo, unlock."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csconnect.cli.common import (
    INTERRUPTED,
    as_of_option,
    because_option,
    booked,
    exit_code,
    format_option,
    newest_plan,
    screen,
    workspace,
)
from csconnect.errors import PlanError

if TYPE_CHECKING:
    from csconnect.stages.workspace import Workspace


@click.command()
@click.argument("connections", nargs=-1)
@click.option("--full", is_flag=True, help="Read everything again, not only what is new.")
@because_option
@format_option
@click.pass_obj
def pull(obj: dict[str, Any], connections: tuple[str, ...], full: bool, because: str, form: str) -> int:
    """Read what is new in CONNECTIONS (default: all) into the lake.

    Facts and cursors are stored together or not at all, so a pull that fails can simply be run again.
    """
    from csconnect.report.run import show_pull
    from csconnect.stages.pull import pull as read

    output = screen(form)
    with workspace(obj, output) as space:
        with booked(space, "pull", because=because) as run:
            report = read(space, run.id, connections, full=full, because=because)
        show_pull(output, report)
        output.data(
            {
                each.connection: {"rows": dict(each.rows), "rejected": each.rejected, "calls": each.calls}
                for each in report.connections
            }
        )
    return 0


@click.command()
@as_of_option
@click.option("--band", type=click.Choice(["red", "yellow", "green", "unknown"]), help="Only accounts of this colour.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=25,
    show_default=True,
    help="How many accounts to show, the worst first; 0 for all.",
)
@click.option("--by-line", is_flag=True, help="A score for each product line that an account has.")
@format_option
@click.pass_obj
def score(obj: dict[str, Any], as_of: date | None, band: str | None, limit: int, by_line: bool, form: str) -> int:
    """Compute scores from what is in the lake, and show them; reads no system and writes nothing."""
    from csconnect.report.scores import show_line_scores, show_scores
    from csconnect.stages.score import judge, judge_lines

    output = screen(form)
    with workspace(obj, output) as space, judge(space, as_of or space.today) as judged:
        if by_line:
            show_line_scores(output, judged, judge_lines(space, judged), band, limit or None)
        else:
            show_scores(output, judged, band, limit or None)
    return 0


@click.command()
@as_of_option
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Also save the plan, for csconnect apply FILE."
)
@because_option
@click.option("--all", "everything", is_flag=True, help="Show every line.")
@format_option
@click.pass_obj
def plan(obj: dict[str, Any], as_of: date | None, out: Path | None, because: str, everything: bool, form: str) -> int:
    """Show the difference between what the lake says and what the CRM says; writes nothing. Exit code 2 when there is one.

    Refused when the CRM was written to after the last pull: then only csconnect sync, or a pull, knows what it says.
    """
    from csconnect.report.plan import show_plan
    from csconnect.sync import sync as run
    from csconnect.writeback import save_plan

    output = screen(form)
    with workspace(obj, output) as space:
        report = run(space, as_of=as_of, because=because, fetch=False)
        if report.plan is None:
            return 1
        if out:
            save_plan(report.plan, out)
        show_plan(output, report.plan, None if everything else 40, len(space.ledger.holds()), report.band_changes)
    return report.exit_code


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@format_option
@click.pass_obj
def apply(obj: dict[str, Any], file: Path | None, form: str) -> int:
    """Write exactly what the plan in FILE says (default: the last plan made).

    Refused when the plan was edited, is too old, or when a newer pull, another org or another configuration makes it stale.
    Killed halfway, it can be run again: nothing is doubled.
    """
    from csconnect.report.run import show_applied
    from csconnect.stages.apply import apply as write
    from csconnect.sync import outcomes
    from csconnect.writeback import load_plan

    output = screen(form)
    with workspace(obj, output) as space:
        found = load_plan(file) if file else newest_plan(space)
        with booked(space, "apply", plan_of=found.run_id) as run:
            result = write(space, found, output.progress("writing"))
            run.wrote(result)
        show_applied(output, result)
        output.data({"run": found.run_id, "outcomes": outcomes(result)})
    return exit_code(result)


@click.command()
@as_of_option
@click.option("--apply", "write", is_flag=True, help="Also write what the plan says.")
@because_option
@format_option
@click.pass_obj
def sync(obj: dict[str, Any], as_of: date | None, write: bool, because: str, form: str) -> int:
    """Pull, compute and plan; stops there unless --apply is given. This is the line for cron."""
    from csconnect.report.plan import show_plan
    from csconnect.report.run import show_applied, show_bands, show_closed, show_pull
    from csconnect.sync import SyncReport, summary
    from csconnect.sync import sync as run

    output = screen(form)

    def seen(stage: str, report: SyncReport) -> None:
        if stage == "pull" and report.pulled:
            show_pull(output, report.pulled)
        elif stage == "score":
            show_bands(output, report)
        elif stage == "close":
            show_closed(output, report)
        elif stage == "plan" and report.plan and not output.json:
            show_plan(output, report.plan, 20, len(space.ledger.holds()), report.band_changes)
        elif stage == "apply" and report.applied:
            show_applied(output, report.applied, report.seconds["apply"])

    with workspace(obj, output) as space:
        report = run(space, as_of=as_of, write=write, because=because, progress=output.progress("writing"), seen=seen)
        output.line("time", " · ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report.seconds.items()))
        output.data({"run": report.run_id, **summary(report)})
    return INTERRUPTED if report.applied is not None and report.applied.interrupted else report.exit_code


@click.command()
@click.argument("run_id", required=False)
@click.option("--release", is_flag=True, help="Let go of the accounts that an undo has held.")
@format_option
@click.pass_obj
def undo(obj: dict[str, Any], run_id: str | None, release: bool, form: str) -> int:
    """Take back what run RUN_ID (default: the last that wrote) has written; csconnect runs lists them.

    Fields go back to what they were wherever our value still stands; records we created are closed as withdrawn, never
    deleted. The accounts are then held, so that the next run does not simply do it again, until --release.
    """
    from csconnect.report.run import show_undo
    from csconnect.report.screen import counted
    from csconnect.stages.apply import undo as take_back

    output = screen(form)
    with workspace(obj, output) as space:
        if release:
            count = space.ledger.release()
            output.line("release", f"{counted(count, 'account')} let go")
            output.data({"released": count})
            return 0
        wanted = _writing_run(space, run_id)
        with booked(space, "undo", plan_of=wanted) as run:
            result = take_back(space, wanted, output.progress("undoing"))
            run.wrote(result.applied)
        show_undo(output, result)
        output.data({"held": len(result.held), "left": len(result.left), "changes": len(result.plan.changes)})
    return exit_code(result.applied)


def _writing_run(space: Workspace, run_id: str | None) -> str:
    """The run whose plan is to be taken back: an apply is named by its own id or by that of the plan it wrote."""
    if run_id is None:
        last = space.ledger.last_written_run()
        if last is None:
            raise PlanError("no run has written anything yet", remedy="csconnect runs lists all runs")
        return last
    run = space.ledger.run(run_id)
    if run is None:
        raise PlanError(f"there is no run {run_id!r}", remedy="csconnect runs lists all runs")
    return run.plan_of or run.id


@click.command()
@format_option
@click.pass_obj
def unlock(obj: dict[str, Any], form: str) -> int:
    """Break the lock on writing that a run on a lost machine left behind.

    A lock left on this machine needs no breaking: it ends with its process. Make sure that no other machine is writing.
    """
    output = screen(form)
    with workspace(obj, output) as space:
        broken = space.ledger.unlock("apply")
        output.line("unlock", "the lock is broken" if broken else "there was no lock")
        output.data({"broken": broken})
    return 0
