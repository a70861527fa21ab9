"""Months are closed once, kept as they were stated, and stated anew only where what comes later makes them others."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csconnect.compute.period import parse_period
from csconnect.errors import DataError, GuardError
from csconnect.lake.schema import FIGURE, FORECAST, MONTH, STATEMENT
from csconnect.report.month import as_data, restated
from csconnect.stages import close
from csconnect.stages.close import Closed
from csconnect.stages.month import ClosedMonth, closed_month
from csconnect.stages.pull import pull
from csconnect.stages.retention import retention
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace
from csconnect.sync import SyncReport, sync

CONFIG = """\
version: 1
dangers: null
scorecard: few
library: library
retention: {currency: USD}
connections:
  crm:
    connector: files
    home: true
    settings: {tables: {accounts: accounts.csv, terms: terms.csv, fx: fx.csv, opportunities: deals.csv, owners: owners.csv}}
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
      data_quality: {weight: 100, curve: {linear: {from: 0, to: 100}}}
"""
ACCOUNTS = {"A1": "Acme,true,enterprise,U1,100", "A2": "Bolt,true,micro,U1,100", "A3": "Crow,true,micro,U2,100"}
TERMS = {
    "T1": "A1,new,2025-10-01,2025-10-20,2026-10-20,12,1200,USD",
    "T2": "A2,new,2026-02-01,2026-03-01,2027-03-01,12,500,USD",
    "T3": "A3,new,2025-09-10,2025-09-15,2026-09-15,12,2400,EUR",
}
LATE = {"T4": "A1,renewal,2026-10-18,2026-10-20,2027-10-20,12,1300,USD"}
"""Signed before October was over, told later."""
RATES = {"R1": "EUR,USD,1.5,2026-08-01", "R2": "EUR,USD,1.6,2026-09-10"}
DEALS = {"D1": "A1,renewal,open,1320,USD,2026-10-15,"}


def close_on(space: Workspace, day: date, run: str) -> Closed:
    with snapshot(space, day) as facts:
        return close.close_months(space, facts, day, run)


class Folder:
    """A company in CSV files, and a night's run over it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.runs = 0
        self.tables = {
            "accounts": ("id,name,is_customer,segment,owner_id,data_quality", dict(ACCOUNTS)),
            "terms": ("id,account_id,nature,signed_on,start,end,months,amount,currency", dict(TERMS)),
            "fx": ("id,currency,base,rate,on", dict(RATES)),
            "deals": ("id,account_id,kind,status,amount,currency,close_on,closed_at", dict(DEALS)),
            "owners": ("id,name,active", {"U1": "Mei Lin,true", "U2": "Tom Ray,true"}),
        }
        self.config = CONFIG
        (root / "library" / "scorecards").mkdir(parents=True)
        (root / "library" / "scorecards" / "few.yaml").write_text(CARD)

    def rows(self, table: str) -> dict[str, str]:
        return self.tables[table][1]

    def open(self, *day: int, hour: int = 6) -> Workspace:
        for name, (head, rows) in self.tables.items():
            lines = [head, *(f"{key},{rest}" for key, rest in rows.items())]
            (self.root / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
        (self.root / "csconnect.yaml").write_text(self.config, "utf-8")
        return Workspace.load(self.root / "csconnect.yaml", now=lambda: datetime(*day, hour, tzinfo=UTC))

    def night(self, *day: int, **more: Any) -> SyncReport:
        with self.open(*day) as space:
            return sync(space, **{"because": "a test", **more})

    def closed(self, *day: int) -> Closed:
        """What a night does about months, without all else that it does."""
        with self.open(*day) as space:
            self.runs += 1
            pull(space, f"run{self.runs}")
            return close_on(space, space.today, f"run{self.runs}")

    def month(self, text: str) -> ClosedMonth:
        with self.open(2026, 12, 30) as space:
            return closed_month(space, text)

    def stated(self, entity: str) -> list[dict[str, Any]]:
        with self.open(2026, 12, 30) as space:
            return space.lake.stated(entity).to_pylist()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def first_of(found: ClosedMonth) -> str:
    """The first statement as a machine reads it."""
    return json.dumps(as_data(found, listed=True)["versions"][0], default=str)


def all_of(found: ClosedMonth, basis: str = "due") -> dict[str, Any]:
    (row,) = [row for row in getattr(found.versions[-1], basis) if row["dimension"] == "all"]
    return row


# closing


def test_the_newest_three_are_closed_first_and_none_before_them(folder):
    assert folder.closed(2026, 11, 2).closed == ["2026-08", "2026-09", "2026-10"]
    assert folder.closed(2026, 11, 3).closed == []
    assert folder.closed(2026, 12, 2).closed == ["2026-11"]
    assert {row["reconstructed"] for row in folder.stated(STATEMENT) if row["month"].month < 10} == {True}


def test_a_month_is_closed_when_its_first_day_after_is_over_too(folder):
    """What is signed on that day counts, whatever the hour of the run."""
    folder.closed(2026, 10, 20)
    assert folder.closed(2026, 11, 1).closed == []
    assert folder.closed(2026, 11, 2).closed == ["2026-10"]


def test_a_statement_says_what_the_period_says_on_that_day(folder):
    folder.closed(2026, 11, 2)
    found = folder.month("2026-10")
    with folder.open(2026, 11, 2) as space:
        expected = retention(space, parse_period("2026-10"), date(2026, 11, 1), ("segment", "csm"), "USD")
    (version,) = found.versions
    assert (version.number, version.as_of, version.stated_on) == (1, date(2026, 11, 1), date(2026, 11, 2))
    for rows, table in ((version.due, expected.due), (version.opening, expected.opening)):
        shown = table.to_pylist()
        assert [{name: row[name] for name in shown[0]} for row in rows] == shown
    assert all_of(found)["renewal_rate_amount_due"] == 0.0
    assert all_of(found, "opening")["deferred_customers"] == 1, "Acme; Crow was no customer any more when it opened"


def test_a_missed_month_is_closed_later_and_says_that_nobody_knew(folder):
    folder.closed(2026, 8, 2)
    assert folder.closed(2027, 1, 5).closed == ["2026-08", "2026-09", "2026-10"]
    assert folder.closed(2027, 1, 6).closed == ["2026-11", "2026-12"]
    assert {row["reconstructed"] for row in folder.stated(STATEMENT) if row["month"] >= date(2026, 8, 1)} == {False}


def test_health_is_that_of_the_month_where_the_lake_knew_it(folder):
    folder.closed(2026, 10, 20)
    for key in ("A1", "A2"):
        folder.rows("accounts")[key] = folder.rows("accounts")[key].replace(",100", ",65")
    folder.night(2026, 10, 30)
    folder.rows("accounts")["A1"] = ACCOUNTS["A1"].replace(",100", ",10")
    folder.closed(2026, 11, 2)
    folder.rows("terms").update(LATE)
    assert folder.closed(2026, 11, 3).restated == ["2026-10"]
    bands = {(row["month"].month, row["version"], row["account_id"]): row["band"] for row in folder.stated(MONTH)}
    assert bands[10, 1, "crm:A1"] == bands[10, 2, "crm:A1"] == "yellow", "neither what it is now, nor judged again"
    assert bands[9, 1, "crm:A1"] is None, "nobody judged it then"


@pytest.mark.parametrize("case", ["future", "no orders", "nobody", "plan", "shrunk"])
def test_when_nothing_is_closed(folder, case):
    if case == "future":
        report = folder.night(2026, 11, 2, as_of=date(2027, 3, 5))
    elif case == "no orders":
        folder.config = CONFIG.replace("terms: terms.csv, ", "")
        report = folder.night(2026, 11, 2)
    elif case == "nobody":  # a misspelt filter
        folder.config = CONFIG + "    customers: {field: is_customer, values: [yess]}\n"
        report = folder.night(2026, 11, 2)
    elif case == "plan":
        folder.closed(2026, 10, 20)
        report = folder.night(2026, 11, 2, fetch=False)
    else:
        folder.night(2026, 10, 20)
        folder.rows("terms").clear()
        with folder.open(2026, 11, 2) as space, pytest.raises(GuardError, match="term"):
            sync(space)
        report = SyncReport("", date(2026, 11, 2))
    assert not report.closed or (report.closed.closed, report.closed.restated) == ([], [])
    months = {row["month"] for row in folder.stated(STATEMENT)}
    assert date(2026, 10, 1) not in months


# stating anew


def test_a_late_order_makes_one_new_version_and_the_first_stays_as_it_was(folder):
    folder.closed(2026, 11, 2)
    before = first_of(folder.month("2026-10"))
    folder.rows("terms").update(LATE)
    assert folder.closed(2026, 11, 20).restated == ["2026-10"]
    assert folder.closed(2026, 11, 21).restated == []
    found = folder.month("2026-10")
    assert first_of(found) == before
    (one,) = found.restatements
    assert (one.number, one.accounts, one.reasons) == (2, 1, {"late_order": 1})
    assert restated(one) == (
        "restated 2026-11-20: amount due 108.3 % (was 0.0 %), count due 100.0 % (was 0.0 %), NDR 105.9 % (was 29.4 %), "
        "GRR 100.0 % (was 29.4 %): 1 account"
    )
    (changed,) = one.changes
    assert (changed.account_id, changed.facts["state"]) == ("crm:A1", ("open", "renewed"))
    with folder.open(2026, 12, 1) as space:
        space.lake.fold()
    assert first_of(folder.month("2026-10")) == before
    assert folder.month("2026-10") == found


def test_who_became_known_late_and_left_since_stays_in_the_month(folder):
    """Also who is only in a later version: it is not taken out again because he is no customer any more."""
    folder.closed(2026, 11, 2)
    folder.rows("accounts")["A4"] = "Dove,true,micro,U2,100"
    folder.rows("terms")["T5"] = "A4,new,2026-02-01,2026-03-01,2027-03-01,12,700,USD"
    assert "2026-10" in folder.closed(2026, 11, 3).restated
    before = all_of(folder.month("2026-10"), "opening")
    folder.rows("accounts")["A4"] = "Dove,false,micro,U2,100"
    assert folder.closed(2026, 11, 4).restated == []
    assert all_of(folder.month("2026-10"), "opening") == before


def test_a_third_version_is_told_against_the_second(folder):
    folder.closed(2026, 11, 2)
    folder.rows("terms").update(LATE)
    folder.closed(2026, 11, 3)
    folder.rows("terms")["T4"] = LATE["T4"].replace("1300", "1250")
    folder.closed(2026, 11, 4)
    second, third = folder.month("2026-10").restatements
    assert (second.reasons, third.reasons) == ({"late_order": 1}, {"changed_order": 1})
    assert third.changes[0].facts.keys() == {"arr", "renewed_arr"}


@pytest.mark.parametrize(
    ("change", "why", "account"),
    [
        (lambda it: it.rows("terms").update(LATE), "late_order", "crm:A1"),
        (lambda it: it.rows("terms").update(T2=TERMS["T2"].replace(",500,", ",700,")), "changed_order", "crm:A2"),
        (lambda it: it.rows("terms").pop("T2"), "withdrawn_order", "crm:A2"),
        (lambda it: it.rows("accounts").pop("A2"), "account", "crm:A2"),
        (lambda it: it.rows("fx").update(R2="EUR,USD,1.7,2026-09-10"), "exchange_rate", "crm:A3"),
        (lambda it: setattr(it, "config", CONFIG.replace("currency: USD", "currency: EUR")), "configuration", "crm:A2"),
    ],
    ids=["late", "changed", "withdrawn", "account", "rate", "settings"],
)
def test_why(folder, change, why, account):
    folder.closed(2026, 11, 2)
    change(folder)
    assert folder.closed(2026, 11, 3).restated
    newest = [row for row in folder.stated(MONTH) if row["version"] == 2 and row["reason"]]
    assert {row["account_id"]: row["reason"] for row in newest}[account] == why
    if why == "configuration":
        assert folder.month("2026-10").restatements[0].settings == {"currency": ("USD", "EUR")}
    else:
        assert {row["account_id"] for row in newest} == {account}


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.rows("accounts").update(A1=ACCOUNTS["A1"].replace("true", "false")),
        lambda it: it.rows("accounts").update(A1="Acme again,true,strategic,U2,5"),
        lambda it: it.rows("terms").update(T9="A2,renewal,2026-11-02,2027-03-01,2028-03-01,12,900,USD"),
        lambda it: it.rows("fx").update(R9="EUR,USD,9.9,2026-11-02"),
        lambda it: setattr(it, "config", CONFIG + "renewals: {due_days: 60}\n"),
    ],
    ids=["no customer since", "another CSM and segment", "signed since", "a rate of today", "due earlier"],
)
def test_what_is_no_restatement(folder, change):
    """A month keeps who was a customer, of which segment, and whose. What happened after it is not of it."""
    folder.closed(2026, 11, 2)
    change(folder)
    found = folder.closed(2026, 11, 3)
    assert (found.closed, found.restated) == ([], [])
    assert {row["version"] for row in folder.stated(STATEMENT)} == {1}


