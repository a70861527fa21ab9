"""Whoever wants the news of a run gets it, of one that failed above all; and a plan knows under which files it was made."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import pytest

from csconnect.cli.common import booked
from csconnect.connectors.hookspecs import hookimpl
from csconnect.connectors.registry import installed
from csconnect.errors import CsconnectError, PlanStaleError
from csconnect.stages.apply import apply
from csconnect.stages.plan import config_hash
from csconnect.stages.workspace import Workspace
from csconnect.sync import sync

CONFIG = """\
version: 1
library: library
connections:
  crm:
    connector: files
    home: true
    mappings: mine
    write_back: {account: true}
    settings: {tables: {accounts: accounts.csv}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text("id,name,is_customer\nA1,Acme,true\n")
    (tmp_path / "mine").mkdir()
    (tmp_path / "library" / "signals").mkdir(parents=True)
    path = tmp_path / "csconnect.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    sink = SimpleNamespace(
        csconnect_run_finished=hookimpl(lambda run, receipts: found.append((run["run_id"], run["outcome"])))
    )
    monkeypatch.setattr("csconnect.stages.workspace.installed", lambda: _with(sink))
    return found


def _with(plugin: object) -> object:
    installed.cache_clear()
    registry = installed()
    installed.cache_clear()
    registry.add(plugin, "sink")
    return registry


def test_the_end_of_every_run_is_news(config: Path, heard: list[tuple[str, str]]) -> None:
    with Workspace.load(config) as space:
        report = sync(space)
        with booked(space, "undo") as run:
            run.outcome = "partial"
    assert heard == [(report.run_id, "done"), (run.id, "partial")]


@pytest.mark.parametrize("error", [CsconnectError("no"), ZeroDivisionError()])
def test_so_is_an_end_that_came_too_early(
    config: Path, heard: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("csconnect.sync.judge", stop)
    with Workspace.load(config) as space:
        with pytest.raises(type(error)):
            sync(space)
        (run,) = space.ledger.runs(1)
        assert heard == [(run.id, run.outcome)]
    assert run.outcome == getattr(error, "error_code", "ZeroDivisionError")


def _another_mapping(folder: Path) -> None:
    text = "mapping: 1\nentity: account\nobject: accounts\nread: {id: id, name: {from: name}}\n"
    (folder / "mine" / "account.yaml").write_text(text)


def _another_signal(folder: Path) -> None:
    shipped = files("csconnect.library") / "signals" / "sentiment" / "nps.sql"
    (folder / "library" / "signals" / "nps.sql").write_text(shipped.read_text("utf-8") + "\n-- mine\n")


@pytest.mark.parametrize("edit", [_another_mapping, _another_signal])
def test_a_plan_made_under_other_files_of_the_admin_is_stale(config: Path, edit: Callable[[Path], None]) -> None:
    with Workspace.load(config) as space:
        before, plan = config_hash(space), sync(space).plan
    with Workspace.load(config) as space:
        assert config_hash(space) == before
    edit(config.parent)
    with Workspace.load(config) as space:
        assert config_hash(space) != before
        assert plan is not None
        with pytest.raises(PlanStaleError, match="configuration has changed"):
            apply(space, plan)


def test_where_the_files_lie_is_no_change(config: Path, tmp_path: Path) -> None:
    _another_mapping(tmp_path)
    with Workspace.load(config) as space:
        before = config_hash(space)
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-moved")
    tmp_path.rename(elsewhere)
    with Workspace.load(elsewhere / "csconnect.yaml") as space:
        assert config_hash(space) == before
