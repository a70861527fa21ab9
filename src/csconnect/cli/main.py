"""``csconnect``: the command group. Commands are imported when they are called, so that ``--help`` stays quick."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from csconnect.cli.common import INTERRUPTED
from csconnect.errors import CsconnectError

GROUP = "csconnect.commands"

COMMANDS = {
    "init": ("setup:init", "Ask what is needed and write csconnect.yaml."),
    "check": ("setup:check", "Check credentials, permissions and fields of every connection; never writes."),
    "provision": ("setup:provision", "List, export or create the fields that write-back needs."),
    "pull": ("run:pull", "Read what is new into the lake."),
    "score": ("run:score", "Compute scores from the lake and show them."),
    "plan": ("run:plan", "Show what would be written; writes nothing."),
    "apply": ("run:apply", "Write exactly what a plan says."),
    "sync": ("run:sync", "Pull, compute and plan; with --apply also write."),
    "undo": ("run:undo", "Take back what a run wrote."),
    "unlock": ("run:unlock", "Break the lock that a run on a lost machine left behind."),
    "explain": ("look:explain", "Say why an account has the score it has."),
    "quality": ("look:quality", "Say what the scores stand on: coverage, outliers, contradictions."),
    "retention": ("retention:retention", "Say what a period kept, lost and won: every rate with its base."),
    "expansions": ("expansion:expansions", "List who has a reason to buy more, and what holds the others back."),
    "renewals": ("renewals:renewals", "List what is due: amount, state, owner, what is open, what does not fit."),
    "runs": ("look:runs", "List past runs."),
    "quarantine": ("look:quarantine", "List records that were set aside, and why."),
    "fold": ("look:fold", "Compact the lake; no view of today changes."),
    "plugins": ("look:plugins", "List installed plugins and their state."),
    "test": ("cards:test", "Run the example cases that scorecards carry."),
    "mapping": ("mapping:mapping", "Check mapping files; print their JSON Schema."),
}
"""Name -> (module:attribute below csconnect.cli, one line of help)."""


class Commands(click.Group):
    """Core commands from a table, plugins' commands from entry-point names; neither is imported to be listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *sorted(_plugin_commands())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            module, attribute = COMMANDS[cmd_name][0].split(":")
            found: click.Command = getattr(importlib.import_module(f"csconnect.cli.{module}"), attribute)
            return found
        point = _plugin_commands().get(cmd_name)
        return _load(point) if point else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
        offered = _plugin_commands()
        if offered:
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(name, f"from {_origin(offered[name])}") for name in sorted(offered)])


def _plugin_commands() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP) if point.name not in COMMANDS}


def _origin(point: EntryPoint) -> str:
    return point.dist.metadata["Name"] if point.dist else point.value


def _load(point: EntryPoint) -> click.Command:
    try:
        command: click.Command = point.load()
    except Exception as error:  # a broken plugin is that plugin's failure, named as such
        raise CsconnectError(
            f"its command {point.name!r} cannot be loaded ({type(error).__name__})",
            where=_origin(point),
            remedy="Reinstall or remove the plugin; csconnect plugins shows its state",
            code="E-PLUGIN",
        ) from None
    return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="csconnect")
@click.option("-c", "--config", default="csconnect.yaml", show_default=True, help="The configuration file.")
@click.option("--debug", is_flag=True, help="Show a traceback when something unforeseen happens.")
@click.pass_context
def cli(ctx: click.Context, config: str, debug: bool) -> None:
    """The customer-success brain for the CRM you already have.

    csconnect pulls usage, contracts, tickets and touchpoints from your systems, computes health and renewals, shows the
    difference to what your CRM says as a plan, and writes it back when you say so. Everything it writes can be undone.

    Exit codes: 0 done or nothing to do, 2 the plan has changes, 3 written in part, 4 stopped by a guard, 1 error,
    130 stopped by Ctrl-C.
    """
    ctx.obj = {"config": config, "debug": debug}


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; whatever goes wrong, a person gets one clear sentence."""
    try:
        result: Any = cli.main(args=list(argv) if argv is not None else None, standalone_mode=False)
    except CsconnectError as error:
        return _say(str(error), error.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _say("Stopped. Run the same command again to go on.", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        return 1
    except BrokenPipeError:
        return 1
    except Exception as error:  # the last line of defence: no traceback reaches a user
        if "--debug" in (argv if argv is not None else sys.argv):
            raise
        if isinstance(error, OSError) and error.errno is not None:
            return _say(str(_of_the_disk(error)), 1)
        return _say(
            f"Something unforeseen happened ({type(error).__name__}). Nothing is lost: what was written is in the ledger. "
            "Run again with --debug to see more, and please report it. (E-BUG)",
            1,
        )
    return result if isinstance(result, int) else 0


def _of_the_disk(error: OSError) -> CsconnectError:
    """A file or folder that nobody foresaw: missing, not ours, or no space left. Its name is a place, never a value."""
    return CsconnectError(
        f"cannot be read or written ({error.strerror})",
        where=str(error.filename or "a file"),
        remedy="See that the folder is there, that this user may write to it, and that the disk has space",
        code="E-FILE",
    )


def _say(text: str, code: int) -> int:
    click.echo(text, err=True)
    return code


def main() -> None:
    """Entry point of the ``csconnect`` script."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal or log that cannot spell a customer's name shows "?", and the run goes on.
        sys.stdout.reconfigure(errors="replace")
    sys.exit(run())
