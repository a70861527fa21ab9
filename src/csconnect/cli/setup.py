"""Commands that set up: init, check, provision."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csconnect.cli.common import format_option, screen, workspace
from csconnect.errors import ConfigError

if TYPE_CHECKING:
    from csconnect.cli.questions import Question
    from csconnect.connectors.protocols import Connector


@click.command()
@click.argument("system", metavar="[salesforce|hubspot|files|...]")
@click.option("--name", help="What to call the connection (default: the system's name).")
@click.option("--defaults", is_flag=True, help="Ask nothing; write the file with defaults, to be edited.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.pass_obj
def init(obj: dict[str, Any], system: str, name: str | None, defaults: bool, force: bool) -> int:
    """Ask what the system's API cannot tell and write a commented csconnect.yaml.

    The system is salesforce, hubspot, files or the connector of a plugin (csconnect plugins lists them). Secrets are never asked for:
    the file refers to environment variables. What to do next is said at the end.
    """
    from csconnect.cli.plugin_questions import plugin_questions, render_plugin
    from csconnect.cli.questions import QUESTIONS, render
    from csconnect.config.load import check_name

    path = Path(obj["config"])
    if path.is_dir():
        raise ConfigError("is a folder", where=str(path), remedy="Name a file: csconnect -c FILE init ...")
    if path.exists() and not force:
        raise ConfigError("the file exists already", where=str(path), remedy="Edit it, or use --force to replace it")
    check_name(name or system, "--name")
    connector = None if system in QUESTIONS else _connector(system)
    output = screen("table")
    answers = {"name": name or system}
    for question in plugin_questions(connector) if connector else QUESTIONS[system]:
        answers[question.name] = question.default if defaults else _asked(question)
    _replace(path, render_plugin(connector, answers) if connector else render(system, answers, path.parent))
    output.say(f"wrote {path}", "green")
    if not _credentials_there(path):
        for line in _next(connector) if connector else NEXT[system]:
            output.say(f"  {line}")
        return 0
    click.get_current_context().invoke(check)
    return 0  # the file is written; what the check found is there to be read


def _connector(name: str) -> Connector:
    from csconnect.connectors.registry import installed

    return installed().connector(name)


def _next(connector: Connector) -> list[str]:
    from csconnect.cli.plugin_questions import needed_variables

    wanted = " ".join(f"{name}=..." for name in needed_variables(connector))
    return [f"1  export {wanted}   then: csconnect check"]


def _replace(path: Path, text: str) -> None:
    """Write ``path`` whole or not at all: a disk that is full must not cost the file that was there."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _asked(question: Question) -> str:
    """The answer of a person; `ConfigError` where nobody is there to give one."""
    try:
        while complaint := question.complaint(answer := str(click.prompt(question.text, default=question.default))):
            click.echo(complaint, err=True)
        return answer.strip()
    except click.Abort:
        if sys.stdin.isatty():
            raise
        remedy = "Run it on a terminal, or use --defaults and edit the file"
        raise ConfigError("the answers ended before the questions; nothing was written", remedy=remedy) from None


def _credentials_there(path: Path) -> bool:
    """Whether everything the file refers to can be read, so that the connection can be checked at once."""
    from csconnect.errors import SecretError
    from csconnect.stages.workspace import Workspace, resolve_settings

    with Workspace.load(path) as space:
        try:
            for connection in space.config.connections.values():
                model = space.registry.connector(connection.connector).settings
                resolve_settings(model, connection.settings, space.config.root)
        except SecretError:
            return False
    return True


NEXT = {
    "salesforce": [
        "1  Setup → External Client App Manager → New: enable OAuth, scope 'Manage user data via APIs (api)', client credentials flow",
        "2  Policies: run as an integration user, who gets the permission set CSConnect_Integration (csconnect provision)",
        "3  export SF_CLIENT_ID=... SF_CLIENT_SECRET=...   then: csconnect check",
    ],
    "hubspot": [
        "1  Development → Keys → Service keys → Create: scopes as docs/hubspot.md lists them",
        "2  export HUBSPOT_SERVICE_KEY=pat-...   then: csconnect check",
    ],
    "files": ["1  put your exports where the file says   then: csconnect check, csconnect pull, csconnect score"],
}


@click.command()
@click.argument("connections", nargs=-1)
@format_option
@click.pass_obj
def check(obj: dict[str, Any], connections: tuple[str, ...], form: str) -> int:
    """Check CONNECTIONS (default: all): credentials, org, permissions, fields, quota. Never writes.

    Every line that is not fine says exactly how to mend it.
    """
    from csconnect.model.values import Level
    from csconnect.report.check import show_findings
    from csconnect.stages.check import check as look

    output = screen(form)
    with workspace(obj, output) as space:
        found = {name: look(space, name) for name in connections or space.config.connections}
        output.data({name: [finding.model_dump(mode="json") for finding in each] for name, each in found.items()})
        for name, findings in found.items():
            show_findings(output, name, findings)
    return 1 if any(f.level is Level.ERROR for each in found.values() for f in each) else 0


@click.command()
@click.argument("connection", required=False)
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write a folder for the vendor's own deployment tool.",
)
@click.option("--apply", "make", is_flag=True, help="Create what is missing through the API.")
@format_option
@click.pass_obj
def provision(obj: dict[str, Any], connection: str | None, folder: Path | None, make: bool, form: str) -> int:
    """List the fields that write-back needs in CONNECTION (default: all homes), and which of them are missing.

    Existing fields can be used instead: name them in a mapping file of your own. Exit code 2 when something is missing.
    """
    from csconnect.stages import provision as stage

    output = screen(form)
    states: list[str] = []
    data: dict[str, Any] = {}
    with workspace(obj, output) as space:
        if not connection and not space.config.homes:
            raise ConfigError("no connection is a home", where=str(obj["config"]), remedy="Give one of them home: true")
        for name in [connection] if connection else space.config.homes:
            if folder:
                files = stage.export(space, name)
                place = folder / name if connection is None else folder
                _write_tree(place, files)
                output.line("export", f"{name}: {place}")
                data[name] = sorted(files)
                continue
            steps = stage.provision(space, name, apply=make)
            states += [step.state for step in steps]
            output.table([name.upper(), "WHERE", "STATE", ""], [[s.what, s.where, s.state, s.detail] for s in steps])
            data[name] = [vars(step) for step in steps]
        output.data(data)
    if "failed" in states:
        return 1
    return 2 if {"missing", "hidden"} & set(states) else 0


def _write_tree(folder: Path, files: dict[str, str]) -> None:
    for relative, text in files.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
