"""From a score to the records behind it: system, object, field, moment; through roll-ups too."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from csconnect.cli.main import cli
from csconnect.compute.reads import reads
from csconnect.errors import DataError
from csconnect.library.load import load_library
from csconnect.stages.workspace import Workspace
from csconnect.sync import sync

TODAY = date(2026, 11, 22)
CONFIG = """\
version: 1
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, surveys: surveys.csv, usage: usage.csv}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "csconnect.yaml").write_text(CONFIG)
    (tmp_path / "accounts.csv").write_text("id,name,is_customer,data_quality\nA1,Acme,true,80\nA2,Other,true,80\n")
    answers = [f"S{n},A1,nps,{n},2026-11-0{n}" for n in range(1, 8)]
    answers += ["S8,A1,nps,2,2025-01-01", "S9,A2,nps,2,2026-11-01"]
    (tmp_path / "surveys.csv").write_text("\n".join(["id,account_id,kind,score,answered_on", *answers]) + "\n")
    days = [f"A1,u{user},2026-11-{day},1,1," for user in (1, 2) for day in (16, 17)]
    (tmp_path / "usage.csv").write_text("\n".join(["account_id,user,day,logins,events,modules", *days]) + "\n")
    with Workspace.load(tmp_path / "csconnect.yaml", now=lambda: datetime(2026, 11, 22, 9, tzinfo=UTC)) as space:
        sync(space)
    return tmp_path


def asked(folder: Path, *more: str, form: str = "json") -> str:
    line = ["-c", str(folder / "csconnect.yaml"), "explain", "Acme", "--as-of", str(TODAY), "--format", form, *more]
    found = CliRunner().invoke(cli, line, standalone_mode=False)
    if found.exception:
        raise found.exception
    return found.stdout


def test_each_record_has_its_system_object_field_and_moments(folder):
    (origin,) = json.loads(asked(folder, "--lineage", "nps"))["lineage"]
    surveys = [record for record in origin["records"] if record["entity"] == "survey"]
    assert [record["id"] for record in surveys] == ["S7", "S6", "S5", "S4", "S3", "S2", "S1"], (
        "newest first, in the window"
    )
    newest = surveys[0]
    assert (newest["connection"], newest["objects"], newest["happened"]) == ("crm", ["surveys"], "2026-11-07")
    assert newest["known_at"].startswith("2026-11-22T09:00")
    assert newest["fields"]["score"] == ["score"]
    assert newest["values"]["score"] == 7


def test_usage_is_told_in_one_line_and_the_account_is_a_record(folder):
    lineage = {each["signal"]: each for each in json.loads(asked(folder, "--lineage"))["lineage"]}
    (usage,) = [each for each in lineage["login_frequency"]["records"] if each["entity"] == "usage_day"]
    assert (usage["happened"], usage["until"], usage["rows"]) == ("2026-11-16", "2026-11-17", 4)
    quality = lineage["data_quality"]["records"]
    assert [(each["entity"], each["id"], each["values"]["data_quality"]) for each in quality] == [
        ("account", "A1", 80.0)
    ]


def test_a_screen_shows_five_and_says_how_many_more(folder):
    shown = asked(folder, "--lineage", "nps", form="table")
    assert "S7" in shown
    assert "S2" not in shown
    assert "and 2 more" in shown


def test_a_signal_that_the_card_does_not_have(folder):
    with pytest.raises(DataError, match=r"'npx' is no signal of this account's card. Did you mean 'nps'\?"):
        asked(folder, "--lineage", "npx")


def test_reads_go_through_rollups_and_name_columns():
    library = load_library()
    for signal in library.signals.values():
        found = {each.entity for each in reads(signal)}
        through = {entity for rollup in signal.rollups for entity in rollup.query.reads}
        tables = {*signal.query.reads, *through}
        assert found == {table for table in tables if table not in library.rollups and table != "delivery"}
        assert all(each.fields for each in reads(signal))
