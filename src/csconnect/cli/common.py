"""Options and helpers that commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from csconnect.errors import PlanError

if TYPE_CHECKING:
    from csconnect.model.values import Plan, Receipt
    from csconnect.report.screen import Screen
    from csconnect.stages.workspace import Workspace
    from csconnect.writeback import ApplyResult

Command = TypeVar("Command", bound=Callable[..., Any])
INTERRUPTED = 130
"""Exit code of a command that Ctrl-C stopped, even where part of the work is done."""
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a date has no zone
        except ValueError:
            self.fail(f"{value!r} is not a date like 2026-11-22", param, ctx)
        if not EARLIEST <= day <= LATEST:
            self.fail(f"{value!r} is not between {EARLIEST} and {LATEST}", param, ctx)
        return day


def format_option(command: Command) -> Command:
    """``--format table|json``."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json"]),
        default="table",
        show_default=True,
        help="Output for people or machines.",
    )(command)


def as_of_option(command: Command) -> Command:
    """``--as-of DATE``."""
    return click.option("--as-of", type=Day(), help="Compute for this day (default: today, UTC).")(command)


def because_option(command: Command) -> Command:
    """``--because TEXT``."""
    return click.option("--because", default="", help="The reason for which a guard that stopped the run is lifted.")(
        command
    )


def exit_code(result: ApplyResult) -> int:
    """0 all done, 3 written in part, 130 when Ctrl-C stopped it (docs/exit-codes.md)."""
    return INTERRUPTED if result.interrupted else result.exit_code


def screen(form: str) -> Screen:
    """Where a command prints: tables and progress for people, one JSON value for machines."""
    from csconnect.report.screen import Screen

    return Screen(form)


@contextmanager
def workspace(context: dict[str, Any], output: Screen) -> Iterator[Workspace]:
    """The workspace of ``--config``, closed at the end; broken plugins are named once."""
    from csconnect.stages.workspace import Workspace

    try:
        with Workspace.load(Path(context["config"]), note=output.note) as opened:
            for plugin in opened.registry.plugins:
                if plugin.problem:
                    output.warn(f"plugin {plugin.name} is switched off: {plugin.problem}")
            yield opened
    finally:
        output.done()


@dataclass
class Booking:
    """A run under way; what a command says of its end goes into the ledger."""

    id: str
    outcome: str = "done"
    summary: dict[str, Any] = field(default_factory=dict)
    receipts: Sequence[Receipt] = ()

    def wrote(self, result: ApplyResult) -> None:
        """Say what became of the changes."""
        from csconnect.sync import outcomes

        self.receipts = result.receipts
        self.outcome = "done" if result.complete else "partial"
        self.summary = {"changes": result.planned, "outcomes": outcomes(result)}


@contextmanager
def booked(space: Workspace, kind: str, plan_of: str | None = None, because: str = "") -> Iterator[Booking]:
    """A run in the ledger around one command: its id, the reason given for it, and how it ended."""
    from csconnect.stages.ended import end_run

    run = space.ledger.start_run(kind, space.today, space.config.digest[:16], because, plan_of)
    booking = Booking(run.id)
    try:
        yield booking
    except BaseException as error:
        end_run(space, run.id, error)
        raise
    end_run(space, run.id, booking.outcome, booking.summary, booking.receipts)


def newest_plan(space: Workspace) -> Plan:
    """The plan made last; `PlanError` when there is none."""
    run_id = space.ledger.newest_plan()
    if run_id is None:
        raise PlanError("no plan was made yet", remedy="Make one with: csconnect plan")
    return space.ledger.load_plan(run_id)
