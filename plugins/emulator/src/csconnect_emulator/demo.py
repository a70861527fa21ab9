"""``csconnect demo``: the whole story on this machine, in about a minute, against the emulator as a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from csconnect.report.screen import Screen
    from csconnect.stages.score import Judged
    from csconnect.stages.workspace import Workspace

HERO = "Acme Robotics"

CONFIG = """\
# Written by csconnect demo. Secrets come from the environment of the demo's own process.
version: 1
guards: {{tasks_per_owner: 1000, opportunities_per_owner: 1000}}   # the demo shows everything at once; the default is 20
connections:
  northwind:
    connector: salesforce
    home: true
    language: en
    customers: {{field: Type, values: [Customer]}}
    settings:
      instance_url: {salesforce}
      auth: client_credentials
      client_id: env:DEMO_SF_CLIENT_ID
      client_secret: env:DEMO_SF_CLIENT_SECRET
      ca_file: {ca}
    write_back:
      account: true
      opportunity: true
      task: true
      settings: {{stage: Prospecting, void_stage: Withdrawn}}
  lantu:
    connector: hubspot
    home: true
    language: zh
    customers: {{field: lifecyclestage, values: [customer]}}
    settings:
      base_url: {hubspot}
      token: env:DEMO_HUBSPOT_TOKEN
    write_back:
      account: true
      opportunity: true
      task: true
      settings: {{pipeline: default, stage: appointmentscheduled, void_stage: withdrawn}}
  usage:
    connector: files
    match: id            # the tenant ids in these files are the accounts' match keys
    settings:
      tables:
        usage: {files}/usage/*.parquet
        modules: {files}/modules.csv
        goals: {files}/goals.csv
        advocacy: {files}/advocacy.csv
        readings: {files}/readings.csv
        role_changes: {files}/role_changes.csv
        payments: {files}/payments.csv
        quotas: {files}/quotas.csv
        commitments: {files}/commitments.csv
        projects: {files}/projects.csv
        concerns: {files}/concerns.csv
        needs: {files}/needs.csv
        consumption: {files}/consumption.csv
"""


@dataclass(frozen=True)
class Server:
    """Where the emulator listens and how to log in."""

    salesforce: str
    hubspot: str
    ca: str
    secrets: dict[str, str]


@click.command()
@click.option("--accounts", default=360, show_default=True, help="How many customers to make up.")
@click.option("--days", default=365, show_default=True, help="How many days of usage.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same customers.")
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True,
              help="Where everything goes; emptied first.")  # fmt: skip
def demo(accounts: int, days: int, seed: int, folder: Path) -> int:
    """See the whole story without an account anywhere: a Salesforce org and a HubSpot portal on this machine.

    Reads both, computes health and renewals, shows the plan, writes it, plans again, explains one score, and undoes it all.
    """
    from csconnect.report.screen import Screen
    from csconnect.stages.workspace import Workspace

    screen = Screen()
    if folder.exists():
        _only_ours(folder)
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / ".csconnect-demo").touch()
    with serving(folder, accounts, days, seed) as server:
        screen.line("emulator", f"Salesforce org on {server.salesforce} · HubSpot portal on {server.hubspot}")
        os.environ.update(server.secrets)
        config = folder / "csconnect.yaml"
        files = (folder / "emulator" / "files").resolve()
        text = CONFIG.format(salesforce=server.salesforce, hubspot=server.hubspot, ca=server.ca, files=files)
        config.write_text(text, "utf-8")
        with Workspace.load(config, note=screen.note) as space:
            failed = _story(screen, space)
            screen.done()
    screen.say("")
    screen.say("Done. Nothing left this machine." if not failed else f"The story did not hold: {failed}", "bold")
    screen.say("Next: docs/salesforce.md (15 minutes) · docs/hubspot.md (10 minutes) · your own exports: docs/files.md")
    return 1 if failed else 0


def _story(screen: Screen, space: Workspace) -> str:
    """Tell it; returns what did not hold, empty when all did."""
    from csconnect.report.explain import show_explanation
    from csconnect.report.plan import show_plan
    from csconnect.report.run import show_applied, show_bands, show_pull, show_undo
    from csconnect.stages.apply import apply, undo
    from csconnect.stages.explain import explain
    from csconnect.stages.provision import provision
    from csconnect.stages.score import judge
    from csconnect.sync import SyncReport, sync

    for name in space.config.homes:
        states = Counter(step.state for step in provision(space, name, apply=True))
        screen.line("provision", f"{name}: " + ", ".join(f"{count} {state}" for state, count in sorted(states.items())))

    def seen(stage: str, report: SyncReport) -> None:
        if stage == "pull" and report.pulled:
            show_pull(screen, report.pulled)
        if stage == "score":
            show_bands(screen, report)

    first = sync(space, seen=seen)
    plan = first.plan
    if plan is None or not plan.changes:
        return "the first plan is empty"
    screen.line("plan", "")
    show_plan(screen, plan, 14)
    result = apply(space, plan, screen.progress("writing"))
    show_applied(screen, result)
    if not result.complete:
        return "not everything was written"

    again = sync(space)
    left = len(again.plan.changes) if again.plan else 0
    screen.line("plan again", "nothing to change" if not left else f"{left} changes left")
    with judge(space, space.today) as judged:
        found = explain(judged, HERO)
        screen.line("explain", "")
        show_explanation(screen, found, judged)
        where = {
            entity: _homes_of(judged, entity, found.account.id) for entity in ("contract", "ticket", "usage_module_day")
        }
        screen.line("joined", f"{HERO}: contract in {where['contract']}, tickets in {where['ticket']}, "
                    f"usage in {where['usage_module_day']}")  # fmt: skip
        joined = where["contract"] == "northwind" and where["ticket"] == "lantu"
    screen.say("")
    taken_back = undo(space, plan.run_id, screen.progress("undoing"))
    show_undo(screen, taken_back)
    remains = _remains(space)
    screen.line("", f"read again: {remains} of our values or open records left")
    if left:
        return "the second plan was not empty"
    if not joined:
        return f"{HERO} should have its contract in northwind and its tickets in lantu"
    return "something of ours was left after the undo" if remains or taken_back.left else ""


def _homes_of(judged: Judged, entity: str, account: str) -> str:
    """The connections in which an account has records of ``entity``."""
    query = f'SELECT DISTINCT _connection FROM "{entity}" WHERE account_id = ? ORDER BY 1'  # noqa: S608
    return ", ".join(row[0] for row in judged.snapshot.connection.execute(query, [account]).fetchall()) or "nowhere"


def _remains(space: Workspace) -> int:
    """After an undo: account fields of ours with a value, and records of ours that are open, as both systems tell it now."""
    from csconnect.stages.existing import existing_records
    from csconnect.stages.pull import pull
    from csconnect.stages.score import snapshot
    from csconnect.writeback import State

    run = space.ledger.start_run("pull", space.today)
    pull(space, run.id, space.config.homes)
    space.ledger.finish_run(run.id, "done")
    with snapshot(space, space.today) as facts:
        records = list(existing_records(facts))
    fields = sum(
        value not in (None, "") for item in records if item.entity == "account" for value in item.owned.values()
    )
    return fields + sum(
        item.entity != "account" and item.key is not None and item.status is State.OPEN for item in records
    )


def _only_ours(folder: Path) -> None:
    from csconnect.errors import ConfigError

    if any(folder.iterdir()) and not (folder / ".csconnect-demo").exists():
        raise ConfigError("this folder is not one the demo made", where=str(folder), remedy="Name another with --dir")


@contextmanager
def serving(folder: Path, accounts: int, days: int, seed: int) -> Iterator[Server]:
    """The emulator as a process of its own, stopped at the end whatever happens."""
    command = [sys.executable, "-c", "from csconnect.cli.main import main; main()", "emulator"]
    command += ["--accounts", str(accounts), "--days", str(days), "--seed", str(seed)]
    command += ["--data", str(folder / "emulator"), "--salesforce-port", "0", "--hubspot-port", "0"]
    with (folder / "emulator.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield _told(process, folder)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _told(process: subprocess.Popen[str], folder: Path) -> Server:
    """What the emulator says of itself once it is up."""
    from csconnect.errors import UnreachableError

    told: dict[str, dict[str, str]] = {}
    urls: dict[str, str] = {}
    system = ""
    for line in process.stdout or ():
        if line.startswith("Ctrl-C"):
            break
        if found := re.match(r"(\w+): (\S+)$", line.rstrip()):
            system, urls[found[1]] = found[1], found[2]
        elif found := re.match(r"  (\w+): (\S+)$", line.rstrip()):
            told.setdefault(system, {})[found[1]] = found[2]
    if not {"salesforce", "hubspot"} <= urls.keys():
        raise UnreachableError(
            "the emulator did not start", where=str(folder / "emulator.log"), remedy="Read that file"
        )
    secrets = {
        "DEMO_SF_CLIENT_ID": told["salesforce"]["client_id"],
        "DEMO_SF_CLIENT_SECRET": told["salesforce"]["client_secret"],
        "DEMO_HUBSPOT_TOKEN": told["hubspot"]["token"],
    }
    return Server(urls["salesforce"], urls["hubspot"], urls.get("trust", ""), secrets)
