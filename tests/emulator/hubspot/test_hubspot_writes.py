"""Writing: what is refused and how it is said, what the portal sets by itself, and batches that fail in part."""

from __future__ import annotations

import json
from typing import Any

import pytest

OBJECTS = "/crm/objects/2026-03"


def refusals(answer: Any) -> dict[str, str]:
    """Property -> code, out of the JSON that the message embeds."""
    body = answer.json()
    assert (answer.status_code, body["category"]) == (400, "VALIDATION_ERROR"), body
    lead, listed = body["message"].split(": ", 1)
    assert lead == "Property values were not valid"
    assert [one["code"] for one in body["errors"]] == [one["error"] for one in json.loads(listed)]
    return {one["name"]: one["error"] for one in json.loads(listed)}


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("companies", {"nonesuch": "1", "customer_tier": "gold"}, {"nonesuch": "PROPERTY_DOESNT_EXIST", "customer_tier": "INVALID_OPTION"}),
        ("companies", {"numberofemployees": "many"}, {"numberofemployees": "INVALID_INTEGER"}),
        ("companies", {"createdate": "2026-01-01"}, {"createdate": "READ_ONLY_VALUE"}),
        ("companies", {"hubspot_owner_id": "404"}, {"hubspot_owner_id": "INVALID_OWNER_ID"}),
        ("deals", {"term_end": "31.12.2026"}, {"term_end": "INVALID_DATE"}),
        ("deals", {"term_end": "1767225600001"}, {"term_end": "INVALID_DATE"}),
        ("deals", {"closedate": "soon"}, {"closedate": "INVALID_LONG"}),
        ("deals", {"dealstage": "registered"}, {"dealstage": "INVALID_OPTION"}),
        ("deals", {"pipeline": "other", "dealstage": "closedwon"}, {"pipeline": "INVALID_OPTION"}),
        ("tasks", {"hs_task_subject": "no time"}, {"hs_timestamp": "REQUIRED_FIELD"}),
    ],
)  # fmt: skip
def test_refused_values(portal: Any, kind: str, properties: dict[str, str], expected: dict[str, str]) -> None:
    assert refusals(portal.call("POST", f"{OBJECTS}/{kind}", {"properties": properties})) == expected


def test_values_are_text_or_null_and_dates_are_days(portal: Any) -> None:
    given = {
        "dealname": "D",
        "amount": 1500,
        "term_start": "1767225600000",
        "term_end": "2026-12-31",
        "closedate": 1767225600000,
    }
    id = portal.make("deals", **given)
    asked = "amount,term_start,term_end,closedate,signed_on,nonesuch"
    read = portal.ok("GET", f"{OBJECTS}/deals/{id}?properties={asked}")["properties"]
    assert "nonesuch" not in read
    assert read["amount"] == "1500"
    assert (read["term_start"], read["term_end"], read["signed_on"]) == ("2026-01-01", "2026-12-31", None)
    assert read["closedate"] == "2026-01-01T00:00:00Z"
    assert all(value is None or isinstance(value, str) for value in read.values())


def test_an_answer_holds_the_defaults_and_what_was_asked_or_written(portal: Any) -> None:
    made = portal.ok("POST", f"{OBJECTS}/companies", {"properties": {"name": "N", "region": "EU"}})
    defaults = {"name", "domain", "createdate", "hs_lastmodifieddate", "hs_object_id"}
    assert set(made["properties"]) == defaults | {"region"}
    assert set(portal.ok("GET", f"{OBJECTS}/companies/{made['id']}")["properties"]) == defaults


def test_an_empty_text_clears(portal: Any) -> None:
    id = portal.make("companies", name="N", region="EU")
    portal.ok("PATCH", f"{OBJECTS}/companies/{id}", {"properties": {"region": ""}})
    assert portal.ok("GET", f"{OBJECTS}/companies/{id}?properties=region")["properties"]["region"] is None


