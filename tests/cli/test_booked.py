"""What the ledger says of a command: how it ended and what it wrote, not merely that it came to an end."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import csconnect.sync  # noqa: F401 - before a test replaces what it imports, or it would keep the replacement for all tests after
from csconnect.cli.common import booked
from csconnect.cli.main import cli, run
from csconnect.errors import UnreachableError
from csconnect.ledger import Ledger
from csconnect.model.values import Outcome, Plan, Receipt
from csconnect.stages.workspace import Workspace
from csconnect.writeback import ApplyResult

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CONFIG = """\
version: 1
connections:
  crm:
    connector: files
    settings: {tables: {accounts: accounts.csv}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "csconnect.yaml"
    path.write_text(CONFIG)
    return path


def last(config: Path) -> tuple[str | None, object]:
    with Workspace.load(config) as space:
        (run,) = space.ledger.runs(1)
    return run.outcome, run.summary.get("outcomes")


@pytest.mark.parametrize(("outcome", "word"), [(Outcome.WRITTEN, "done"), (Outcome.REFUSED, "partial")])
def test_an_apply_that_was_refused_in_part_is_booked_as_such(
    config: Path, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, word: str
) -> None:
    plan = Plan.of([], run_id="r", made_at=NOW, as_of=NOW.date(), config_hash="c")
    result = ApplyResult((Receipt(change_id="c1", outcome=outcome),), planned=1)
    monkeypatch.setattr("csconnect.stages.apply.apply", lambda *_: result)
    monkeypatch.setattr(Ledger, "newest_plan", lambda _: "r")
    monkeypatch.setattr(Ledger, "load_plan", lambda *_: plan)
    CliRunner().invoke(cli, ["-c", str(config), "apply"], standalone_mode=False)
    assert last(config) == (word, {str(outcome): 1})


def test_a_command_that_fails_is_booked_with_its_error(config: Path) -> None:
    with Workspace.load(config) as space, pytest.raises(ZeroDivisionError), booked(space, "pull"):
        raise ZeroDivisionError
    assert last(config) == ("ZeroDivisionError", None)
    with Workspace.load(config) as space, pytest.raises(KeyboardInterrupt), booked(space, "pull"):
        raise KeyboardInterrupt
    assert last(config) == ("stopped", None)


@pytest.mark.parametrize("form", ["table", "json"])
@pytest.mark.parametrize(
    ("how", "code", "says"),
    [
        ({"interrupted": True}, 130, "Stopped. Run the same command again"),
        (
            {"stopped": {"crm": UnreachableError("the line is cut", where="crm")}},
            3,
            "crm stopped: crm: the line is cut",
        ),
        ({}, 3, "1 change of 2 not written"),
    ],
)
def test_why_it_was_not_finished_is_on_stderr(
    config: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    form: str,
    how: dict[str, object],
    code: int,
    says: str,
) -> None:
    plan = Plan.of([], run_id="r", made_at=NOW, as_of=NOW.date(), config_hash="c")
    result = ApplyResult((Receipt(change_id="c1", outcome=Outcome.WRITTEN),), planned=2, **how)  # type: ignore[arg-type]
    monkeypatch.setattr("csconnect.stages.apply.apply", lambda *_: result)
    monkeypatch.setattr(Ledger, "newest_plan", lambda _: "r")
    monkeypatch.setattr(Ledger, "load_plan", lambda *_: plan)
    assert run(["-c", str(config), "apply", "--format", form]) == code
    assert says in capsys.readouterr().err
    assert last(config)[0] == "partial"
