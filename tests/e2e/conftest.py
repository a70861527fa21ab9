"""A company on this machine, both its systems behind real sockets, and ``csconnect`` as the process that a user starts.

Building a company and getting it to some point of the story takes seconds, so each point is reached once in a session and kept
(`Kept`); a test starts from a copy of it and may do with it what it likes, in any order.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from csconnect_emulator.clock import Clock
from csconnect_emulator.generator import generate, write_side_files
from csconnect_emulator.generator.seed import seed_store
from csconnect_emulator.server import RunningEmulator
from csconnect_emulator.store import RecordStore

sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; these two are this folder's own

from e2e_company import CONFIG, TODAY, Company, writes_among
from e2e_processes import Nursery, Ran


@dataclass(frozen=True)
class Kept:
    """A point of the story: the systems' records, the folder, and how the command ended that led here."""

    image: bytes
    folder: Path
    ran: Ran
    calls: tuple[str, ...] = ()
    """What the command asked of both systems, as `Company.calls` tells it."""

    @property
    def writes(self) -> list[str]:
        return writes_among(self.calls)


class Story:
    """Reaches each point once; fresh is where all begin."""

    STEPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
        "provisioned": ("fresh", ("provision", "--apply")),
        "planned": ("provisioned", ("sync", "--as-of", TODAY.isoformat())),
        "applied": ("planned", ("apply",)),
        "resynced": ("applied", ("sync", "--apply", "--as-of", TODAY.isoformat(), "--format", "json")),
        "undone": ("applied", ("undo",)),
    }

    def __init__(self, root: Path, nursery: Nursery) -> None:
        self.root = root
        self.nursery = nursery
        self.points: dict[str, Kept] = {}
        self.count = 0

    def at(self, point: str) -> Kept:
        if point not in self.points:
            self.points[point] = self._fresh() if point == "fresh" else self._step(point)
        return self.points[point]

    def open(self, point: str, name: str) -> Company:
        """A company of its own at ``point``, its systems running."""
        kept = self.at(point)
        self.count += 1
        folder = self.root / f"{self.count:03}-{name}"
        shutil.copytree(kept.folder, folder)
        emulator = RunningEmulator(RecordStore(clock=Clock(), image=kept.image), self.root)
        company = Company(folder, emulator.start(), self.nursery)
        emulator.state.limits["hubspot"].update(searches_a_second=100_000, search_lag_ms=0, ten_seconds=100_000)
        return company

    def _fresh(self) -> Kept:
        folder = self.root / "fresh"
        world = generate(40, 120, 7, TODAY)
        store = RecordStore(clock=Clock())
        seed_store(store, world)
        write_side_files(world, folder / "files")
        (folder / "csconnect.yaml").write_text(CONFIG, "utf-8")
        image = store.image()
        store.close()
        return Kept(image, folder, Ran(0, "", ""))

    def _step(self, point: str) -> Kept:
        before, arguments = self.STEPS[point]
        company = self.open(before, point)
        try:
            ran = company(*arguments)
            return Kept(company.emulator.store.image(), company.folder, ran, tuple(company.calls()))
        finally:
            company.close()


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery(tmp_path_factory.mktemp("nursery"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Story:
    return Story(tmp_path_factory.mktemp("e2e"), nursery)


@pytest.fixture
def company(story: Story) -> Iterator[Callable[[str], Company]]:
    """``company("applied")``: one at that point of the story, gone after the test."""
    opened: list[Company] = []

    def opening(point: str) -> Company:
        opened.append(story.open(point, "test"))
        return opened[-1]

    yield opening
    for each in opened:
        each.close()
        shutil.rmtree(each.folder)


@pytest.fixture(scope="session")
def today() -> date:
    """The day for which everything is computed."""
    return TODAY


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], None]:
    """Wait for something that must happen soon."""

    def waiting(happened: Callable[[], Any], seconds: float = 40) -> None:
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.005)

    return waiting