@pytest.mark.parametrize(
    ("stage", "closed", "won"),
    [
        ("appointmentscheduled", "false", "false"),
        ("closedwon", "true", "true"),
        ("closedlost", "true", "false"),
        ("withdrawn", "true", "false"),
    ],
)
def test_a_stage_says_whether_a_deal_is_closed(portal: Any, stage: str, closed: str, won: str) -> None:
    id = portal.make("deals", dealname="D", dealstage=stage)
    read = portal.ok("GET", f"{OBJECTS}/deals/{id}?properties=hs_is_closed,hs_is_closed_won")["properties"]
    assert (read["pipeline"], read["hs_is_closed"], read["hs_is_closed_won"]) == ("default", closed, won)


def test_a_task_knows_when_it_was_done(portal: Any) -> None:
    id = portal.make("tasks", hs_timestamp="2026-01-01T12:00:00Z", hs_task_subject="S")
    path = f"{OBJECTS}/tasks/{id}"
    asked = f"{path}?properties=hs_task_completion_date,hs_task_status"
    assert portal.ok("GET", asked)["properties"]["hs_task_status"] == "NOT_STARTED"
    portal.ok("PATCH", path, {"properties": {"hs_task_status": "COMPLETED"}})
    assert portal.ok("GET", asked)["properties"]["hs_task_completion_date"]
    portal.ok("PATCH", path, {"properties": {"hs_task_status": "IN_PROGRESS"}})
    assert portal.ok("GET", asked)["properties"]["hs_task_completion_date"] is None


def test_a_person_s_edit_derives_the_same(portal: Any) -> None:
    id = portal.make("deals", dealname="D", dealstage="contractsent")
    body = {"system": "hubspot", "object": "deals", "id": id, "fields": {"dealstage": "closedwon"}}
    portal.ok("POST", "/_emulator/edit", body)
    read = portal.ok("GET", f"{OBJECTS}/deals/{id}?properties=hs_is_closed_won")
    assert read["properties"]["hs_is_closed_won"] == "true"


def test_a_unique_value_belongs_to_one_record(portal: Any) -> None:
    first = portal.make("contacts", email="One@unique.example")
    again = portal.call("POST", f"{OBJECTS}/contacts", {"properties": {"email": "one@UNIQUE.example"}})
    assert (again.status_code, again.json()["message"]) == (409, f"Contact already exists. Existing ID: {first}")
    other = portal.make("contacts", email="two@unique.example")
    clash = portal.call("PATCH", f"{OBJECTS}/contacts/{other}", {"properties": {"email": "one@unique.example"}})
    assert refusals(clash) == {"email": "CONFLICTING_UNIQUE_VALUE"}
    portal.ok("PATCH", f"{OBJECTS}/contacts/{first}", {"properties": {"email": "one@unique.example"}})


def test_an_inactive_owner_refuses_the_record(portal: Any) -> None:
    portal.emulator.store.load(
        "hubspot", "owners", [{"id": "71", "email": "x@y.example"}, {"id": "72", "archived": True}]
    )
    assert portal.make("companies", name="N", hubspot_owner_id="71")
    answer = portal.call("POST", f"{OBJECTS}/companies", {"properties": {"name": "N", "hubspot_owner_id": "72"}})
    assert refusals(answer) == {"hubspot_owner_id": "INVALID_OWNER_ID"}
    assert [one["id"] for one in portal.ok("GET", "/crm/owners/2026-03?archived=true")["results"]] == ["72"]


def test_batch_answers_never_come_in_the_order_of_the_inputs(portal: Any) -> None:
    for size in (2, 3, 10):
        inputs = [{"properties": {"name": f"C{n}"}, "objectWriteTraceId": str(n)} for n in range(size)]
        made = portal.ok("POST", f"{OBJECTS}/companies/batch/create", {"inputs": inputs})["results"]
        assert [one["objectWriteTraceId"] for one in made] != [str(n) for n in range(size)]
        assert {one["objectWriteTraceId"]: one["properties"]["name"] for one in made} == {
            str(n): f"C{n}" for n in range(size)
        }
        changes = [{"id": one["id"], "properties": {"region": "EU"}} for one in made]
        changed = portal.ok("POST", f"{OBJECTS}/companies/batch/update", {"inputs": changes})["results"]
        assert [one["id"] for one in changed] != [one["id"] for one in changes]


