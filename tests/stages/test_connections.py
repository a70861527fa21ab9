"""Connections that come and go: only what the configuration names counts, and what cannot be written stands in nobody's way."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from csconnect.errors import ConfigError, MissingFieldError, WrongOrgError
from csconnect.model.values import Level
from csconnect.stages.apply import apply, undo
from csconnect.stages.check import check
from csconnect.stages.score import judge
from csconnect.stages.workspace import Workspace, resolve_settings
from csconnect.sync import sync

CRM = """\
version: 1
connections:
  crm:
    connector: files
    home: true
    write_back: {account: true}
    settings: {tables: {accounts: accounts.csv}}
"""
DESK = """\
  desk:
    connector: files
    settings: {tables: {accounts: desk.csv, touchpoints: touchpoints.csv}}
"""


def opened(folder: Path, text: str) -> Workspace:
    (folder / "csconnect.yaml").write_text(text)
    return Workspace.load(folder / "csconnect.yaml", now=lambda: datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text("id,name,is_customer,match_key,data_quality\nA1,Acme,true,K1,90\n")
    (tmp_path / "desk.csv").write_text("id,name,is_customer,match_key\nD1,Acme,true,K1\nD2,Nobody,true,K2\n")
    rows = [f"P{number},D1,meeting,2026-11-{number:02}T09:00:00Z,true,5" for number in range(1, 11)]
    header = "id,account_id,kind,happened_at,executive,replied_within_hours"
    (tmp_path / "touchpoints.csv").write_text("\n".join([header, *rows]) + "\n")
    return tmp_path


def known_signals(space: Workspace) -> set[str]:
    with judge(space, space.today) as judged:
        rows = judged.computed.scores.drivers.to_pylist()
    return {row["signal"] for row in rows if row["value"] is not None}


def test_facts_of_a_connection_that_left_the_configuration_count_no_more(folder: Path) -> None:
    """Nobody pulls them any more: they would grow old unseen, and turn accounts red that nobody looks after less."""
    with opened(folder, CRM + DESK) as space:
        sync(space)
        assert known_signals(space) == {"data_quality", "executive_met", "reply_within_a_day"}
    with opened(folder, CRM) as space:
        assert sync(space).exit_code in (0, 2), "leaving one out on purpose is not a pull that shrank"
        assert known_signals(space) == {"data_quality"}


def test_another_configuration_over_the_same_lake_neither_joins_nor_stops_this_one(folder: Path) -> None:
    with opened(folder, CRM + DESK) as space:
        sync(space)
    with opened(folder, CRM.replace("crm:", "other:")) as space:
        sync(space)
        assert known_signals(space) == {"data_quality"}
        with judge(space, space.today) as judged:
            assert set(judged.roster.accounts) == {"other:A1"}
            assert judged.nameless() == {}, "what another configuration cannot place is no news here"


def test_a_home_that_cannot_be_written_does_not_stop_an_undo(folder: Path) -> None:
    with opened(folder, CRM) as space:
        run = sync(space).run_id
        assert undo(space, run).plan.changes == ()


def test_a_home_that_cannot_be_written_does_not_stop_an_apply_that_leaves_it_alone(folder: Path) -> None:
    (folder / "accounts.csv").write_text("id,name,is_customer\n")
    with opened(folder, CRM) as space:
        plan = sync(space).plan
        assert plan is not None
        assert plan.changes == ()
        assert apply(space, plan).complete


def test_a_reference_that_leads_to_a_wrong_value_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file was checked before anybody could know what stands behind env:NAME."""
    text = CRM.replace("files", "salesforce").replace("home: true", "")
    settings = "settings: {instance_url: env:CRM_TABLE, my_domain: '', client_id: a, client_secret: env:CRM_TABLE}"
    text = text.replace("settings: {tables: {accounts: accounts.csv}}", settings)
    monkeypatch.setenv("CRM_TABLE", "https://login.salesforce.com")
    with opened(folder, text) as space, pytest.raises(ConfigError, match="My Domain") as caught:
        space.source("crm")
    assert "login.salesforce.com" not in str(caught.value)


