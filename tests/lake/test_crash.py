"""Killed at any point, the lake is as it was before, or as it is after; never anything between."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from contextlib import suppress
from datetime import date

import pyarrow as pa
import pytest

from csconnect.lake import Lake
from csconnect.lake.schema import FIGURE, FORECAST, MONTH, STATED, STATEMENT, fact_schema

BEFORE = ("rows", "sf", "account", [{"id": "sf:1", "name": "Ann", "match_key": "K"}])
AFTER = ("rows", "sf", "account", [{"id": "sf:1", "name": "Eve", "match_key": "K"}])


class Killed(BaseException):
    """Not an Exception: nothing in the lake may catch it."""


def kill_after(calls: int, work) -> bool:
    """Run ``work`` and break it off at the n-th call of a function of the lake; tells whether it was broken off."""
    left = calls

    def count(frame, event, _):
        nonlocal left
        if event == "call" and "/csconnect/lake/" in frame.f_code.co_filename:
            left -= 1
            if left == 0:
                raise Killed

    outer = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    except Killed:
        return True
    finally:
        sys.setprofile(outer)
    return False


def calls_of(work) -> int:
    total = 0

    def count(frame, event, _):
        nonlocal total
        total += event == "call" and "/csconnect/lake/" in frame.f_code.co_filename

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return total


def is_whole(lake) -> None:
    """Every file that a manifest names is there, to its last byte."""
    for manifest in lake.manifests():
        for file in manifest.files:
            assert (lake.root / file.path).stat().st_size == file.size


def samples(total: int) -> list[int]:
    """Steps all over, and every one of the last, where publishing happens."""
    return sorted({*range(1, total, total // 5 or 1), *range(max(1, total - 13), total + 1)})


def test_a_run_killed_anywhere_leaves_the_lake_as_it_was(feed, make) -> None:
    steps = (AFTER, ("cursor", "sf", "Account", "c2"), ("gone", "sf", "account", [("2", "1")]))
    use = ("rows", "usage", "usage_day", [make.usage("usage:K", make.start.date())])
    feed.run(BEFORE, ("cursor", "sf", "Account", "c1"))
    before = feed.lake.manifests()
    total = calls_of(feed.begin(*steps, use).publish)
    outcomes = set()
    for point in samples(total):
        root = feed.lake.root.with_name(f"killed{point}")
        lake = feed.lake = Lake(root)
        feed.runs = 0
        assert feed.run(BEFORE, ("cursor", "sf", "Account", "c1")) == before[0].model_copy(
            update={"files": lake.manifests()[0].files}
        )
        run = feed.begin(*steps, use)
        kill_after(point, run.publish)
        run._lock.release()  # as the operating system does when a process dies
        published = len(lake.manifests()) == 2
        outcomes.add(published)
        is_whole(lake)
        assert lake.cursors("sf") == {"Account": "c2" if published else "c1"}
        if published:
            continue
        (left,) = lake.manifests()
        feed.run(*steps, use)
        assert lake.sweep() == []
        assert not (root / "staging").exists() or not any((root / "staging").iterdir())
        assert lake.manifests()[0] == left
    assert outcomes == {True, False}
    assert feed.view("account")["account"][0]["name"] == "Eve"


@pytest.mark.parametrize("keep_history", [True, False])
def test_a_fold_killed_anywhere_changes_no_view(feed, make, keep_history) -> None:
    use = ("rows", "usage", "usage_day", [make.usage("usage:K", make.start.date())])
    feed.run(BEFORE, use)
    feed.run(AFTER)
    view = feed.view("account", "usage_day")
    copy = Lake(shutil.copytree(feed.lake.root, feed.lake.root.with_name("copy")))
    folded = []
    for point in samples(calls_of(lambda: copy.fold(keep_history=keep_history))):
        assert kill_after(point, lambda: feed.lake.fold(keep_history=keep_history))
        is_whole(feed.lake)
        folded.append(len(feed.lake.manifests()) == 1)
        if folded[-1]:
            break
    assert folded.count(True) == 1
    assert feed.view("account", "usage_day") == view
    feed.lake.sweep()
    assert feed.view("account", "usage_day") == view


SCRIPT = """
    import os, signal, sys
    from datetime import UTC, datetime
    from pathlib import Path
    import pyarrow as pa
    from csconnect.lake import Lake, manifest, write
    from csconnect.lake.schema import delivery_schema

    def die(*_): os.kill(os.getpid(), signal.SIGKILL)

    publish = write.publish_manifest
    def killed(folder, manifest):
        if sys.argv[2] == "before": die()
        publish(folder, manifest)
        die()

    write.publish_manifest = killed
    run = Lake(Path(sys.argv[1])).begin("killed", datetime(2026, 2, 1, tzinfo=UTC))
    rows = [{"id": "sf:1", "name": "Eve"}]
    run.append("sf", "account", pa.RecordBatch.from_pylist(rows, schema=delivery_schema("account")), "m", "d")
    if sys.argv[2] == "early": die()
    run.publish()
