"""The whole story as a user tells it, command by command: provision, plan, apply, look back, go back."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta

import pytest

pytestmark = pytest.mark.slow
SF, HS = "northwind", "lantu"


# setting up


def test_provision_lists_creates_and_then_has_nothing_to_do(company, story):
    fresh = company("fresh")
    before = fresh.crm()
    missing = fresh("provision", SF)
    assert (missing.code, missing.err) == (2, "")
    assert "CSC_Health_Score__c" in missing.out
    assert "missing" in missing.out
    assert (fresh.writes(), fresh.crm()) == ([], before), "listing must not write"
    made = story.at("provisioned").ran
    assert made.code == 0
    assert {"created"} == {
        line.split()[-2] for line in made.out.splitlines() if line.endswith("–") and "WHERE" not in line
    }
    ready = company("provisioned")
    again = ready("provision", "--apply")
    assert (again.code, ready.writes()) == (0, [])
    assert "missing" not in again.out
    assert "created" not in again.out


def test_check_is_all_fine_after_provisioning(company):
    ready = company("provisioned")
    ran = ready("check", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    levels = Counter(finding["level"] for findings in ran.json().values() for finding in findings)
    assert set(ran.json()) == {SF, HS, "usage"}
    assert levels["error"] == 0
    assert ready.writes() == []


# plan and apply


def test_sync_stops_at_a_plan(company, story):
    ran = story.at("planned").ran
    assert (ran.code, ran.err) == (2, "")
    assert "health score" in ran.out
    assert "fingerprint" in ran.out
    ready, planned = company("provisioned"), company("planned")
    assert ready.crm() == planned.crm(), "a plan must not write"
    with planned.ledger() as ledger:
        assert not ledger.has_written()


def test_a_plan_can_be_kept_read_and_applied(company):
    planned = company("planned")
    planned.forget()
    shown = planned.daily("plan", "--out", "plan.json", "--format", "json")
    assert (shown.code, planned.writes()) == (2, [])
    plan = shown.json()
    assert plan == json.loads((planned.folder / "plan.json").read_text("utf-8")), "what is shown is what is kept"
    before = planned.crm()
    assert planned("apply", "plan.json").code == 0
    after = planned.crm()
    touched = {place for place in after if after[place] != before.get(place)}
    ids = {(change["object"], "id", change["record_id"]) for change in plan["changes"] if change["record_id"]}
    keys = {place for place in after if place[1] == "key"}
    assert touched == ids | keys
    assert len(touched) == len(plan["changes"])
    for change in plan["changes"]:
        if change["record_id"]:
            now = after[change["object"], "id", change["record_id"]]
            assert {name: _wire(now.get(name)) for name in change["values"]} == {
                name: _wire(value) for name, value in change["values"].items()
            }


def test_the_second_plan_is_empty_and_cheap(company, story):
    kept = story.at("resynced")
    assert (kept.ran.code, kept.ran.err) == (0, "")
    said = kept.ran.json()
    assert said["changes"] == 0
    assert company("resynced").crm() == company("applied").crm()
    # Only reads: each object is described once and asked once for news and once for what is gone.
    salesforce = [call for call in kept.calls if "/services/data/" in call]
    hubspot = [call for call in kept.calls if "/services/data/" not in call]
    assert kept.writes == []
    objects = {call.split("/")[-2] for call in salesforce if call.endswith("/describe")}
    assert sum(call.endswith("/describe") for call in salesforce) == len(objects)
    assert sum("/query" in call for call in salesforce) <= 2 * len(objects) + 4
    assert not [call for call in hubspot if "/associations/" in call and "batch" not in call]
    assert abs(said["calls"][SF] - len(salesforce)) <= 1
    assert abs(said["calls"][HS] - len(hubspot)) <= 1
    assert said["calls"]["usage"] == 0


def test_tomorrow_only_what_moved_is_written(company, today):
    applied = company("resynced")
    written = {
        f"{name}:{record.id}": _wire(record.data.get("CSC_Health_Score__c") or record.data.get("csc_health_score"))
        for name, system, table in ((SF, "salesforce", "Account"), (HS, "hubspot", "companies"))
        for record in applied.emulator.store.query(system, table)
    }

    def moved_by(day):
        scores = applied.daily("score", "--format", "json", day=day).json()
        return {row["account"] for row in scores if _wire(row["score"]) != written[row["account"]]}

    # On some days nothing moves; the first on which something does will do.
    days = (today + timedelta(days=number) for number in range(1, 8))
    day, moved = next((day, moved) for day in days if (moved := moved_by(day)))
    plan = applied.daily("plan", "--format", "json", day=day).json()
    changes = {change["account"]: change for change in plan["changes"] if change["entity"] == "account"}
    for change in changes.values():
        main = [name for name, kind in change["kinds"].items() if kind == "score"]
        assert any(_wire(change["before"].get(name)) != _wire(change["values"][name]) for name in main), change
    assert moved <= changes.keys()
    assert len(changes) < len(written) / 2, "a day on which little happened writes little"


def test_a_plan_from_before_the_last_writing_is_refused(company):
    applied = company("applied")
    ran = applied.daily("plan")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert "csconnect sync" in ran.err
    assert "(E-PLAN-STALE)" in ran.err


# looking


def test_explain_adds_up_and_says_where_it_comes_from(company):
    applied = company("applied")
    data = applied.daily("explain", "Acme Robotics", "--format", "json").json()
    parts = [driver["contribution"] for driver in data["drivers"] if driver["contribution"] is not None]
    assert sum(parts) == data["score"] * 100
    assert {source.split(":")[0] for source in data["sources"]} == {SF, HS, "usage"}, "the joined account"
    text = applied.daily("explain", data["account"])
    assert text.code == 0
    assert text.out.startswith(f"Acme Robotics = {data['score']} {data['band']}")
    assert all(driver["signal"] in text.out for driver in data["drivers"])
    account = applied.record("salesforce", "Account", Name="Acme Robotics")
    assert (account["CSC_Health_Score__c"], account["CSC_Health_Band__c"]) == (data["score"], data["band"].title())


def test_runs_and_quarantine_tell_what_happened(company):
    undone = company("undone")
    listed = undone("runs", "--format", "json").json()
    assert [run["kind"] for run in listed] == ["undo", "apply", "plan"]
    assert [run["outcome"] for run in listed] == ["done", "done", "planned"]
    aside = undone("quarantine", "--format", "json").json()
    assert {row["entity"] for row in aside} >= {"term"}
    assert all(row["source_id"] and row["field"] and row["reason"] for row in aside)
    text = undone("quarantine", "--limit", "0")
    assert f"{len(aside):,} records set aside" in text.out
    strangers = undone("quarantine", "--accounts", "--format", "json").json()
    assert {row["reason"] for row in strangers} <= {"unmatched", "ambiguous"}
    assert [row["rows"] for row in strangers] == sorted((row["rows"] for row in strangers), reverse=True)
    kept = company("planned").daily("sync", "--format", "table")
    told = dict(re.findall(r"(northwind|lantu|usage) ([\d,]+)", kept.out.split("or several:")[1].split("(")[0]))
    counted = Counter()
    for row in strangers:
        counted[row["connection"]] += row["rows"]
    assert {name: int(rows.replace(",", "")) for name, rows in told.items()} == counted


# going back


def test_undo_takes_everything_back(company, story):
    assert story.at("undone").ran.code == 0
    before, after = company("provisioned").crm(), company("undone").crm()
    assert {place: fields for place, fields in after.items() if place[1] == "id"} == {
        place: dict(fields.items()) for place, fields in before.items()
    }
    closed = {"Withdrawn", "withdrawn", "Completed", "COMPLETED"}
    made = {place: fields for place, fields in after.items() if place[1] == "key"}
    assert made
    for place, fields in made.items():
        status = {"Opportunity": "StageName", "Task": "Status", "deals": "dealstage", "tasks": "hs_task_status"}
        assert fields[status[place[0]]] in closed, place


def test_held_accounts_stay_as_they_are_until_released(company):
    undone = company("undone")
    held = undone.daily("sync", "--format", "json")
    assert (held.code, held.json()["changes"]) == (0, 0)
    let_go = undone("undo", "--release", "--format", "json").json()["released"]
    assert let_go > 20
    plan = undone.daily("plan", "--format", "json").json()
    accounts = {change["account"] for change in plan["changes"] if change["entity"] == "account"}
    assert len(accounts) == let_go


# the first run's limits


def test_without_switches_only_account_fields_are_planned(company):
    planned = company("planned")
    planned.edit_config(("opportunity: true", "opportunity: false"), ("task: true", "task: false"))
    plan = planned.daily("plan", "--format", "json").json()
    assert {change["entity"] for change in plan["changes"]} == {"account"}
    assert planned("apply").code == 0
    assert planned.ours() == {}
    assert planned.record("salesforce", "Account", Name="Acme Robotics")["CSC_Health_Score__c"] > 0


def test_a_switch_lets_in_its_own_kind_of_record_only(company):
    planned = company("planned")
    planned.edit_config(("task: true", "task: false"))
    plan = planned.daily("plan", "--format", "json").json()
    made = Counter(change["entity"] for change in plan["changes"])
    assert made.keys() == {"account", "opportunity"}


# a person's hands


def test_a_score_is_reasserted_and_a_business_field_is_the_persons(company):
    applied = company("applied")
    account = applied.record("salesforce", "Account", Name="Acme Robotics")
    ((_, _, key), deal) = next((p, f) for p, f in applied.ours().items() if p[0] == "deals")
    assert deal["amount"] != "1"
    deal_id = applied.record("hubspot", "deals", csc_key=key)["id"]
    applied.hand_edit("salesforce", "Account", account["id"], CSC_Health_Score__c=1, Industry="Robots")
    applied.hand_edit("hubspot", "deals", deal_id, amount="1", dealstage="contractsent")
    ran = applied.daily("sync", "--apply")
    assert (ran.code, ran.err) == (0, "")
    assert "edited by hand" in ran.out
    assert "1 field of 1 account" in ran.out
    assert "1 written, 0 refused" in ran.out
    now = applied.record("salesforce", "Account", Name="Acme Robotics")
    assert (now["CSC_Health_Score__c"], now["Industry"]) == (account["CSC_Health_Score__c"], "Robots")
    left = applied.record("hubspot", "deals", csc_key=key)
    assert (left["amount"], left["dealstage"]) == ("1", "contractsent")


def test_who_is_no_customer_any_more_loses_our_words_and_our_tasks(company):
    applied = company("applied")
    tasks = [fields["AccountId"] for place, fields in applied.ours().items() if place[0] == "Task"]
    told = {id: applied.emulator.store.get("salesforce", "Account", id).data for id in tasks}
    id, before = next((id, data) for id, data in told.items() if data["CSC_Health_Score__c"] is not None)
    applied.hand_edit("salesforce", "Account", id, Type="Former Customer")
    others = {place: fields for place, fields in applied.crm().items() if not _about(fields, place, id)}
    assert applied.daily("sync", "--apply").code == 0
    after = applied.emulator.store.get("salesforce", "Account", id).data
    assert {name: value for name, value in after.items() if name.startswith("CSC_") and value is not None} == {}
    left = [fields for place, fields in applied.ours().items() if place[0] == "Task" and fields["AccountId"] == id]
    assert {fields["Status"] for fields in left} == {"Completed"}
    assert others == {place: fields for place, fields in applied.crm().items() if not _about(fields, place, id)}
    assert applied.daily("sync", "--format", "json").json()["changes"] == 0
    assert applied("undo").code == 0
    assert (
        applied.emulator.store.get("salesforce", "Account", id).data["CSC_Health_Score__c"]
        == before["CSC_Health_Score__c"]
    )


def _about(fields, place, account):
    return account in (place[2], fields.get("AccountId"))


def _wire(value):
    """HubSpot keeps every value as text, and numbers may be whole or not."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value or None
