"""Single records: the checks of the vendor, derived fields, upsert by key, what was deleted or updated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from csconnect_emulator.ids import salesforce_id
from csconnect_emulator.salesforce.org import API_USER
from csconnect_emulator.testing import RunningEmulator

NOBODY = salesforce_id("001", 424_242)
DEAL = {"Name": "Renewal", "StageName": "Proposal", "CloseDate": "2026-06-30"}


@pytest.fixture
def account(rest: Any) -> str:
    return str(rest("POST", "sobjects/Account/", {"Name": "Acme"}).json()["id"])


@pytest.fixture
def inactive(emulator: RunningEmulator) -> str:
    id = salesforce_id("005", 7)
    emulator.store.load("salesforce", "User", [{"Id": id, "Name": "Gone", "IsActive": False}])
    return id


@pytest.mark.parametrize(
    ("object", "row", "code"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING"),
        ("Account", {"Name": ""}, "REQUIRED_FIELD_MISSING"),
        ("Account", {"Name": "x", "Nope__c": 1}, "INVALID_FIELD"),
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG"),
        ("Account", {"Name": "x", "CreatedDate": "2026-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Account", {"Name": "x", "ParentId": "nonsense"}, "MALFORMED_ID"),
        ("Account", {"Name": "x", "ParentId": NOBODY}, "INVALID_CROSS_REFERENCE_KEY"),
        ("Account", {"Name": "x", "OwnerId": NOBODY}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Account", {"Name": "x", "NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ("Account", {"Name": "x", "Data_Quality__c": 12345}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Account", {"Name": ["x"]}, "JSON_PARSER_ERROR"),
        ("Account", {"Name": "x", "CurrencyIsoCode": "XXQ"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Contact", {"LastName": "x", "Email": "badone"}, "INVALID_EMAIL_ADDRESS"),
        ("Opportunity", {**DEAL, "StageName": "Dreaming"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Opportunity", {**DEAL, "CloseDate": "30/06/2026"}, "JSON_PARSER_ERROR"),
        ("Opportunity", {**DEAL, "IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ("Task", {"Status": "Doing"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Task", {"Priority": "Urgent"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
    ],
)
def test_a_bad_row_is_refused_with_its_code(rest: Any, object: str, row: dict[str, Any], code: str) -> None:
    assert rest.refused("POST", f"sobjects/{object}", row) == (400, code)
    assert rest.query(f"SELECT COUNT() FROM {object}")["totalSize"] == 0


def test_refusals_name_the_field_and_speak_with_its_label(rest: Any) -> None:
    (error,) = rest("POST", "sobjects/Task", {"Status": "Doing"}).json()
    assert error["fields"] == ["Status"]
    assert error["message"] == "Status: bad value for restricted picklist field: Doing"


def test_an_unrestricted_picklist_takes_anything(rest: Any, account: str) -> None:
    row = {"AccountId": account, "EffectiveDate": "2026-01-01", "Status": "Draft", "Type": "Odd"}
    assert rest("POST", "sobjects/Order", row).status_code == 201


def test_an_inactive_owner_is_refused(rest: Any, account: str, inactive: str) -> None:
    assert rest.refused("PATCH", f"sobjects/Account/{account}", {"OwnerId": inactive}) == (
        400,
        "INACTIVE_OWNER_OR_USER",
    )
    assert rest("GET", f"sobjects/Account/{account}").json()["OwnerId"] == API_USER


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_deleted_unknown_and_misshapen_ids(rest: Any, account: str, method: str) -> None:
    body = {"Name": "x"} if method == "PATCH" else None
    assert rest("DELETE", f"sobjects/Account/{account}").status_code == 204
    assert rest.refused(method, f"sobjects/Account/{account}", body) == (404, "ENTITY_IS_DELETED")
    assert rest.refused(method, f"sobjects/Account/{NOBODY}", body)[0] == 404
    assert rest.refused(method, "sobjects/Account/nonsense", body)[0] in (400, 404)


def test_an_update_writes_what_it_names_and_null_clears(rest: Any, account: str) -> None:
    path = f"sobjects/Account/{account}"
    rest("PATCH", path, {"Phone": "1", "Website": "w"})
    before = rest("GET", path).json()
    assert rest("PATCH", path, {"phone": None}).status_code == 204
    after = rest("GET", path).json()
    assert (after["Phone"], after["Website"], after["Name"]) == (None, "w", "Acme")
    assert after["SystemModstamp"] >= before["SystemModstamp"]
    assert rest.refused("PATCH", path, {"Name": None}) == (400, "REQUIRED_FIELD_MISSING")


def test_reads_may_ask_for_fields(rest: Any, account: str) -> None:
    found = rest("GET", f"sobjects/Account/{account}?fields=Name,OwnerId").json()
    assert set(found) == {"attributes", "Name", "OwnerId", "Id"}
    assert rest.refused("GET", f"sobjects/Account/{account}?fields=Nope") == (400, "INVALID_FIELD")


@pytest.mark.parametrize(
    ("stage", "closed", "won"),
    [("Closed Won", True, True), ("Closed Lost", True, False), ("Withdrawn", True, False), ("Proposal", False, False)],
)
def test_opportunity_state_follows_its_stage(rest: Any, stage: str, closed: bool, won: bool) -> None:
    id = rest("POST", "sobjects/Opportunity", DEAL).json()["id"]
    rest("PATCH", f"sobjects/Opportunity/{id}", {"StageName": stage})
    found = rest("GET", f"sobjects/Opportunity/{id}").json()
    assert (found["IsClosed"], found["IsWon"]) == (closed, won)


def test_a_task_knows_when_it_was_closed_and_whose_account_it_is(rest: Any, account: str) -> None:
    deal = rest("POST", "sobjects/Opportunity", {**DEAL, "AccountId": account}).json()["id"]
    id = rest("POST", "sobjects/Task", {"Subject": "call", "WhatId": deal}).json()["id"]
    fresh = rest("GET", f"sobjects/Task/{id}").json()
    assert (fresh["AccountId"], fresh["Status"], fresh["Priority"]) == (account, "Not Started", "Normal")
    assert (fresh["IsClosed"], fresh["CompletedDateTime"]) == (False, None)
    rest("PATCH", f"sobjects/Task/{id}", {"Status": "Completed"})
    done = rest("GET", f"sobjects/Task/{id}").json()
    assert done["IsClosed"]
    assert done["CompletedDateTime"] == done["SystemModstamp"]
    rest("PATCH", f"sobjects/Task/{id}", {"Status": "In Progress"})
    assert rest("GET", f"sobjects/Task/{id}").json()["CompletedDateTime"] is None


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [("2026-01-01", 12, "2026-12-31"), ("2026-01-31", 1, "2026-02-27"), ("2024-03-15", 36, "2027-03-14")],
)
def test_a_contract_ends_where_its_term_does(rest: Any, account: str, start: str, months: int, end: str) -> None:
    row = {"AccountId": account, "StartDate": start, "ContractTerm": months}
    id = rest("POST", "sobjects/Contract", row).json()["id"]
    found = rest("GET", f"sobjects/Contract/{id}").json()
    assert found["EndDate"] == end
    assert found["ContractNumber"].isdigit()


# Keys


@pytest.fixture
def keyed(make_field: Any, grant: Any) -> None:
    made = make_field("Account.Key__c", unique=True, externalId=True), make_field("Account.Loose__c", externalId=True)
    assert [answer.status_code for answer in made] == [201, 201]
    grant("Account.Key__c", "Account.Loose__c")


@pytest.mark.usefixtures("keyed")
def test_upsert_makes_then_changes_one_record(rest: Any) -> None:
    path = "sobjects/Account/Key__c/" + quote("a/b c?", safe="")
    first, second = rest("PATCH", path, {"Name": "one"}), rest("PATCH", path, {"Name": "two"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    assert (rest("GET", path).json()["Name"], rest("GET", path).json()["Key__c"]) == ("two", "a/b c?")
    assert rest("PATCH", f"/services/data/v45.0/{path}", {"Name": "three"}).status_code == 204
    assert rest("DELETE", path).status_code == 204
    assert rest("PATCH", path, {"Name": "again"}).status_code == 201


@pytest.mark.usefixtures("keyed")
def test_a_unique_key_is_never_given_twice_whatever_its_case(rest: Any) -> None:
    first = rest("POST", "sobjects/Account", {"Name": "a", "Key__c": "K"}).json()["id"]
    (error,) = rest("POST", "sobjects/Account", {"Name": "b", "Key__c": "k"}).json()
    assert error["errorCode"] == "DUPLICATE_VALUE"
    assert first[:15] in error["message"]
    assert rest("PATCH", f"sobjects/Account/{first}", {"Key__c": "k"}).status_code == 204


@pytest.mark.usefixtures("keyed")
def test_a_key_that_several_records_carry_is_ambiguous(rest: Any) -> None:
    ids = [rest("POST", "sobjects/Account", {"Name": n, "Loose__c": "x"}).json()["id"] for n in "ab"]
    for method in ("GET", "PATCH"):
        answer = rest(method, "sobjects/Account/Loose__c/x", {"Name": "c"})
        assert answer.status_code == 300
        assert sorted(uri.rpartition("/")[2] for uri in answer.json()) == sorted(ids)


@pytest.mark.usefixtures("keyed")
def test_parents_can_be_named_by_their_key(rest: Any, account: str) -> None:
    rest("PATCH", f"sobjects/Account/{account}", {"Key__c": "parent"})
    made = rest("POST", "sobjects/Contact", {"LastName": "c", "Account": {"Key__c": "parent"}}).json()["id"]
    assert rest("GET", f"sobjects/Contact/{made}").json()["AccountId"] == account
    assert rest.refused("POST", "sobjects/Contact", {"LastName": "c", "Account": {"Key__c": "?"}}) == (
        400,
        "INVALID_FIELD",
    )


def test_a_field_that_is_no_key_names_nothing(rest: Any) -> None:
    assert rest.refused("PATCH", "sobjects/Account/Phone/5", {"Name": "x"}) == (404, "NOT_FOUND")


# What changed


def test_deleted_and_updated_tell_ids_in_the_window(rest: Any, account: str) -> None:
    kept = rest("POST", "sobjects/Account", {"Name": "kept"}).json()["id"]
    rest("DELETE", f"sobjects/Account/{account}")
    rest("POST", "/_emulator/clock", {"advance_seconds": 120})
    now = datetime.fromisoformat(rest("GET", "/_emulator/clock").json()["now"])
    window = {"start": (now - timedelta(hours=1)).isoformat(), "end": now.isoformat()}
    gone = rest("GET", "sobjects/Account/deleted/", params=window).json()
    assert [row["id"] for row in gone["deletedRecords"]] == [account]
    assert gone["latestDateCovered"] == now.replace(second=0).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    assert rest("GET", "sobjects/Account/updated/", params=window).json()["ids"] == [kept]


def test_windows_out_of_reach_are_refused(rest: Any) -> None:
    now = datetime.now(UTC)
    for days, kind in ((16, "deleted"), (31, "updated"), (-1, "deleted")):
        window = {"start": (now - timedelta(days=days)).isoformat(), "end": now.isoformat()}
        code = rest.refused("GET", f"sobjects/Account/{kind}", params=window)
        assert code == (400, "INVALID_REPLICATION_DATE")


def test_paths_methods_and_bodies_that_make_no_sense(rest: Any) -> None:
    assert rest.refused("GET", "nonsense") == (404, "NOT_FOUND")
    assert rest.refused("POST", "sobjects/Nope", {}) == (404, "NOT_FOUND")
    assert rest.refused("DELETE", "sobjects/Account") == (405, "METHOD_NOT_ALLOWED")
    assert rest.refused("POST", "sobjects/Account", [1]) == (400, "JSON_PARSER_ERROR")
    assert rest.refused("POST", "sobjects/Account", data="{") == (400, "JSON_PARSER_ERROR")
    assert (
        rest("GET", "query", params={"q": "SELECT Id FROM Account WHERE Name = '" + "x" * 17_000 + "'"}).status_code
        == 414
    )


def test_old_activities_answer_to_query_all_only(emulator: RunningEmulator, rest: Any, account: str) -> None:
    shared = {"WhatId": account, "OwnerId": API_USER}
    old, new = {"ActivityDateTime": "2020-01-01T00:00:00Z"}, {"ActivityDateTime": "2999-01-01T00:00:00Z"}
    load = emulator.store.load
    load("salesforce", "Event", [{"Id": salesforce_id("00U", n), **shared, **day} for n, day in enumerate([old, new])])
    closed, opened = {"ActivityDate": "2020-01-01", "IsClosed": True}, {"ActivityDate": "2020-01-01", "IsClosed": False}
    load("salesforce", "Task", [{"Id": salesforce_id("00T", n), **shared, **t} for n, t in enumerate([closed, opened])])

    def counts(kind: str) -> list[int]:
        asked = (f"SELECT COUNT() FROM {name}" for name in ("Event", "Task"))
        return [rest("GET", kind, params={"q": text}).json()["totalSize"] for text in asked]

    assert counts("query") == [1, 1]
    assert counts("queryAll") == [2, 2]
    rest("POST", "/_emulator/quota", {"system": "salesforce", "archive_days": 0})
    assert counts("query") == [2, 2]