def test_with_trace_ids_a_batch_fails_in_part(portal: Any) -> None:
    good, bad = portal.make("companies", name="good"), portal.make("companies", name="bad")
    inputs = [
        {"id": good, "properties": {"region": "EU"}, "objectWriteTraceId": "a"},
        {"id": bad, "properties": {"customer_tier": "gold"}, "objectWriteTraceId": "b"},
        {"id": "404", "properties": {"region": "EU"}, "objectWriteTraceId": "c"},
    ]
    answer = portal.call("POST", f"{OBJECTS}/companies/batch/update", {"inputs": inputs})
    body = answer.json()
    assert (answer.status_code, body["status"], body["numErrors"]) == (207, "COMPLETE", 2)
    assert [one["id"] for one in body["results"]] == [good]
    by_trace = {error["context"]["objectWriteTraceId"][0]: error for error in body["errors"]}
    assert by_trace["b"]["category"] == "VALIDATION_ERROR"
    assert (by_trace["c"]["category"], by_trace["c"]["context"]["ids"]) == ("OBJECT_NOT_FOUND", ["404"])


def test_without_trace_ids_a_wrong_value_refuses_the_whole_batch(portal: Any) -> None:
    before = portal.emulator.store.count("hubspot", "companies")
    inputs = [{"properties": {"name": "fine"}}, {"properties": {"nonesuch": "1"}}]
    assert refusals(portal.call("POST", f"{OBJECTS}/companies/batch/create", {"inputs": inputs})) == {
        "nonesuch": "PROPERTY_DOESNT_EXIST"
    }
    assert portal.emulator.store.count("hubspot", "companies") == before


def test_unknown_ids_are_named_together(portal: Any) -> None:
    id = portal.make("companies", name="N")
    for path, properties in (("read", ["name"]), ("update", None)):
        inputs = [{"id": one, "properties": {"region": "EU"}} for one in ("404", id, "405")]
        body = {"inputs": inputs} | ({"properties": properties} if properties else {})
        answer = portal.call("POST", f"{OBJECTS}/companies/batch/{path}", body)
        errors = answer.json()["errors"]
        assert (answer.status_code, len(errors)) == (207, 1)
        assert errors[0]["context"] == {"ids": ["404", "405"]}
        assert errors[0]["message"].startswith("Could not get some COMPANY objects")


def test_repeated_ids_and_long_batches_are_refused(portal: Any) -> None:
    id = portal.make("companies", name="N")
    twice = portal.call(
        "POST", f"{OBJECTS}/companies/batch/update", {"inputs": [{"id": id, "properties": {"region": "EU"}}] * 2}
    )
    assert (twice.status_code, twice.json()["context"]) == (400, {"ids": [id]})
    many = {"inputs": [{"id": str(n)} for n in range(101)], "properties": []}
    assert portal.call("POST", f"{OBJECTS}/companies/batch/read", many).status_code == 400


def test_upsert_needs_a_unique_property(portal: Any) -> None:
    one = {"id": "x", "idProperty": "region", "properties": {"name": "N"}}
    answer = portal.call("POST", f"{OBJECTS}/companies/batch/upsert", {"inputs": [one]})
    assert (answer.status_code, answer.json()["context"]) == (400, {"idProperty": ["region"]})


