"""Law 2 in earnest: the real ledger, crashed at every single step, and a real process killed with signal 9."""

from __future__ import annotations

import itertools
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from csconnect.ledger import Ledger
from csconnect.model.values import Outcome
from csconnect.testing.memory import MemorySystem
from csconnect.writeback import save_plan

WORKER = Path(__file__).with_name("kill_worker.py")


class Crashing:
    """The real ledger, with a step before and after every durable entry."""

    def __init__(self, ledger, step):
        self._ledger, self._step = ledger, step

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def intend(self, *args):
        self._step("before intent")
        self._ledger.intend(*args)
        self._step("after intent")

    def record(self, *args):
        self._step("before receipt")
        self._ledger.record(*args)
        self._step("after receipt")


def made(worlds, ledger, unique_keys):
    world = worlds(crm=MemorySystem(unique_keys=unique_keys), journal=ledger)
    for number in range(4):
        world.account(f"a{number}", csc_health=10)
    desired = [
        want for n in range(4) for want in (world.score(f"a{n}"), world.task(f"a{n}"), world.renewal(f"a{n}", f"k{n}"))
    ]
    return world, desired


@pytest.mark.parametrize("unique_keys", [True, False])
def test_a_crash_at_every_step_in_turn_ends_in_the_same_state(worlds, crash, unique_keys):
    with Ledger.open("sqlite://") as ledger:
        twin, desired = made(worlds, ledger, unique_keys)
        twin.apply(twin.plan(desired, "twin"))
    reached_the_end = False
    with Ledger.open("sqlite://") as ledger:
        for at in range(1, 200):
            world, desired = made(worlds, ledger, unique_keys)
            run, steps = f"run-{at}", itertools.count(1)
            plan = world.plan(desired, run)

            def step(name, at=at, steps=steps):
                if next(steps) == at:
                    raise crash(name)

            world.crm.hostility.step = step
            world.journal = Crashing(ledger, step)
            try:
                world.apply(plan)
                reached_the_end = True
            except crash:
                pass
            world.crm.hostility.step, world.journal = (lambda name: None), ledger
            assert world.apply(plan).complete, at
            assert world.shape() == twin.shape(), at
            assert ledger.pending(run) == [], at
            through = {receipt.change_id for _, receipt in ledger.receipts(run) if receipt.outcome is Outcome.WRITTEN}
            assert through == {change.id for change in plan.changes}, at
            if reached_the_end:
                break
    assert reached_the_end
    assert at > 20


def spawn(folder, dawdle, verb):
    return subprocess.Popen([sys.executable, "-W", "error", str(WORKER), str(folder), str(dawdle), verb])


def lines(folder):
    path = folder / "crm.log"
    return len(path.read_text().splitlines()) if path.exists() else 0


def killed_after(folder, count, verb):
    """Start the worker, kill it when it has written ``count`` lines more, say whether it was still at work."""
    target = lines(folder) + count
    process = spawn(folder, 0.02, verb)
    while process.poll() is None and lines(folder) < target:
        time.sleep(0.005)
    process.kill()
    return process.wait() == -signal.SIGKILL


def state(folder):
    """Records by key (or id) from the log: every value and link, however often it was written."""
    names, found = {}, {}
    for line in (folder / "crm.log").read_text().splitlines():
        entry = json.loads(line)
        if entry[0] == "put":
            _, object, values, id = entry
            names.setdefault((object, id), str(values.get("csc_key") or id))
            found.setdefault((object, id), {}).update(values)
        else:
            _, object, id, to, other = entry
            found[object, id][f"-> {to}"] = other
    return sorted(
        (object, names[object, id], sorted(map(repr, values.items()))) for (object, id), values in found.items()
    )


def test_a_killed_process_is_taken_up_where_it_died(worlds, tmp_path):
    world = worlds()
    ids = [f"a{number:02}" for number in range(12)]
    first, smooth, rough = [], tmp_path / "smooth", tmp_path / "rough"
    for id in ids:
        world.account(id, csc_health=10)
        first.append(json.dumps(["put", "accounts", {"name": f"Account {id}", "csc_health": 10}, id]))
    plan = world.plan([want for id in ids for want in (world.score(id), world.task(id), world.renewal(id, f"k{id}"))])
    for folder in (smooth, rough):
        folder.mkdir()
        (folder / "crm.log").write_text("\n".join(first) + "\n")
        save_plan(plan, folder / "plan.json")
    assert spawn(smooth, 0, "apply").wait() == 0
    assert killed_after(rough, 7, "apply")
    assert killed_after(rough, 15, "apply")
    assert spawn(rough, 0, "apply").wait() == 0
    assert state(rough) == state(smooth)
    with Ledger.open(rough / "ledger.db") as ledger:
        assert ledger.pending(plan.run_id) == []
        assert len(ledger.made()) == 24
    assert killed_after(rough, 9, "undo")
    assert spawn(rough, 0, "undo").wait() == 0
    assert spawn(smooth, 0, "undo").wait() == 0
    assert state(rough) == state(smooth)
    with Ledger.open(rough / "ledger.db") as ledger:
        assert len(ledger.withdrawn()) == 24
        assert set(ledger.holds()) == {f"crm:{id}" for id in ids}