def test_months_of_long_ago_are_left_as_they_are(folder):
    folder.closed(2026, 8, 2)
    for month in (9, 10, 11):
        folder.closed(2026, month, 2)
    folder.rows("terms")["T3"] = TERMS["T3"].replace(",2400,", ",2500,")
    folder.config = CONFIG.replace("currency: USD", "currency: USD, restate_months: 2")
    assert folder.closed(2026, 11, 3).restated == ["2026-09"], "October has none of it"
    folder.config = CONFIG.replace("currency: USD", "currency: USD, restate_months: 0")
    folder.rows("terms")["T3"] = TERMS["T3"]
    assert folder.closed(2026, 11, 4).restated == []


def test_a_run_for_a_day_of_long_ago_restates_nothing_of_then(folder):
    folder.closed(2026, 8, 2)
    folder.rows("terms")["T3"] = TERMS["T3"].replace(",2400,", ",2500,")
    with folder.open(2027, 2, 2) as space:
        pull(space, "late")
        found = close_on(space, date(2026, 8, 20), "late")
    assert (found.closed, found.restated) == ([], [])


# cheap, whole, once


def test_a_night_on_which_nothing_came_reckons_nothing(folder, monkeypatch):
    folder.closed(2026, 11, 2)
    monkeypatch.setattr(close, "reckon", lambda *_: pytest.fail("reckoned for nothing"))
    folder.rows("accounts")["A1"] = ACCOUNTS["A1"].replace(",100", ",30")
    folder.rows("terms")["T9"] = "A2,renewal,2026-11-02,2027-03-01,2028-03-01,12,900,USD"
    assert folder.closed(2026, 11, 3).restated == []


