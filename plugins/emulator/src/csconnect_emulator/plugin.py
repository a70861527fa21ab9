"""The command ``csconnect emulator``. The server itself is imported only when it runs."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from csconnect_emulator.server import RunningEmulator
    from csconnect_emulator.store import RecordStore


@click.command()
@click.option("--accounts", default=300, show_default=True, help="How many customers to make up.")
@click.option("--days", default=730, show_default=True, help="How many days of usage to write beside them.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same customers.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=Path("emulator"), show_default=True,
              help="Folder of the emulator's records, certificates and side files; made when it is empty.")  # fmt: skip
@click.option("--salesforce-port", default=8443, show_default=True, help="0 takes any free port.")
@click.option("--hubspot-port", default=8080, show_default=True, help="0 takes any free port.")
@click.option("--no-tls", is_flag=True, help="Speak plain http on the Salesforce side too.")
def emulator(
    accounts: int, days: int, seed: int, data: Path, salesforce_port: int, hubspot_port: int, no_tls: bool
) -> None:
    """Run a local Salesforce and HubSpot, filled with customers whose fate is known.

    It listens on this machine only and runs until it is interrupted.
    """
    from csconnect_emulator.server import RunningEmulator

    running = RunningEmulator(
        open_store(data, accounts, days, seed),
        data,
        ports={"salesforce": salesforce_port, "hubspot": hubspot_port},
        tls=frozenset() if no_tls else frozenset({"salesforce"}),
    )
    try:
        with running:
            _say(running)
            _until_stopped()
    finally:
        running.store.close()


def open_store(data: Path, accounts: int, days: int, seed: int) -> RecordStore:
    """The store in ``data``; a new one is filled first, and the files that belong to it are written beside it."""
    from csconnect_emulator.clock import Clock
    from csconnect_emulator.generator import generate, write_side_files
    from csconnect_emulator.generator.seed import seed_store
    from csconnect_emulator.store import RecordStore

    file = data / "emulator.sqlite"
    if file.exists():
        return RecordStore(file)
    data.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    world = generate(accounts, days, seed, clock.now().date())
    # Filled under another name, so that an interrupted start leaves nothing that looks complete.
    building = data / "building.sqlite"
    for leftover in data.glob("building.sqlite*"):
        leftover.unlink()
    store = RecordStore(building, clock)
    seed_store(store, world)
    store.close()
    write_side_files(world, data / "files")
    building.rename(file)
    return RecordStore(file, clock)


def _say(running: RunningEmulator) -> None:
    """Where it listens and how to log in. These secrets open nothing but this server."""
    for system, url in running.state.urls.items():
        click.echo(f"{system}: {url}")
        for name, value in running.credentials[system].items():
            click.echo(f"  {name}: {value}")
    if running.tls:
        click.echo(f"trust: {Path(running.ca).resolve()}")
    click.echo("Ctrl-C stops it.")


def _until_stopped() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
