"""A change since a day, told apart: what customers did, and what the configuration did; from files to the command's answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from csconnect.cli.main import cli
from csconnect.errors import CardError, DataError
from csconnect.stages.change import judge_since
from csconnect.stages.explain import Explanation, explain
from csconnect.stages.workspace import Workspace
from csconnect.sync import sync

TODAY = date(2026, 11, 22)
THEN = TODAY - timedelta(days=40)
CONFIG = """\
version: 1
scorecard: few
library: library
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, surveys: surveys.csv}}
"""
CARD = """\
scorecard: few
version: 1
title: {en: Few}
coverage: 20
bands: {green: 80, yellow: 60}
dimensions:
  all:
    title: {en: All}
    weight: 100
    signals:
      nps: {weight: 50, curve: {linear: {from: 0, to: 10}}}
      data_quality: {weight: 50, curve: {linear: {from: 0, to: 100}}}
"""
OTHER = CARD.replace("nps: {weight: 50", "nps: {weight: 80").replace(
    "data_quality: {weight: 50", "data_quality: {weight: 20"
)


def tell(folder: Path, quality: int, score: int, day: date = THEN) -> None:
    (folder / "accounts.csv").write_text(
        f"id,name,is_customer,created_at,data_quality\nA1,Acme,true,2020-01-01T00:00:00Z,{quality}\n"
    )
    (folder / "surveys.csv").write_text(f"id,account_id,kind,score,answered_on\nS1,A1,nps,{score},{day}\n")


def card(folder: Path, text: str) -> None:
    (folder / "library" / "scorecards").mkdir(parents=True, exist_ok=True)
    (folder / "library" / "scorecards" / "few.yaml").write_text(text)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "csconnect.yaml").write_text(CONFIG)
    card(tmp_path, CARD)
    tell(tmp_path, 40, 9)
    return tmp_path


def opened(folder: Path, day: date) -> Workspace:
    return Workspace.load(folder / "csconnect.yaml", now=lambda: datetime.combine(day, datetime.min.time(), UTC))


def ran(folder: Path, day: date) -> None:
    with opened(folder, day) as space:
        sync(space, because="a test")


def asked(folder: Path, since: date | None = None) -> Explanation:
    with opened(folder, TODAY) as space:
        judging, _ = judge_since(space, TODAY, since)
        with judging as judged:
            return explain(judged, "Acme")


def test_what_customers_did_and_what_the_card_did_are_told_apart(folder):
    ran(folder, THEN)  # 45 + 20 = 65
    tell(folder, 100, 9)
    card(folder, OTHER)
    ran(folder, TODAY)  # by the old card 45 + 50 = 95, by the new one 72 + 20 = 92
    found = asked(folder, THEN)
    assert (found.since.score, found.score) == (65, 92)
    whole = found.since.change.score
    assert (whole.customer, whole.configuration, whole.total) == (3000, -300, 2700)
    parts = {name: (part.customer, part.configuration) for name, part in found.since.change.signals.items()}
    assert parts == {"nps": (0, 2700), "data_quality": (3000, -3000)}
    assert found.since.apart


def test_with_the_same_configuration_there_is_nothing_to_tell_apart(folder):
    ran(folder, THEN)
    tell(folder, 100, 9)
    card(folder, CARD + "cases: []\n# a remark\n")
    ran(folder, TODAY)
    found = asked(folder, THEN)
    assert (found.since.reconfigured, found.since.apart) == (False, False)
    assert found.moved == {"nps": 0, "data_quality": 3000}


def test_a_card_with_other_signals_and_a_signal_that_was_rewritten(folder):
    ran(folder, THEN)
    text = CARD.replace(
        "nps: {weight: 50, curve: {linear: {from: 0, to: 10}}}",
        "half: {weight: 50, curve: {linear: {from: 0, to: 10}}}",
    )
    card(folder, text)
    (folder / "library" / "signals").mkdir()
    (folder / "library" / "signals" / "half.sql").write_text(
        "/*\ntitle: {en: Half}\nunit: points\nwindow: 90\npolarity: up\nentities: [survey]\nsource: here\n*/\n"
        "SELECT account_id, max(score) / 2 AS value FROM survey GROUP BY account_id"
    )
    ran(folder, TODAY)
    found = asked(folder, THEN)
    parts = {name: (part.customer, part.configuration) for name, part in found.since.change.signals.items()}
    assert {"half", "nps"} <= parts.keys()
    assert all(part[0] == 0 for part in parts.values()), "customers did nothing"
    assert found.since.change.score.total == 100 * (found.score - found.since.score)


def test_no_run_left_a_judgement_behind(folder):
    ran(folder, TODAY)
    out = answer(folder, "--since", "2026-11-01")
    assert out["change"]["recorded"] is False
    assert out["change"]["configuration"] == 0
    shown = CliRunner().invoke(cli, ["-c", str(folder / "csconnect.yaml"), "explain", "Acme", "--as-of", str(TODAY)])
    assert "left behind what judged then" in shown.output


def answer(folder: Path, *more: str) -> Any:
    line = ["-c", str(folder / "csconnect.yaml"), "explain", "Acme", "--as-of", str(TODAY), "--format", "json", *more]
    found = CliRunner().invoke(cli, line, standalone_mode=False)
    assert found.exception is None, found.output
    return json.loads(found.stdout)


def test_the_command_says_both_and_they_add_up(folder):
    ran(folder, THEN)
    tell(folder, 100, 9)
    card(folder, OTHER)
    ran(folder, TODAY)
    change = answer(folder, "--since", str(THEN))["change"]
    assert (change["customer"], change["configuration"], change["total"]) == (3000, -300, 2700)
    for key in ("customer", "configuration", "total"):
        assert sum(part[key] for part in change["signals"].values()) == change[key]
    line = ["-c", str(folder / "csconnect.yaml"), "explain", "Acme", "--as-of", str(TODAY), "--since", str(THEN)]
    shown = CliRunner().invoke(cli, line)
    assert "BY CONFIGURATION" in shown.output
    assert "+30 by what customers did, -3 by the configuration" in shown.output
    card(folder, CARD)
    assert "BY CONFIGURATION" not in CliRunner().invoke(cli, line).output


def test_what_can_no_longer_be_read_is_said_in_one_sentence(folder):
    ran(folder, THEN)
    with opened(folder, TODAY) as space, space.ledger._write() as connection:
        connection.exec_driver_sql("UPDATE judgements SET document = replace(document, 'FROM survey', 'FROM gone')")
    ran(folder, TODAY)
    with pytest.raises(CardError, match=r"what judged on 2026-10-13, signal nps:\d+:\d+: no table 'gone'.*later day"):
        asked(folder, THEN)


def test_a_day_that_is_not_before_is_refused(folder):
    with pytest.raises(DataError, match="2026-11-22 is not before 2026-11-22"):
        asked(folder, TODAY)


def test_a_plan_says_how_many_bands_change_because_of_the_card(folder, monkeypatch):
    ran(folder, THEN)
    with opened(folder, TODAY) as space:
        first = space.ledger.runs(1)[0].id
    card(folder, OTHER)
    monkeypatch.setattr("csconnect.ledger.Ledger.last_written_run", lambda _: first)
    # 45 + 20 = 65 by the old card, 72 + 8 = 80 by the new one
    monkeypatch.setattr("csconnect.stages.change.bands_before", lambda *_: {"crm:A1": "yellow"})
    with opened(folder, TODAY) as space:
        found = sync(space).band_changes
        assert (found.card, found.customers) == (1, 0)
    shown = CliRunner().invoke(cli, ["-c", str(folder / "csconnect.yaml"), "plan", "--as-of", str(TODAY)])
    assert "1 band changes because of the card, 0 because of customers" in shown.output
    card(folder, CARD)
    shown = CliRunner().invoke(cli, ["-c", str(folder / "csconnect.yaml"), "plan", "--as-of", str(TODAY)])
    assert "because of the card" not in shown.output