def test_what_made_no_difference_once_is_not_reckoned_again(folder, monkeypatch):
    """An order of years ago changes nothing of October: it is reckoned to see that, and then the ledger remembers."""
    folder.night(2026, 11, 2)
    folder.rows("terms")["T0"] = "A2,new,2019-01-01,2019-01-01,2020-01-01,12,400,USD"
    report = folder.night(2026, 11, 3)
    assert report.closed is not None
    assert (report.closed.restated, report.closed.problem) == ([], "")
    monkeypatch.setattr(close, "reckon", lambda *_: pytest.fail("reckoned for nothing"))
    folder.night(2026, 11, 4)


def test_a_close_that_fails_stops_nothing_and_is_made_up_for(folder, monkeypatch):
    def full(*_: Any) -> Any:
        raise DataError("the disk is full", where="the lake")

    with monkeypatch.context() as patch:
        patch.setattr("csconnect.lake.write.publish_stated", full)
        report = folder.night(2026, 11, 2)
    assert report.plan is not None
    assert report.closed is not None
    assert "the disk is full" in report.closed.problem
    assert folder.stated(STATEMENT) == folder.stated(FIGURE) == folder.stated(MONTH) == []
    assert folder.closed(2026, 11, 2).closed == ["2026-08", "2026-09", "2026-10"]
    assert len(folder.stated(STATEMENT)) == 3


