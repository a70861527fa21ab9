"""A year of renewals, lived through day by day: customers that renew, leave, dither and come back, and colleagues and a CPQ that make
renewals too. Opportunities appear once, tasks escalate, and neither a kill nor a second run makes anything twice."""

from __future__ import annotations

import os
import signal
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from e2e_company import NORTHWIND, TODAY, Company
from e2e_customer import Customer, csm

from csconnect_emulator import hubspot, salesforce
from csconnect_emulator.clock import Clock
from csconnect_emulator.generator.keys import sf
from csconnect_emulator.generator.stamps import morning
from csconnect_emulator.server import RunningEmulator
from csconnect_emulator.store import RecordStore

pytestmark = pytest.mark.slow

CONFIG = (
    """\
version: 1
guards: {band_change: 100}
connections:
"""
    + NORTHWIND
    + """\
    write_back:
      opportunity: true
      task: true
      fields:
        account: [health_score, health_band, because, next_renewal, arr, renewal_state, renewal_due_arr]
        opportunity: [renewal_state, due_on, due_arr, flags, outlook]
      settings: {stage: Prospecting, void_stage: Withdrawn}
"""
)

END = TODAY + timedelta(days=101)
"""The first day that the terms of all but one do not cover; the year is the time around it, and begins today, since work about terms that
ended long before csconnect came is not made."""
WRITES = r"composite/sobjects(/\w+/CSC_Key__c)?(\?|$)"

NAMES = ("renews", "leaves", "dithers", "comes back", "by CPQ", "by hand", "long")
"""``long`` is the control: its term ends a year later, and nobody has anything to do."""


