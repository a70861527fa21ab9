"""Many records in one request: order kept, each row judged alone, or all or none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect_emulator.ids import salesforce_id

NOBODY = salesforce_id("001", 424_242)
ROWS = "composite/sobjects"


def names(rest: Any) -> list[str]:
    return [row["Name"] for row in rest.query("SELECT Name FROM Account ORDER BY Name")["records"]]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(good=st.lists(st.booleans(), min_size=1, max_size=12))
def test_results_stand_in_the_order_of_the_rows(rest: Any, batch: Any, good: list[bool]) -> None:
    rows = [{"Name": f"n{n}"} if ok else {"Phone": "no name"} for n, ok in enumerate(good)]
    results = rest("POST", ROWS, batch("Account", rows)).json()
    assert [result["success"] for result in results] == good
    for n, result in enumerate(results):
        assert ("id" in result) is good[n]
        if good[n]:
            assert rest("GET", f"sobjects/Account/{result['id']}").json()["Name"] == f"n{n}"
        else:
            assert result["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
            assert result["errors"][0]["fields"] == ["Name"]


def test_all_or_none_undoes_the_good_rows(rest: Any, batch: Any) -> None:
    body = batch("Account", [{"Name": "good"}, {"Name": "bad", "Nope__c": 1}, {"Name": "fine"}], allOrNone=True)
    codes = [result["errors"][0]["statusCode"] for result in rest("POST", ROWS, body).json()]
    undone = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes == [undone, "INVALID_FIELD", undone]
    assert names(rest) == []


def test_updates_and_deletes_say_what_became_of_each(rest: Any, batch: Any) -> None:
    ids = [r["id"] for r in rest("POST", ROWS, batch("Account", [{"Name": n} for n in "abc"])).json()]
    rest("DELETE", f"sobjects/Account/{ids[1]}")
    rows = [{"id": ids[0], "Name": "A"}, {"Id": ids[1], "Name": "B"}, {"id": NOBODY, "Name": "C"}, {"Name": "D"}]
    results = rest("PATCH", ROWS, batch("Account", rows)).json()
    codes = [r["errors"][0]["statusCode"] if r["errors"] else r["id"] for r in results]
    assert codes == [ids[0], "ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "MISSING_ARGUMENT"]
    assert names(rest) == ["A", "c"]
    gone = rest("DELETE", f"{ROWS}?ids={ids[2]},{NOBODY}&allOrNone=false").json()
    assert [r["success"] for r in gone] == [True, False]
    assert names(rest) == ["A"]


def test_reading_many_keeps_order_and_gives_null_for_none(rest: Any, batch: Any) -> None:
    ids = [r["id"] for r in rest("POST", ROWS, batch("Account", [{"Name": n} for n in "ab"])).json()]
    body = {"ids": [ids[1], NOBODY, ids[0][:15]], "fields": ["Name"]}
    found = rest("POST", f"{ROWS}/Account", body).json()
    assert [row and row["Name"] for row in found] == ["b", None, "a"]
    got = rest("GET", f"{ROWS}/Account?ids={ids[0]}&fields=Name,Id").json()
    assert got[0]["Id"] == ids[0]
    assert rest.refused("POST", f"{ROWS}/Account", {**body, "fields": ["Nope"]}) == (400, "INVALID_FIELD")


def test_more_than_two_hundred_are_refused_as_a_whole(rest: Any, batch: Any) -> None:
    body = batch("Account", [{"Name": "x"}] * 201)
    assert rest.refused("POST", ROWS, body) == (400, "EXCEEDED_ID_LIMIT")
    assert len(rest("POST", ROWS, batch("Account", [{"Name": "x"}] * 200)).json()) == 200


def test_rows_must_name_their_object(rest: Any) -> None:
    results = rest("POST", ROWS, {"records": [{"Name": "x"}, {"attributes": {"type": "Nope"}}]}).json()
    assert [r["errors"][0]["statusCode"] for r in results] == ["INVALID_TYPE", "INVALID_TYPE"]


def test_upserting_many_by_key(rest: Any, batch: Any, make_field: Any, grant: Any) -> None:
    make_field("Activity.Key__c", externalId=True, unique=True)
    grant("Task.Key__c")
    path = f"{ROWS}/Task/Key__c"
    rows = [{"Subject": s, "Key__c": s} for s in "ab"]
    made = rest("PATCH", path, batch("Task", rows)).json()
    assert [r["created"] for r in made] == [True, True]
    again = rest("PATCH", path, batch("Task", [*reversed(rows), {"Subject": "keyless"}])).json()
    assert [(r.get("created"), r.get("id")) for r in again] == [
        (False, made[1]["id"]),
        (False, made[0]["id"]),
        (None, None),
    ]
    assert rest.query("SELECT COUNT() FROM Task")["totalSize"] == 2


def sub(method: str, path: str, reference: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": f"/services/data/v62.0/{path}", "referenceId": reference, "body": body}


def test_composite_hands_results_on(rest: Any) -> None:
    requests = [
        sub("POST", "sobjects/Account", "acme", {"Name": "Acme"}),
        sub("POST", "sobjects/Contact", "bob", {"LastName": "Bob", "AccountId": "@{acme.id}"}),
        sub("GET", "query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{bob.id}'", "seen"),
    ]
    answers = rest("POST", "composite", {"compositeRequest": requests}).json()["compositeResponse"]
    assert [(a["referenceId"], a["httpStatusCode"]) for a in answers] == [("acme", 201), ("bob", 201), ("seen", 200)]
    assert answers[2]["body"]["records"][0]["Account"]["Name"] == "Acme"


@pytest.mark.parametrize(("all_or_none", "left"), [(True, 0), (False, 2)])
def test_composite_all_or_none(rest: Any, all_or_none: bool, left: int) -> None:
    requests = [sub("POST", "sobjects/Account", f"r{n}", {"Name": "x"} if n != 1 else {}) for n in range(3)]
    body = {"compositeRequest": requests, "allOrNone": all_or_none}
    answers = rest("POST", "composite", body).json()["compositeResponse"]
    codes = [a["httpStatusCode"] for a in answers]
    assert codes == ([400, 400, 400] if all_or_none else [201, 400, 201])
    assert (answers[0]["body"][0]["errorCode"] == "PROCESSING_HALTED") if all_or_none else answers[0]["body"]["success"]
    assert rest.query("SELECT COUNT() FROM Account")["totalSize"] == left


def test_batch_answers_each_alone(rest: Any) -> None:
    requests = [{"method": "GET", "url": "v62.0/limits"}, {"method": "GET", "url": "v62.0/nonsense"}] * 2
    free = rest("POST", "composite/batch", {"batchRequests": requests}).json()
    assert (free["hasErrors"], [r["statusCode"] for r in free["results"]]) == (True, [200, 404, 200, 404])
    halted = rest("POST", "composite/batch", {"batchRequests": requests, "haltOnError": True}).json()
    assert [r["statusCode"] for r in halted["results"]] == [200, 404, 412, 412]
    assert rest.refused("POST", "composite/batch", {"batchRequests": requests * 7}) == (400, "LIMIT_EXCEEDED")