def test_two_runs_at_once_close_a_month_once(folder, monkeypatch):
    """Another run was quicker: what it stated stands."""
    publish = close._publish

    def overtaken(workspace: Workspace, *rest: Any) -> bool:
        monkeypatch.setattr(close, "_publish", publish)
        close_on(workspace, date(2026, 11, 2), "other")
        return publish(workspace, *rest)

    monkeypatch.setattr(close, "_publish", overtaken)
    assert folder.closed(2026, 11, 2) == Closed()
    assert [row["version"] for row in folder.stated(STATEMENT)] == [1, 1, 1]


def test_open_renewals_are_noted_once_a_week(folder):
    assert folder.closed(2026, 10, 5).forecasts == 1
    assert folder.closed(2026, 10, 11).forecasts == 0
    folder.rows("deals")["D1"] = DEALS["D1"].replace("1320", "1200")
    assert folder.closed(2026, 10, 12).forecasts == 1
    with folder.open(2026, 10, 29) as space:
        assert close_on(space, date(2026, 10, 20), "other").forecasts == 0, "what was open on another day nobody knows"
    rows = [(row["day"].day, str(row["arr"]), str(row["due_arr"])) for row in folder.stated(FORECAST)]
    assert rows == [(5, "1320.00", "1200.00"), (12, "1200.00", "1200.00")]


