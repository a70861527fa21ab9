"""Start an emulator inside a test: ``with launch(tmp_path) as emulator: ...``."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from csconnect_emulator.clock import Clock
from csconnect_emulator.server import SYSTEMS, RunningEmulator, build_app
from csconnect_emulator.state import State
from csconnect_emulator.store import RecordStore

SeedRows = Mapping[str, Mapping[str, Iterable[Mapping[str, Any]]]]
"""System -> object -> rows, as `RecordStore.load` takes them."""


def launch(
    tmp_path: Path,
    seed_rows: SeedRows | None = None,
    *,
    systems: tuple[str, ...] = SYSTEMS,
    tls: frozenset[str] = frozenset({"salesforce"}),
    clock: Clock | None = None,
) -> RunningEmulator:
    """A started emulator over an empty org of each system plus ``seed_rows``, in memory; stop it, or use ``with``.

    ``tmp_path`` takes the certificates. ``emulator.store`` and ``emulator.state`` are open to the test: faults, clock and
    a person's edits go through them or through the admin endpoints alike.
    """
    store = RecordStore(clock=clock, image=_empty_orgs(systems))
    emulator = RunningEmulator(store, tmp_path, systems=systems, tls=tls)
    emulator.start()
    for system, objects in (seed_rows or {}).items():
        for name, rows in objects.items():
            emulator.store.load(system, name, rows)
    return emulator


@cache
def _empty_orgs(systems: tuple[str, ...]) -> bytes:
    """A store with the orgs installed, made once in a process: many tests start from it."""
    store = RecordStore()
    for system in systems:
        importlib.import_module(f"csconnect_emulator.{system}").install(store)
    image = store.image()
    store.close()
    return image


__all__ = ["RunningEmulator", "SeedRows", "State", "build_app", "launch"]
