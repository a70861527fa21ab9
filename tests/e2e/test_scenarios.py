"""What the book tells of customers in danger (§7.2.1, §7.2.2, §5.2.3), from facts in the CRM and usage files to the account's
fields: a company of a few customers, one of whom is well; each of the others differs from that one by what the book tells."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from e2e_company import NORTHWIND, TODAY, Company
from e2e_customer import MODULES, Customer, store_of

from csconnect_emulator.server import RunningEmulator

pytestmark = pytest.mark.slow

CONFIG = (
    """\
version: 1
library: library
scorecards:
  - {card: small_accounts, when: {segment: [micro]}}
connections:
"""
    + NORTHWIND
    + """\
    write_back: {account: true, task: true}
  usage:
    connector: files
    match: id
    settings: {tables: {usage: usage/*.parquet, modules: modules.csv}}
"""
)

SMALL = """\
scorecard: small_accounts
version: 1
title: {en: Small accounts}
bands: {green: 80, yellow: 60}
dimensions:
  growth:
    title: {en: Growth}
    weight: 100
    signals:
      seat_growth: {weight: 100, curve: {at_least: {0: 1.0}, otherwise: 0.5}}
"""


def ago(days):
    return (TODAY - timedelta(days=days)).isoformat()


def turned(role, change):
    return {"Role_Change__c": [{"Role__c": role, "Change__c": change, "Changed_On__c": ago(20)}]}


def project(days, **more):
    return {"Project__c": [{"Name": "Roll-out", "Phase__c": "training", "Started_On__c": ago(days), **more}]}


GONE = {"used": (119, 40)}
"""Nobody has come for forty days."""

STORIES = {
    "well": {},
    "shallow": {"modules": ("checkin",)},
    "champion left": {"more": turned("champion", "left")},
    "new decision maker": {"more": turned("decision_maker", "left")},
    "not live for three months": {"more": project(91), "account": {"Language__c": "zh"}},
    "not live for less": {"more": project(90)},
    "live at last": {"more": project(200, Live_On__c=ago(3))},
    "silent": {"ticket": 91},
    "grown": {"seats": ((200, 10), (30, 50)), "users": 20, "account": {"Tier__c": "Micro"}},
    "gone": GONE,
    "failing": {**GONE, "more": {"Concern__c": [{"Cause__c": "business_failing", "Raised_On__c": ago(9)}]}},
}
CUSTOMERS = {name: Customer(number, name, TODAY, **told) for number, (name, told) in enumerate(STORIES.items(), 1)}


@pytest.fixture(scope="module")
def synced(tmp_path_factory, nursery):
    """The company after its fields were provisioned and one ``sync --apply``."""
    folder = tmp_path_factory.mktemp("scenarios")
    store = store_of(CUSTOMERS.values(), TODAY)
    write_files(folder)
    emulator = RunningEmulator(store, folder)
    company = Company(folder, emulator.start(), nursery)
    try:
        provisioned = company("provision", "--apply")
        assert (provisioned.code, provisioned.err) == (0, "")
        ran = company.daily("sync", "--apply")
        assert (ran.code, ran.err) == (0, ""), ran
        yield company
    finally:
        company.close()


def write_files(folder: Path) -> None:
    (folder / "csconnect.yaml").write_text(CONFIG, "utf-8")
    (folder / "library" / "scorecards").mkdir(parents=True)
    (folder / "library" / "scorecards" / "small_accounts.yaml").write_text(SMALL, "utf-8")
    with (folder / "modules.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, MODULES[0])
        writer.writeheader()
        writer.writerows(MODULES)
    (folder / "usage").mkdir()
    rows = [row for customer in CUSTOMERS.values() for row in customer.usage()]
    pq.write_table(pa.Table.from_pylist(rows), folder / "usage" / "all.parquet")


SHALLOW = "Much activity, but little that binds the customer."
GONE_SAYS = "Fewer than 20% of the users active on a working day; use fell by 20% or more."


@pytest.mark.parametrize(
    ("name", "level", "causes"),
    [
        ("well", None, None),
        ("shallow", "High", SHALLOW),
        ("champion left", "Light", "A champion left."),
        ("new decision maker", "High", "The decision maker changed."),
        ("not live for three months", "Ordinary", "三个月仍未上线。"),
        ("not live for less", None, None),
        ("live at last", None, None),
        ("silent", "Ordinary", "No question or issue for three months."),
        ("grown", None, None),
        ("gone", "High", GONE_SAYS),
        ("failing", "High", f"The customer's business is failing; f{GONE_SAYS[1:]}"),
    ],
)
def test_the_account_says_the_danger(synced, name, level, causes):
    account = synced.record("salesforce", "Account", Name=name)
    assert (account.get("CSC_Danger_Level__c"), account.get("CSC_Danger_Causes__c")) == (level, causes)


def test_every_story_is_told(synced):
    (marks,) = test_the_account_says_the_danger.pytestmark[-1:]
    assert {name for name, _, _ in marks.args[1]} == STORIES.keys()
    accounts = synced.emulator.store.query("salesforce", "Account")
    assert {record.data["Name"] for record in accounts} == STORIES.keys()


def test_health_is_another_matter(synced):
    """A score tells none of them from the one who is well, and the shallow one is no redder: only danger does."""
    fields = ("CSC_Health_Score__c", "CSC_Health_Band__c")
    said = {name: [synced.record("salesforce", "Account", Name=name).get(f) for f in fields] for name in STORIES}
    for alike in ("champion left", "new decision maker", "not live for three months", "silent"):
        assert said[alike] == said["well"], alike
    assert said["shallow"][1] == said["well"][1] == "Yellow"
    assert said["gone"] == said["failing"]
    assert said["gone"][1] == "Red"


def test_nobody_is_sent_where_no_effort_helps(synced):
    red = {record.data["WhatId"] for record in synced.emulator.store.query("salesforce", "Task")}
    assert red == {CUSTOMERS["gone"].id}


def test_explain_tells_the_danger(synced):
    shallow = synced.daily("explain", "shallow", "--format", "json").json()
    assert shallow["danger"] == {"level": "high", "causes": ["active_but_shallow"], "savable": True}
    failing = synced.daily("explain", "failing")
    assert (failing.code, failing.err) == (0, "")
    assert "Danger high (nothing that we do helps): The customer's business is failing;" in failing.out
    assert "Danger" not in synced.daily("explain", "well").out


def test_ten_seats_that_became_fifty(synced):
    """More attention, no danger (book §5.2.3, G19)."""
    grown = synced.daily("explain", "grown", "--format", "json").json()
    assert {driver["signal"]: driver["value"] for driver in grown["drivers"]} == {"seat_growth": 400.0}
    assert grown["danger"] == {"level": None, "causes": [], "savable": True}