ORDER = st.tuples(
    st.sampled_from(["A1", "A2", "A3"]),
    st.sampled_from(["2026-06-01", "2026-09-15", "2026-10-20", "2026-11-01"]),
    st.sampled_from(["renewal", "expansion", "new"]),
    st.sampled_from([100, 1200, 2400]),
)


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(orders=st.lists(ORDER, min_size=1, max_size=3))
def test_whatever_comes_late_it_is_stated_once(tmp_path_factory, orders):
    """However many nights follow: at most one further version of each month, every statement as it was, and the newest what the period
    says today."""
    folder = Folder(tmp_path_factory.mktemp("late"))
    folder.closed(2026, 11, 2)
    before = {name: first_of(folder.month(name)) for name in ("2026-08", "2026-09", "2026-10")}
    for number, (account, start, nature, amount) in enumerate(orders):
        end = f"2027{start[4:]}"
        folder.rows("terms")[f"L{number}"] = f"{account},{nature},{start},{start},{end},12,{amount},USD"
    first, second = folder.closed(2026, 11, 3), folder.closed(2026, 11, 4)
    assert (first.closed, second.closed, second.restated) == ([], [], [])
    for name, text in before.items():
        found = folder.month(name)
        assert first_of(found) == text
        assert len(found.versions) == 1 + (name in first.restated)
    with folder.open(2026, 11, 4) as space:
        expected = retention(
            space, parse_period("2026-10"), date(2026, 11, 1), ("segment", "csm"), "USD"
        ).due.to_pylist()
    assert [{key: row[key] for key in expected[0]} for row in folder.month("2026-10").versions[-1].due] == expected
