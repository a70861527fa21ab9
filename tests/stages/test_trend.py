"""The trend compares two days on which the same sources spoke: as known then where they did, reconstructed where they did not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from csconnect.stages.explain import explain
from csconnect.stages.score import judge
from csconnect.stages.workspace import Workspace
from csconnect.sync import sync

TODAY = date(2026, 11, 22)
CRM = """\
version: 1
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, terms: terms.csv, surveys: surveys.csv}}
"""
DESK = """\
  desk:
    connector: files
    match: id
    settings: {tables: {touchpoints: touchpoints.csv}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    accounts(tmp_path, 100)
    terms = ["T1,A1,2025-05-20,2025-06-01,2027-06-01,100,USD", "T2,A2,2026-10-25,2026-11-01,2027-11-01,100,USD"]
    (tmp_path / "terms.csv").write_text("\n".join(["id,account_id,signed_on,start,end,amount,currency", *terms]) + "\n")
    answers = [f"S{n},{account},nps,9,2026-09-0{n}" for n, account in enumerate(("A1", "A2", "A3"), 1)]
    answers.append("S9,A1,nps,0,2026-11-20")
    (tmp_path / "surveys.csv").write_text("\n".join(["id,account_id,kind,score,answered_on", *answers]) + "\n")
    calls = [f"P{days},K1,call,{TODAY - timedelta(days=days)}T09:00:00Z,true,1" for days in (5, 40)]
    header = "id,account_id,kind,happened_at,executive,replied_within_hours"
    (tmp_path / "touchpoints.csv").write_text("\n".join([header, *calls]) + "\n")
    library = tmp_path / "library" / "scorecards"
    library.mkdir(parents=True)
    (library / "few.yaml").write_text(CARD)
    return tmp_path


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
      data_quality: {weight: 25, curve: {linear: {from: 0, to: 100}}}
      reply_within_a_day: {weight: 25, curve: {linear: {from: 0, to: 100}}}
"""


def accounts(folder: Path, quality: int) -> None:
    """A1 for long, A2 since this month (its term says so), A3 since this month (no term; the system made it)."""
    rows = [
        f"A1,Acme,true,K1,2020-01-01T00:00:00Z,{quality}",
        f"A2,Newterm,true,K2,2020-01-01T00:00:00Z,{quality}",
        f"A3,Newborn,true,K3,2026-11-10T00:00:00Z,{quality}",
    ]
    (folder / "accounts.csv").write_text("\n".join(["id,name,is_customer,match_key,created_at,data_quality", *rows]))


def run(folder: Path, text: str, day: date) -> tuple[bool, dict[str, int]]:
    """Pull and score on ``day``: whether the earlier day was reconstructed, and the trend."""
    (folder / "csconnect.yaml").write_text(text + "scorecard: few\nlibrary: library\n")
    with Workspace.load(
        folder / "csconnect.yaml", now=lambda: datetime.combine(day, datetime.min.time(), UTC)
    ) as space:
        sync(space, because="a test")
        with judge(space, day) as judged:
            moved = explain(judged, "Acme").moved
            trend = judged.trend()
            assert sum(moved.values()) == 100 * trend.get("crm:A1", 0)
            return judged.reconstructed, trend


def test_where_the_lake_is_old_enough_the_trend_is_against_what_was_known(folder: Path) -> None:
    accounts(folder, 40)
    run(folder, CRM, TODAY - timedelta(days=40))
    accounts(folder, 100)
    reconstructed, trend = run(folder, CRM, TODAY)
    assert not reconstructed
    # 9 of 10 and 40 %, then 0 of 10 and 100 %
    assert trend["crm:A1"] == 33 - 73


def test_on_the_first_day_it_is_reconstructed(folder: Path) -> None:
    reconstructed, trend = run(folder, CRM, TODAY)
    assert reconstructed
    assert trend == {"crm:A1": 33 - 93}, "whoever was no customer then has no trend, neither up nor down"


def test_a_new_configuration_over_an_old_lake_has_a_trend_at_once(folder: Path) -> None:
    (folder / "csconnect.yaml").write_text(CRM.replace("crm:", "other:") + "scorecard: few\nlibrary: library\n")
    long_ago = datetime.combine(TODAY - timedelta(days=40), datetime.min.time(), UTC)
    with Workspace.load(folder / "csconnect.yaml", now=lambda: long_ago) as space:
        sync(space)
    assert run(folder, CRM, TODAY) == (True, {"crm:A1": 33 - 93})


def test_a_source_that_joined_since_is_not_a_rise(folder: Path) -> None:
    """What it tells of the time before it came counts on both days; else its first good word would look like one."""
    run(folder, CRM, TODAY - timedelta(days=40))
    reconstructed, trend = run(folder, CRM + DESK, TODAY)
    assert reconstructed
    assert trend["crm:A1"] == 50 - 95


def test_a_source_that_says_nothing_about_health_leaves_the_past_known(folder: Path) -> None:
    run(folder, CRM, TODAY - timedelta(days=40))
    tickets = DESK.replace("touchpoints: touchpoints.csv", "tickets: tickets.csv")
    (folder / "tickets.csv").write_text("id,account_id,opened_at\nX1,K1,2026-11-01T00:00:00Z\n")
    assert run(folder, CRM + tickets, TODAY)[0] is False
