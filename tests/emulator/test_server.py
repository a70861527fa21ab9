"""The server: loopback only, TLS by our own authority, faults that strike before or after the work, log, clock, edits."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from csconnect.errors import ConfigError
from csconnect_emulator.server import RunningEmulator
from csconnect_emulator.store import RecordStore

COUNT = "SELECT COUNT() FROM Account"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "example.com", ""])
def test_listens_on_this_machine_only(tmp_path: Path, host: str) -> None:
    store = RecordStore()
    with pytest.raises(ConfigError, match="will not listen"):
        RunningEmulator(store, tmp_path, host=host)
    store.close()


def test_a_taken_port_is_said_so(emulator: RunningEmulator, tls_folder: Path) -> None:
    port = int(emulator.salesforce_url.rpartition(":")[2])
    store = RecordStore()
    other = RunningEmulator(store, tls_folder, ports={"salesforce": port}, systems=("salesforce",))
    with pytest.raises(ConfigError, match=f"port {port} is taken"):
        other.start()
    store.close()


def test_only_its_own_authority_vouches_for_it(emulator: RunningEmulator) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{emulator.salesforce_url}/services/data", verify=str(emulator.ca), timeout=5).ok
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"{emulator.salesforce_url}/services/data", timeout=5)


def test_status_fault_strikes_as_often_as_told_and_skips_first(rest: Any) -> None:
    rule = {
        "path": "^/services/data/v62.0/query",
        "times": 2,
        "skip": 1,
        "status": 503,
        "headers": {"Retry-After": "7"},
    }
    rest("POST", "/_emulator/faults", {**rule, "text": "<html>busy</html>"})
    answers = [rest("GET", "query", params={"q": COUNT}) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert answers[1].text == "<html>busy</html>"
    assert [e["fault"] for e in rest("GET", "/_emulator/log").json()] == [None, "status", "status", None]


def test_fault_may_ask_for_a_body(rest: Any) -> None:
    rest(
        "POST",
        "/_emulator/faults",
        {"method": "post", "body": "Unlucky", "times": 0, "status": 500, "json": [{"a": 1}]},
    )
    assert rest("POST", "sobjects/Account", {"Name": "Lucky"}).status_code == 201
    assert rest("POST", "sobjects/Account", {"Name": "Unlucky"}).json() == [{"a": 1}]
    rest("DELETE", "/_emulator/faults")
    assert rest("POST", "sobjects/Account", {"Name": "Unlucky"}).status_code == 201


@pytest.mark.parametrize("action", ["drop", "hang"])
@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
def test_lost_answers_leave_the_work_undone_or_done(rest: Any, action: str, when: str, made: int) -> None:
    rest("POST", "/_emulator/faults", {"method": "POST", "path": "sobjects", "action": action, "when": when})
    with pytest.raises((requests.ConnectionError, requests.Timeout)):
        rest.session.post(f"{rest.url}/services/data/v62.0/sobjects/Account", json={"Name": "x"}, timeout=0.5)
    assert rest.query(COUNT)["totalSize"] == made
    assert rest("GET", "/_emulator/log").json()[0]["status"] == 0


def test_delay_comes_before_the_answer_and_the_answer_is_whole(rest: Any) -> None:
    for when in ("before", "after"):
        rest("POST", "/_emulator/faults", {"path": "query", "action": "delay", "seconds": 0.2, "when": when})
        started = time.monotonic()
        assert rest.query(COUNT)["totalSize"] == 0
        assert time.monotonic() - started >= 0.2


def test_senseless_faults_are_refused(rest: Any) -> None:
    for rule in ({"action": "explode"}, {"when": "never"}, {"pth": "x"}, {"path": "("}):
        assert rest("POST", "/_emulator/faults", rule).status_code == 400
    assert rest("GET", "/_emulator/faults").json() == []


def test_log_tells_method_path_status_and_is_cleared(rest: Any) -> None:
    rest.query(COUNT)
    rest("GET", "sobjects/Nope")
    entries = rest("GET", "/_emulator/log").json()
    seen = [(e["method"], e["path"].rpartition("/")[2], e["status"], e["system"]) for e in entries]
    assert seen == [("GET", "query", 200, "salesforce"), ("GET", "Nope", 404, "salesforce")]
    rest("DELETE", "/_emulator/log")
    assert rest("GET", "/_emulator/log").json() == []


def test_clock_moves_the_stamps_of_records(rest: Any) -> None:
    rest("POST", "/_emulator/clock", {"set": "2030-05-06T07:08:09+00:00", "frozen": True})
    id = rest("POST", "sobjects/Account", {"Name": "x"}).json()["id"]
    rest("POST", "/_emulator/clock", {"advance_seconds": 3600})
    rest("PATCH", f"sobjects/Account/{id}", {"Name": "y"})
    found = rest("GET", f"sobjects/Account/{id}").json()
    stamps = (found["CreatedDate"], found["SystemModstamp"])
    assert stamps == ("2030-05-06T07:08:09.000+0000", "2030-05-06T08:08:09.000+0000")


def test_a_persons_edit_is_seen_as_theirs(rest: Any) -> None:
    account = rest("POST", "sobjects/Account", {"Name": "x"}).json()["id"]
    task = rest("POST", "sobjects/Task", {"Subject": "s", "WhatId": account}).json()["id"]
    edit = {"system": "salesforce", "object": "Task", "id": task, "fields": {"Status": "Completed"}}
    assert rest("POST", "/_emulator/edit", edit).json()["fields"]["IsClosed"] is True
    (row,) = rest.query("SELECT IsClosed, LastModifiedBy.Name, CreatedBy.Name FROM Task")["records"]
    assert row["IsClosed"] is True
    assert (row["LastModifiedBy"]["Name"], row["CreatedBy"]["Name"]) == ("Ada Admin", "CS Integration")
    assert rest("POST", "/_emulator/edit", {**edit, "id": "nobody"}).status_code == 404


def test_a_persons_merge_moves_children_and_names_the_survivor(rest: Any) -> None:
    winner, loser = (rest("POST", "sobjects/Account", {"Name": n}).json()["id"] for n in "wl")
    rest("POST", "sobjects/Contact", {"LastName": "c", "AccountId": loser})
    rest(
        "POST",
        "/_emulator/edit",
        {"system": "salesforce", "object": "Account", "id": winner, "loser": loser, "action": "merge"},
    )
    assert rest.query("SELECT Id FROM Contact WHERE Account.Name = 'w'")["totalSize"] == 1
    asked = "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true"
    gone = rest("GET", "queryAll", params={"q": asked}).json()["records"]
    assert [(r["Id"], r["MasterRecordId"]) for r in gone] == [(loser, winner)]


def test_record_and_count_show_the_store(rest: Any) -> None:
    id = rest("POST", "sobjects/Account", {"Name": "x"}).json()["id"]
    rest("DELETE", f"sobjects/Account/{id}")
    shown = rest("GET", f"/_emulator/record/salesforce/Account/{id}").json()
    assert (shown["fields"]["Name"], shown["deleted"]) == ("x", True)
    assert rest("GET", "/_emulator/count").json()["salesforce"]["Account"] == 0


def test_many_clients_at_once_block_nobody_and_lose_nothing(emulator: RunningEmulator, rest: Any, batch: Any) -> None:
    def work(worker: int) -> list[int]:
        rows = [{"Name": f"w{worker} n{n}", "Tier__c": "Micro"} for n in range(5)]
        codes = []
        for _ in range(6):
            codes.append(rest("POST", "composite/sobjects", batch("Account", rows)).status_code)
            codes.append(rest("GET", "query", params={"q": "SELECT Id, Tier__c FROM Account"}).status_code)
            codes.append(rest("GET", "sobjects/Account/describe").status_code)
        return codes

    with ThreadPoolExecutor(8) as pool:
        assert {code for codes in pool.map(work, range(8)) for code in codes} == {200}
    assert rest.query(COUNT)["totalSize"] == 8 * 6 * 5
    assert emulator.state.limits["salesforce"]["used"] == 8 * 6 * 3 + 1


def test_a_restart_keeps_records_and_forgets_tokens(tmp_path: Path, tls_folder: Path) -> None:
    def run() -> tuple[RecordStore, RunningEmulator]:
        store = RecordStore(tmp_path / "org.sqlite")
        return store, RunningEmulator(store, tls_folder, systems=("salesforce",), tls=frozenset())

    form = {"grant_type": "client_credentials", "client_id": "csconnect-emulator", "client_secret": "emulator-secret"}
    store, emulator = run()
    with emulator, requests.Session() as session:
        token = session.post(f"{emulator.salesforce_url}/services/oauth2/token", data=form, timeout=5).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        url = f"{emulator.salesforce_url}/services/data/v62.0/sobjects/Account"
        assert session.post(url, json={"Name": "kept"}, headers=headers, timeout=5).status_code == 201
    store.close()
    store, emulator = run()
    with emulator, requests.Session() as session:
        url = f"{emulator.salesforce_url}/services/data/v62.0/query"
        assert session.get(url, params={"q": COUNT}, headers=headers, timeout=5).status_code == 401
    assert [record.data["Name"] for record in store.query("salesforce", "Account")] == ["kept"]
    store.close()