"""


@pytest.mark.parametrize(("when", "name"), [("early", "Ann"), ("before", "Ann"), ("after", "Eve")])
def test_a_process_really_killed(feed, when, name) -> None:
    feed.run(BEFORE)
    script = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(feed.lake.root), when]
    assert subprocess.run(script, check=False).returncode == -signal.SIGKILL
    assert feed.view("account")["account"][0]["name"] == name
    feed.run(("rows", "sf", "account", [{"id": "sf:2", "name": "Bob"}]))
    assert [row["name"] for row in feed.view("account")["account"]] == [name, "Bob"]
    assert feed.lake.sweep() == []


def test_a_failing_engine_leaves_no_trace(feed, monkeypatch) -> None:
    feed.run(BEFORE)
    monkeypatch.setattr("csconnect.lake.write.publish_manifest", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    with suppress(Exception):
        feed.run(AFTER)
    monkeypatch.undo()
    assert feed.view("account")["account"][0]["name"] == "Ann"
    feed.run(AFTER)
    assert feed.lake.sweep() == []
    assert os.listdir(feed.lake.root / "manifests") != []


def stated_rows(entity):
    """Two rows of a month's statement."""
    schema = fact_schema(entity)
    row = {"month": date(2026, 10, 1), "version": 1}
    return pa.Table.from_pylist([row, row], schema=schema.remove(len(schema) - 1))


def stated_by(feed, parts):
    run = feed.begin()
    for entity, rows in parts:
        run.state(entity, rows)
    return run


def stated_in(lake):
    return {entity: lake.stated(entity).to_pylist() for entity in STATED}


def test_a_close_killed_anywhere_leaves_nothing_half_visible(feed):
    """Statement, figures and accounts of a month become visible together or not at all, and a second go closes it once."""
    feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": "Ann"}]))
    parts = [(entity, stated_rows(entity)) for entity in (STATEMENT, FIGURE, MONTH)]
    copies = feed.lake.root
    whole = feed.lake = Lake(shutil.copytree(copies, copies.with_name("whole")))
    total = calls_of(stated_by(feed, parts).publish)
    counts = {entity: len(rows) for entity, rows in stated_in(whole).items()}
    assert counts == {STATEMENT: 2, FIGURE: 2, MONTH: 2, FORECAST: 0}
    outcomes = set()
    for point in samples(total):
        lake = feed.lake = Lake(shutil.copytree(copies, copies.with_name(f"killed{point}")))
        run = stated_by(feed, parts)
        kill_after(point, run.publish)
        run._lock.release()  # as the operating system does when a process dies
        is_whole(lake)
        there = {entity: len(rows) for entity, rows in stated_in(lake).items()}
        outcomes.add(there[STATEMENT])
        assert there in (counts, dict.fromkeys(STATED, 0))
        if not there[STATEMENT]:
            with stated_by(feed, parts) as again:
                again.publish()
        assert {entity: len(rows) for entity, rows in stated_in(lake).items()} == counts
        assert lake.sweep() == []
    assert outcomes == {0, 2}
