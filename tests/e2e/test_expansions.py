"""Who is asked to buy more, from the facts in the CRM and usage files to one opportunity in the CRM: ten seats that became fifty and
are nearly all in use (book §5.2.3, §7.1.1), and who is left in peace."""

from __future__ import annotations

import csv
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from e2e_company import NORTHWIND, TODAY, Company
from e2e_customer import CSM, Customer, store_of

from csconnect_emulator.server import RunningEmulator

pytestmark = pytest.mark.slow

CONFIG = (
    """\
version: 1
library: library
scorecard: tidy
expansion: {enabled: false}
connections:
"""
    + NORTHWIND
    + """\
    write_back: {opportunity: true, settings: {stage: Prospecting, void_stage: Withdrawn}}
  usage:
    connector: files
    match: id
    settings: {tables: {usage: usage/*.parquet, modules: modules.csv}}
"""
)
CARD = """\
scorecard: tidy
version: 1
title: {en: Tidy}
bands: {green: 80, yellow: 60}
dimensions:
  data:
    title: {en: Data}
    weight: 100
    signals:
      data_quality: {weight: 100, curve: {at_least: {90: 1.0}, otherwise: 0.5}}
"""
MODULES = [
    {"id": "quote", "name": "Quote", "core": "true", "process": "lead_to_cash", "product_line": "CRM"},
    {"id": "order", "name": "Order", "core": "true", "process": "lead_to_cash", "product_line": "CRM"},
]


def ago(days):
    return (TODAY - timedelta(days=days)).isoformat()


FULL = {"seats": ((200, 10), (30, 50)), "users": 48}
STORIES = {
    "grown": FULL,
    "overgrown": {"seats": ((200, 10), (30, 50)), "users": 55},
    "in implementation": {
        **FULL,
        "more": {"Project__c": [{"Name": "Roll-out", "Phase__c": "training", "Started_On__c": ago(90)}]},
    },
    "thirty of a hundred": {"seats": ((200, 100),), "users": 30},
    "asked": {
        "account": {"Language__c": "zh"},
        "more": {"Need__c": [{"Kind__c": "upgrade", "Product_Line__c": "CRM", "Stated_On__c": ago(9)}]},
    },
    "under a red light": {**FULL, "account": {"Red_Light__c": True}},
}
CUSTOMERS = {
    name: Customer(number, name, TODAY, modules=("quote", "order"), **told)
    for number, (name, told) in enumerate(STORIES.items(), 1)
}


@pytest.fixture(scope="module")
def company(tmp_path_factory, nursery):
    """The company after its fields were provisioned, a ``sync --apply`` without expansions and one with them."""
    folder = tmp_path_factory.mktemp("expansions")
    store = store_of(CUSTOMERS.values(), TODAY)
    write_files(folder)
    company = Company(folder, RunningEmulator(store, folder), nursery)
    company.emulator.start()
    try:
        provisioned = company("provision", "--apply")
        assert (provisioned.code, provisioned.err) == (0, "")
        for enabled in (False, True):
            assert opportunities(company) == {}, "nothing is made unless it is switched on"
            company.edit_config(("enabled: false", f"enabled: {str(enabled).lower()}"))
            ran = company.daily("sync", "--apply")
            assert (ran.code, ran.err) == (0, ""), ran
        yield company
    finally:
        company.close()


def write_files(folder):
    (folder / "csconnect.yaml").write_text(CONFIG, "utf-8")
    (folder / "library" / "scorecards").mkdir(parents=True)
    (folder / "library" / "scorecards" / "tidy.yaml").write_text(CARD, "utf-8")
    with (folder / "modules.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, MODULES[0])
        writer.writeheader()
        writer.writerows(MODULES)
    (folder / "usage").mkdir()
    rows = [row for customer in CUSTOMERS.values() for row in customer.usage()]
    pq.write_table(pa.Table.from_pylist(rows), folder / "usage" / "all.parquet")


def opportunities(company):
    """Name of the account -> what its opportunities say."""
    names = {customer.id: name for name, customer in CUSTOMERS.items()}
    found = {}
    for record in company.emulator.store.query("salesforce", "Opportunity"):
        found.setdefault(names[record.data["AccountId"]], []).append(record.data)
    return found


def test_each_who_may_be_asked_has_one_and_nobody_else_any(company):
    """Not the customer who is being implemented, nor the one who uses 30 of 100 seats (G7), nor the one under a red light."""
    found = opportunities(company)
    assert {name: len(records) for name, records in found.items()} == {"grown": 1, "overgrown": 1, "asked": 1}
    (grown,), (overgrown,), (asked,) = found["grown"], found["overgrown"], found["asked"]
    assert (grown["Name"], grown["Type"], grown["StageName"]) == ("grown expansion", "Expansion", "Prospecting")
    assert (grown["OwnerId"], grown["CloseDate"], grown.get("Amount")) == (CSM, ago(-90), None)
    assert grown["Description"] == "96% of the seats bought are in use."
    assert (overgrown["Amount"], overgrown["Description"]) == (5000.0, "110% of the seats bought are in use.")
    assert (asked["Name"], asked["Description"]) == ("asked 增购：CRM", "提出升级版本。")


def test_nothing_is_made_twice_and_the_list_says_what_holds_each_back(company):
    again = company.daily("sync", "--format", "json")
    assert (again.code, again.json()["changes"]) == (0, 0)
    listed = company.daily("expansions", "--format", "json").json()
    assert listed["enabled"] is True
    assert {row["account"]: (row["reasons"], row["held_by"]) for row in listed["expansions"]} == {
        "grown": (["seats"], ["open_already"]),
        "overgrown": (["seats"], ["open_already"]),
        "in implementation": (["seats"], ["stage"]),
        "asked": (["need"], ["open_already"]),
        "under a red light": (["seats"], ["red_light"]),
    }
    shown = company.daily("expansions", "--owner", "Mei Lin")
    assert (shown.code, shown.err) == (0, "")
    assert "no: is in implementation" in shown.out
    assert company.daily("expansions", "--passed").out.startswith("Nobody to ask")


def test_undo_withdraws_what_it_made(company, tmp_path):
    """In a company of its own, for the others here to find theirs as it was."""
    regretful = company.copy(tmp_path / "company")
    try:
        taken = regretful("undo")
        assert (taken.code, taken.err) == (0, ""), taken
        found = [record["StageName"] for records in opportunities(regretful).values() for record in records]
        assert found == ["Withdrawn"] * 3
    finally:
        regretful.close()
