"""``csconnect quality`` on a small company whose exports hold one flaw of several kinds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from csconnect.cli.main import run
from csconnect.stages.quality import examine
from csconnect.stages.workspace import Workspace

DAY = date(2026, 11, 22)
NOW = datetime.now(UTC).date()
CONFIG = """\
version: 1
scorecard: few
dangers: null
library: library
connections:
  crm:
    connector: files
    home: true
    settings:
      tables:
        {accounts: accounts.csv, terms: terms.csv, surveys: surveys.csv, goals: goals.csv, contracts: contracts.csv}
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
      data_quality: {weight: 25, curve: {linear: {from: 0, to: 100}}}
      reply_within_a_day: {weight: 25, curve: {linear: {from: 0, to: 100}}}
"""
RULE = """/*
title: {en: A name that is short}
level: note
says: {en: "{number} letters, {bound} are asked for"}
remedy: {en: "Spell it out"}
*/
SELECT 'account' AS entity, account.id, account.id AS account_id, 'name' AS field, length(account.name) AS number, 6 AS bound
FROM account WHERE length(account.name) < 6
"""
CLEAN = {
    "accounts": ["id,name,is_customer,data_quality", *(f"A{n},Customer {n},true,{50 + n % 5}" for n in range(24))],
    "terms": ["id,account_id,start,end,amount,currency", "T1,A1,2026-02-01,2027-02-01,100,USD"],
    "surveys": ["id,account_id,kind,score,answered_on", "S1,A1,nps,9,2026-11-01", "S2,A2,nps,8,2026-11-01"],
    "goals": ["id,account_id,metric,baseline,target,actual", "G1,A1,orders,10,20,15"],
    "contracts": ["id,account_id,signed_on,start,end,seats", "K1,A1,2026-01-10,2026-02-01,2027-02-01,5"],
}
FLAWS = {
    "accounts": ["P1,Prospect,false,5000", "A90,Odd one,true,99.5"],
    "terms": ["T2,A1,2026-08-01,2027-08-01,100,USD"],
    "surveys": [f"S3,A1,nps,9,{NOW + timedelta(days=40)}", "S4,STRANGER,nps,9,2026-11-01"],
    "goals": ["G2,A2,orders,20,20,15"],
    "contracts": [],
}


@pytest.fixture
def company(tmp_path, monkeypatch):
    """``company(flaws)``: pulled, ready to be looked at."""

    def build(flaws=None):
        (tmp_path / "csconnect.yaml").write_text(CONFIG, "utf-8")
        for folder, name, text in (("scorecards", "few.yaml", CARD), ("quality", "short_name.sql", RULE)):
            (tmp_path / "library" / folder).mkdir(parents=True, exist_ok=True)
            (tmp_path / "library" / folder / name).write_text(text, "utf-8")
        for name, lines in CLEAN.items():
            (tmp_path / f"{name}.csv").write_text("\n".join([*lines, *(flaws or {}).get(name, [])]) + "\n", "utf-8")
        monkeypatch.chdir(tmp_path)
        assert run(["pull"]) == 0
        return tmp_path

    return build


def asked(capsys, *arguments):
    capsys.readouterr()
    code = run(["quality", "--as-of", DAY.isoformat(), *arguments])
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def test_a_clean_company_has_coverage_and_nothing_else(company, capsys):
    company()
    data = json.loads(asked(capsys, "--format", "json"))
    assert (data["customers"], data["outliers"], data["contradictions"], data["nameless"]) == (24, [], [], [])
    known = {row["signal"]: (row["accounts"], row["missing"]) for row in data["coverage"]}
    assert known == {"nps": (2, []), "data_quality": (24, []), "reply_within_a_day": (0, ["touchpoint"])}
    text = asked(capsys)
    assert "CONTRADICTION" not in text
    assert "OUTLIERS" not in text
    assert "Known of every customer: data_quality" in text
    assert text.splitlines()[-1] == (
        "24 customers on 2026-11-22 · 3 signals, 36 % coverage on average · 0 outliers · 0 contradictions"
        " · 0 accounts named and not known"
    )


def test_every_flaw_is_named_with_its_record_and_remedy(company, capsys):
    company({**FLAWS, "accounts": [*FLAWS["accounts"], "A91,Al,true,"]})
    data = json.loads(asked(capsys, "--format", "json"))
    found = {row["rule"]: row for row in data["contradictions"]}
    assert {(rule, row["connection"], row["id"], row["field"]) for rule, row in found.items()} == {
        ("overlapping_terms", "crm", "crm:T2", "start"),
        ("dated_ahead", "crm", "crm:S3", "answered_on"),
        ("goal_without_distance", "crm", "crm:G2", "target"),
        ("percent_scale", "crm", "crm:P1", "data_quality"),
        ("short_name", "crm", "crm:A91", "name"),
    }
    assert found["short_name"]["says"] == "2 letters, 6 are asked for"
    assert 39 <= found["dated_ahead"]["number"] <= 40, "reckoned from now, though an earlier day is asked about"
    assert [(row["signal"], row["account_id"], row["value"]) for row in data["outliers"]] == [
        ("data_quality", "crm:A90", 99.5)
    ], "a prospect's value is no outlier: it is no customer"
    assert data["nameless"] == [{"connection": "crm", "reason": "unmatched", "accounts": 1, "rows": 1}]
    text = asked(capsys)
    for said in ("Odd one", "term crm:T2: start", "Mend the dates", "Spell it out", "csconnect quarantine --accounts"):
        assert said in text, said


def test_all_looks_at_the_whole_library_and_limit_at_fewer_records(company, capsys):
    company({"goals": [f"X{n},A2,orders,5,5,5" for n in range(5)]})
    assert len(json.loads(asked(capsys, "--all", "--format", "json"))["coverage"]) > 40
    shown = {limit: asked(capsys, "--limit", str(limit)) for limit in (0, 2, 9)}
    assert {limit: text.count("goal crm:X") for limit, text in shown.items()} == {0: 5, 2: 2, 9: 5}
    assert {limit: "and 3 more" in text for limit, text in shown.items()} == {0: False, 2: True, 9: False}


def test_what_dangers_stand_on_is_looked_at_too(company):
    folder = company()
    (folder / "csconnect.yaml").write_text(CONFIG.replace("dangers: null\n", ""), "utf-8")
    with Workspace.load(folder / "csconnect.yaml") as space:
        assert space.dangers
        asked_for = examine(space, DAY).inputs.coverage["signal"].to_pylist()
        assert set(asked_for) == {*space.cards.needs(), *space.dangers.needs()} > set(space.cards.needs())


def test_a_later_clock_sees_no_future(company):
    folder = company(FLAWS)
    later = datetime.combine(NOW + timedelta(days=60), datetime.min.time(), UTC)
    with Workspace.load(folder / "csconnect.yaml", now=lambda: later) as space:
        assert "dated_ahead" not in examine(space, DAY).contradictions["rule"].to_pylist()


def test_an_empty_lake_says_what_is_missing(tmp_path, monkeypatch, capsys):
    (tmp_path / "csconnect.yaml").write_text(
        CONFIG.replace("scorecard: few\ndangers: null\nlibrary: library\n", ""), "utf-8"
    )
    monkeypatch.chdir(tmp_path)
    assert run(["quality"]) == 0
    said = capsys.readouterr()
    assert "no account is a customer" in said.err
    assert "0 customers" in said.out


def test_a_broken_rule_of_ones_own_stops_it_with_its_place(company, capsys):
    folder = company()
    (folder / "library" / "quality" / "short_name.sql").write_text(
        RULE.replace("account.name)", "account.nam)"), "utf-8"
    )
    capsys.readouterr()
    assert run(["quality"]) == 1
    said = capsys.readouterr()
    assert "quality/short_name.sql:7:" in said.err
    assert said.out == ""