def test_the_same_upsert_twice_makes_one_record(portal: Any) -> None:
    made = {
        "name": "csc_key",
        "label": "Key",
        "type": "string",
        "fieldType": "text",
        "groupName": "taskinformation",
        "hasUniqueValue": True,
    }
    portal.ok("POST", "/crm/properties/2026-03/tasks", made)
    one = {"id": "K1", "idProperty": "csc_key", "properties": {"hs_timestamp": "2026-01-01T00:00:00Z"}}
    first, second = (
        portal.ok("POST", f"{OBJECTS}/tasks/batch/upsert", {"inputs": [one]})["results"][0] for _ in range(2)
    )
    assert (first["new"], second["new"], second["id"]) == (True, False, first["id"])
    assert portal.ok("GET", f"{OBJECTS}/tasks/k1?idProperty=csc_key")["id"] == first["id"]


def test_archived_records_leave_reads_and_appear_among_the_archived(portal: Any) -> None:
    id = portal.make("line_items", name="L")
    path = f"{OBJECTS}/line_items"
    for _ in range(2):
        assert portal.call("POST", f"{path}/batch/archive", {"inputs": [{"id": id}]}).status_code == 204
    assert portal.call("GET", f"{path}/{id}").json()["category"] == "OBJECT_NOT_FOUND"
    assert id not in [one["id"] for one in portal.ok("GET", path)["results"]]
    archived = {one["id"]: one for one in portal.ok("GET", f"{path}?archived=true")["results"]}
    assert archived[id]["archived"] is True
    assert archived[id]["archivedAt"]
    assert portal.call("PATCH", f"{path}/{id}", {"properties": {"name": "M"}}).status_code == 404


def test_a_merge_leaves_the_survivor_with_both_lives(portal: Any) -> None:
    winner, loser = portal.make("companies", name="W"), portal.make("companies", name="L", region="EU")
    task = portal.make("tasks", hs_timestamp="2026-01-01T00:00:00Z")
    portal.ok("PUT", f"{OBJECTS}/tasks/{task}/associations/default/companies/{loser}")
    portal.ok("POST", f"{OBJECTS}/companies/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})
    read = portal.ok("GET", f"{OBJECTS}/companies/{winner}?properties=hs_merged_object_ids,region")["properties"]
    assert (read["name"], read["region"], read["hs_merged_object_ids"]) == ("W", "EU", loser)
    assert portal.call("GET", f"{OBJECTS}/companies/{loser}").status_code == 404
    linked = portal.ok("GET", f"{OBJECTS}/tasks/{task}/associations/companies")["results"]
    assert [one["toObjectId"] for one in linked] == [winner]


def test_feedback_can_only_be_read(portal: Any) -> None:
    answer = portal.call("POST", f"{OBJECTS}/feedback_submissions", {"properties": {"hs_value": "9"}})
    assert answer.status_code == 405


def test_what_is_not_json_or_no_object_is_refused(portal: Any) -> None:
    for raw in (b"{", b"[]", b'{"properties": 1}'):
        answer = portal.session.post(f"{portal.emulator.hubspot_url}{OBJECTS}/companies", data=raw, timeout=10)
        assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert portal.call("GET", f"{OBJECTS}/unicorns").status_code == 400
    assert portal.call("GET", f"{OBJECTS}/companies?after=x").status_code == 400
    archive = "/crm/associations/2026-03/tasks/companies/batch/archive"
    assert portal.call("POST", archive, {"inputs": [{"from": "1", "to": ["2"]}]}).status_code == 400


def test_a_record_born_with_associations(portal: Any) -> None:
    company = portal.make("companies", name="N")
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}
    body = {
        "properties": {"hs_timestamp": "2026-01-01T00:00:00Z"},
        "associations": [{"to": {"id": company}, "types": [spec]}],
    }
    id = portal.ok("POST", f"{OBJECTS}/tasks", body)["id"]
    read = portal.ok("GET", f"{OBJECTS}/tasks/{id}?associations=companies")
    assert read["associations"] == {"companies": {"results": [{"id": company, "type": "task_to_company"}]}}
    body["associations"][0]["to"]["id"] = "404"
    before = portal.emulator.store.count("hubspot", "tasks")
    assert portal.call("POST", f"{OBJECTS}/tasks", body).status_code == 404
    assert portal.emulator.store.count("hubspot", "tasks") == before