@dataclass
class Year:
    """The company, and what stood in its CRM at the end of each day on which csconnect ran."""

    company: Company
    customers: dict[str, Customer]
    accounts: dict[date, dict[str, dict[str, Any]]] = field(default_factory=dict)
    opportunities: dict[date, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    tasks: dict[date, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def live(self, day: date, *, killed: bool = False) -> None:
        """One night: the sync, killed after its first write and started again where it is ``killed``."""
        self.company.emulator.store.clock.set(morning(day) + timedelta(hours=16))
        if killed:
            fault = self.company.fault(action="hang", path=WRITES, when="after")
            process = self.company.start("sync", "--apply", "--as-of", day.isoformat())
            while not fault.struck and process.poll() is None:
                time.sleep(0.005)
            process.kill()
            assert process.ended().code == -signal.SIGKILL
            self.company.emulator.state.faults.clear()
        ran = self.company.daily("sync", "--apply", day=day)
        assert (ran.code, ran.err) == (0, ""), ran
        if day in (END + timedelta(days=after) for after in ASKED_TWICE):
            again = self.company.daily("sync", day=day)
            assert (again.code, again.err) == (0, ""), again
        self.opportunities[day] = self._by_account("Opportunity", "AccountId")
        accounts = {record.id: record.data for record in self.company.emulator.store.query("salesforce", "Account")}
        self.accounts[day] = {name: accounts[customer.id] for name, customer in self.customers.items()}
        self.tasks[day] = self._by_account("Task", "WhatId")

    def _by_account(self, name: str, link: str) -> dict[str, list[dict[str, Any]]]:
        names = {customer.id: name for name, customer in self.customers.items()}
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for record in self.company.emulator.store.query("salesforce", name):
            found[names[record.data[link]]].append({"id": record.id, **record.data})
        return found

    def made(self, day: date, name: str) -> list[dict[str, Any]]:
        """The opportunities of ``name`` that csconnect made."""
        return [each for each in self.opportunities[day][name] if each.get("CSC_Key__c")]

    def task(self, day: date, name: str) -> dict[str, Any] | None:
        """The open renewal task of ``name``, the only one there may be."""
        mine = [
            each
            for each in self.tasks[day][name]
            if "|renewal|" in each["CSC_Key__c"] and each["Status"] != "Completed"
        ]
        assert len(mine) <= 1
        return mine[0] if mine else None

    # what people do

    def opens(self, name: str, *, linked: bool) -> None:
        """A colleague, or a CPQ whose contract then names it, makes the renewal before anybody asks."""
        customer = self.customers[name]
        id = sf("Opportunity", customer.number, 50)
        close = (END - timedelta(days=5)).isoformat()
        known = {"AccountId": customer.id, "Name": f"Renewal of {name}", "Type": "Renewal", "CloseDate": close}
        self.company.emulator.store.insert("salesforce", "Opportunity", id, known)
        self.company.hand_edit("salesforce", "Opportunity", id, StageName="Prospecting", Amount=11000.0)
        if linked:
            contract = sf("Contract", customer.number, 0)
            self.company.hand_edit("salesforce", "Contract", contract, SBQQ__RenewalOpportunity__c=id)

    def closes(self, name: str, stage: str) -> None:
        (mine,) = self._by_account("Opportunity", "AccountId")[name]
        self.company.hand_edit("salesforce", "Opportunity", mine["id"], StageName=stage)

    def orders(self, name: str, start: date) -> None:
        """Signs for the year that begins on ``start``."""
        customer = self.customers[name]
        for kind, record in Customer(customer.number, name, start, seats=((365, 10), (0, 10))).records():
            if kind in ("Contract", "Order") and record["Id"] == sf(kind, customer.number, 1):
                plain = {key: value for key, value in record.items() if key not in STAMPS and key != "Id"}
                self.company.emulator.store.insert("salesforce", kind, record["Id"], plain)


STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
NIGHTS = (-91, -90, -89, -31, -30, -10, -1, 0, 6, 40, 90, 91, 120, 184)
"""Days from `END` on which csconnect runs: around each on which anything happens."""
if os.environ.get("CSCONNECT_EVERY_NIGHT"):  # a year of nights takes a quarter of an hour, and says what these few do
    NIGHTS = tuple(range(-91, 274))
KILLED = (-90, -30, 0, 91)
ASKED_TWICE = (-90, -30, 6)
"""After these nights a second run finds nothing to do: what a renewal was given when it was made is what the next run says of it."""


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory, nursery: Any) -> Any:
    """The company after the year, with all that it saw on the way."""
    folder: Path = tmp_path_factory.mktemp("year")
    store = RecordStore(clock=Clock())
    salesforce.install(store)
    hubspot.install(store)
    begin = END - timedelta(days=101)
    store.clock.set(morning(begin))
    store.load("salesforce", "User", [csm(begin)])
    lasts = {name: END + timedelta(days=365) if name == "long" else END for name in NAMES}
    customers = {
        name: Customer(number, name, begin, seats=(((begin - last).days + 365, 10),))
        for number, (name, last) in enumerate(lasts.items(), 1)
    }
    for customer in customers.values():
        for name, record in customer.records():
            store.load("salesforce", name, [record])
    (folder / "csconnect.yaml").write_text(CONFIG, "utf-8")
    emulator = RunningEmulator(store, folder)
    lived = Year(Company(folder, emulator.start(), nursery), customers)
    try:
        assert lived.company("provision", "--apply").code == 0
        for after in NIGHTS:
            happens(lived, after)
            lived.live(END + timedelta(days=after), killed=after in KILLED)
        yield lived
    finally:
        lived.company.close()


def happens(year: Year, after: int) -> None:
    """What people do before the night ``after`` days from the end of the terms."""
    year.company.emulator.store.clock.set(morning(END + timedelta(days=after)))
    if after == -91:
        year.opens("by CPQ", linked=True)
        year.opens("by hand", linked=False)
    if after == -10:
        year.closes("renews", "Closed Won")
        year.orders("renews", END)
    if after == 6:
        year.closes("leaves", "Closed Lost")
    if after == 40:
        year.closes("dithers", "Closed Won")
        year.orders("dithers", END + timedelta(days=40))
    if after == 120:
        year.closes("comes back", "Closed Won")
        year.orders("comes back", END + timedelta(days=120))


def day(after: int) -> date:
    return END + timedelta(days=after)


BY_OTHERS = ("by CPQ", "by hand")
OURS = tuple(name for name in NAMES if name not in (*BY_OTHERS, "long"))


def test_one_opportunity_for_each_renewal_the_whole_year(year):
    """Ours from the ninetieth day before the end, theirs from when they made them; never a second, whatever happened since."""
    for after in NIGHTS:
        found = {name: len(year.opportunities[day(after)][name]) for name in NAMES}
        wanted = {name: int(name in BY_OTHERS or (name in OURS and after >= -90)) for name in NAMES}
        assert found == wanted, after


def test_what_others_made_is_linked_by_contract_or_by_day_and_left_alone(year):
    for name in BY_OTHERS:
        for after in NIGHTS:
            (theirs,) = year.opportunities[day(after)][name]
            assert (theirs.get("CSC_Key__c"), theirs["Amount"], theirs["StageName"]) == (None, 11000.0, "Prospecting")


def test_ours_names_the_term_and_its_last_day(year):
    for name in OURS:
        (ours,) = year.made(day(-90), name)
        assert ours["CloseDate"] == (END - timedelta(days=1)).isoformat()
        assert ours["Amount"] == 10000.0
        assert ours["ContractId"] == sf("Contract", year.customers[name].number, 0)


def said(record: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(record.get(f"CSC_{name}__c") for name in ("Renewal_State", "Due_On", "Due_ARR", "Renewal_Flags"))


@pytest.mark.parametrize("name", ["leaves", "by CPQ", "by hand"])
def test_every_open_renewal_says_how_it_stands_whoever_made_it(year, name):
    """What does not fit stands where the work is done (阶段与到期时间不符), and goes when it fits."""
    last = (END - timedelta(days=1)).isoformat()
    first, late = "30 days or less, and still in the first stage", "should have closed by now"
    theirs = name != "leaves"
    state = {
        -90: "Due",
        -89: "Due",
        -31: "Due",
        -30: "Due",
        -1: "Due",
        0: "Deferred",
        **({91: "Churned"} if theirs else {}),
    }
    flags = {
        -30: f"{first}.",
        -1: f"{first}; {late}." if theirs else f"{first}.",  # theirs should have closed five days before the end
        0: f"{first}; {late}.",
        91: f"{late}.",
    }
    for after, stands in state.items():
        (found,) = year.opportunities[day(after)][name]
        assert said(found) == (stands, last, pytest.approx(10000, rel=0.01), flags.get(after)), after
        assert found.get("CSC_Outlook__c") is None or 0 <= found["CSC_Outlook__c"] <= 100


def test_a_closed_renewal_keeps_what_it_said_last(year):
    before, after = (year.made(day(night), "leaves")[0] for night in (6, 184))
    assert said(before) == said(after)


def test_the_account_says_its_most_pressing_state(year):
    wanted = {-91: ("Not due", None), -90: ("Due", 10000), 0: ("Deferred", 10000), 91: ("Churned", None)}
    for after, (state, due) in wanted.items():
        found = year.accounts[day(after)]["leaves"]
        assert found["CSC_Renewal_State__c"] == state, after
        assert found.get("CSC_Renewal_Due_ARR__c") == (due if due is None else pytest.approx(due, rel=0.01)), after
    assert year.accounts[day(0)]["renews"]["CSC_Renewal_State__c"] == "Not due"
    assert "CSC_Stickiness__c" not in year.accounts[day(0)]["renews"], "it was not chosen"


def test_tasks_escalate_and_close(year):
    """Due, the last thirty days, ended and not renewed; until the next order, or until nobody may renew any more."""
    until = {"renews": -10, "dithers": 40, "leaves": 91, "comes back": 91, "by CPQ": 91, "by hand": 91}
    for after in NIGHTS:
        for name in NAMES:
            task = year.task(day(after), name)
            if name == "long" or not -90 <= after < until[name]:
                assert task is None, (after, name)
                continue
            stage = "not renewed" if after >= 0 else "the last 30 days" if after >= -30 else "renewal due"
            assert task is not None, (after, name)
            assert stage in task["Subject"], (after, name)
            assert task["Priority"] == ("Normal" if after < -30 else "High"), (after, name)


def test_what_people_decided_stays(year):
    stages = {name: year.made(day(184), name)[0]["StageName"] for name in OURS}
    won = dict.fromkeys(("renews", "dithers", "comes back"), "Closed Won")
    assert stages == {**won, "leaves": "Closed Lost"}


def test_the_next_night_changes_nothing(year):
    found = year.company.daily("sync", "--format", "json", day=day(184)).json()
    assert found["changes"] == 0


def test_the_list_knows_where_each_stands(year):
    """At the end of the year: who renewed, who is gone, who came back, and what does not fit."""
    args = [part for state in ("renewed", "churned", "won_back") for part in ("--state", state)]
    found = year.company.daily("renewals", *args, "--format", "json", day=day(184)).json()
    rows = {row["account"]: (row["state"], row["flags"]) for row in found["renewals"]}
    assert rows == {
        "renews": ("renewed", []),
        "dithers": ("renewed", []),
        "leaves": ("churned", []),
        "comes back": ("won_back", []),
        "by CPQ": ("churned", ["past_close"]),
        "by hand": ("churned", ["past_close"]),
    }


def test_the_rates_of_the_year(year):
    """Seven at the opening: two renewed in time, one came back too late to count, one left on purpose and two were left to lapse."""
    period = f"{END.year}-{END.month:02}"
    found = year.company.daily("retention", "--period", period, "--format", "json", day=day(184)).json()
    due = found["due"][0]
    assert (due["due_customers"], due["renewed_customers"], due["lost_customers"], due["open_customers"]) == (
        6,
        2,
        4,
        0,
    )
    assert due["settled"]
    assert due["renewal_rate_count_due"] == pytest.approx(1 / 3)
    assert due["renewal_rate_amount_due"] == pytest.approx(1 / 3, rel=0.01), (
        "365 days are twelve months, but for a leap year"
    )