def test_what_the_configuration_names_is_looked_at(folder: Path) -> None:
    with opened(folder, CRM.replace("home: true", "home: true\n    csm_field: nmae")) as space:
        (wrong,) = [finding for finding in check(space, "crm") if finding.level is Level.ERROR]
    assert "nmae" in wrong.what
    assert "Did you mean name?" in wrong.remedy
    with opened(folder, CRM) as space:
        assert {finding.level for finding in check(space, "crm")} <= {Level.OK, Level.NOTE}


def test_paths_of_a_connection_start_at_the_configuration(tmp_path: Path) -> None:
    class Settings(BaseModel):
        ca_file: Path | None = None
        other: str = ""

    said = {"ca_file": "tls/ca.pem", "other": "x"}
    assert resolve_settings(Settings, said, tmp_path) == {"ca_file": tmp_path / "tls" / "ca.pem", "other": "x"}
    assert resolve_settings(Settings, {"ca_file": "/etc/ca.pem"}, tmp_path) == {"ca_file": Path("/etc/ca.pem")}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [("language: de\n", "nothing can be said in 'de'"), ("library: nowhere\n", "no such folder")],
)
def test_a_language_or_library_that_is_not_there_is_no_silence(folder: Path, wrong: str, says: str) -> None:
    with opened(folder, wrong + CRM) as space, pytest.raises(ConfigError, match=says):
        sync(space)
    with opened(folder, "language: zh-CN\n" + CRM) as space:
        assert sync(space).exit_code in (0, 2)


def test_a_filter_by_a_field_that_is_not_there_is_blamed_on_the_configuration(folder: Path) -> None:
    """Not on the packaged mapping, which the admin has never seen."""
    text = CRM.replace("    home: true\n", "    home: true\n    customers: {field: is_custmer, values: ['true']}\n")
    with opened(folder, text) as space, pytest.raises(MissingFieldError) as caught:
        sync(space)
    assert caught.value.where == "crm: customers: field"
    assert "Did you mean 'is_customer'?" in str(caught.value)


def test_what_amounts_are_in_that_name_no_currency_can_be_said_once(folder: Path) -> None:
    """Most orgs and portals have one currency, and no field that names it."""
    (folder / "terms.csv").write_text(
        "id,account_id,start,end,amount,currency\nT1,A1,2026-06-01,2027-06-01,1200,\nT2,A1,2026-06-01,2027-06-01,600,EUR\n"
    )
    text = CRM.replace("accounts.csv}", "accounts.csv, terms: terms.csv}")
    with opened(folder, text) as space:
        report = sync(space)
        assert report.without_currency == {"crm": 1}
    with opened(folder, text.replace("home: true", "home: true\n    currency: EUR")) as space:
        assert sync(space).without_currency == {}
        with judge(space, space.today) as judged:
            (money,) = judged.computed.revenue.to_pylist()
    assert (money["arr"], money["currency"]) == (1800, "EUR")
    with (
        pytest.raises(ConfigError, match="currency"),
        opened(folder, text.replace("true\n", "true\n    currency: eur\n", 1)),
    ):
        pass


def test_another_org_than_the_pinned_one_is_refused_whatever_the_connector_thinks_of_it(folder: Path) -> None:
    """Authors forget it, as the connector for files does; a wrong credential must not fill or write the wrong org."""
    with opened(folder, CRM.replace("home: true", "home: true\n    org: elsewhere")) as space:
        (found,) = check(space, "crm")
        assert (found.level, found.code) == (Level.ERROR, "E-WRONG-ORG")
        assert "pinned to elsewhere" in found.what
        with pytest.raises(WrongOrgError):
            sync(space)
        assert space.lake.cursors("crm") == {}
    with opened(folder, CRM.replace("home: true", "home: true\n    org: files")) as space:
        assert all(found.level is not Level.ERROR for found in check(space, "crm"))
        sync(space)
        assert space.lake.cursors("crm")
