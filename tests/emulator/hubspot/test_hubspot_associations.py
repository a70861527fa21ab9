"""Associations: both directions, labels, batches, and that they leave records alone."""

from __future__ import annotations

from typing import Any

OBJECTS, LINKS = "/crm/objects/2026-03", "/crm/associations/2026-03"


def task(portal: Any) -> str:
    return str(portal.make("tasks", hs_timestamp="2026-01-01T00:00:00Z"))


def targets(portal: Any, one: str, id: str, other: str) -> list[str]:
    return [link["toObjectId"] for link in portal.ok("GET", f"{OBJECTS}/{one}/{id}/associations/{other}")["results"]]


def test_a_default_association_shows_from_both_sides_and_repeats_harmlessly(portal: Any) -> None:
    id, company = task(portal), portal.make("companies", name="N")
    for _ in range(2):
        answer = portal.ok("PUT", f"/crm/v4/objects/tasks/{id}/associations/default/companies/{company}")
        assert {one["associationSpec"]["associationTypeId"] for one in answer["results"]} == {192, 191}
    assert targets(portal, "tasks", id, "companies") == [company]
    assert targets(portal, "companies", company, "tasks") == [id]
    assert portal.call("DELETE", f"{OBJECTS}/tasks/{id}/associations/companies/{company}").status_code == 204
    assert targets(portal, "companies", company, "tasks") == []


def test_associating_does_not_touch_the_records(portal: Any) -> None:
    id, company = task(portal), portal.make("companies", name="N")
    before = portal.ok("GET", f"{OBJECTS}/companies/{company}")["updatedAt"]
    portal.ok("PUT", f"{OBJECTS}/tasks/{id}/associations/default/companies/{company}")
    assert portal.ok("GET", f"{OBJECTS}/companies/{company}")["updatedAt"] == before


def test_a_batch_read_names_records_with_nothing_as_errors(portal: Any) -> None:
    linked, bare, company = task(portal), task(portal), portal.make("companies", name="N")
    pair = {"from": {"id": linked}, "to": {"id": company}}
    portal.ok("POST", f"{LINKS}/tasks/companies/batch/associate/default", {"inputs": [pair]})
    answer = portal.call("POST", f"{LINKS}/tasks/companies/batch/read", {"inputs": [{"id": linked}, {"id": bare}]})
    body = answer.json()
    assert (answer.status_code, body["numErrors"]) == (207, 1)
    spec = {"category": "HUBSPOT_DEFINED", "typeId": 192, "label": None}
    assert body["results"] == [{"from": {"id": linked}, "to": [{"toObjectId": company, "associationTypes": [spec]}]}]
    error = body["errors"][0]
    assert error["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    assert error["context"] == {"fromObjectId": [bare], "fromObjectType": ["task"], "toObjectType": ["company"]}


def test_long_lists_are_paged(portal: Any) -> None:
    company = portal.make("companies", name="N")
    rows = [{"id": str(n), "hs_timestamp": "2026-01-01T00:00:00Z"} for n in range(1, 702)]
    portal.emulator.store.load("hubspot", "meetings", rows)
    portal.emulator.store.associations.add("hubspot", [("meetings", row["id"], "companies", company) for row in rows])
    path, seen, after = f"{LINKS}/companies/meetings/batch/read", list[str](), ""
    for _ in range(2):
        page = portal.ok("POST", path, {"inputs": [{"id": company, "after": after}]})["results"][0]
        seen += [one["toObjectId"] for one in page["to"]]
        after = page.get("paging", {}).get("next", {}).get("after", "")
    assert sorted(seen) == sorted(row["id"] for row in rows)
    assert after == ""


def test_missing_records_fail_alone(portal: Any) -> None:
    id, company = task(portal), portal.make("companies", name="N")
    pairs = [{"from": {"id": id}, "to": {"id": company}}, {"from": {"id": id}, "to": {"id": "404"}}]
    answer = portal.call("POST", f"{LINKS}/tasks/companies/batch/associate/default", {"inputs": pairs})
    assert (answer.status_code, answer.json()["numErrors"]) == (207, 1)
    assert answer.json()["errors"][0]["context"]["ids"] == ["404"]
    assert targets(portal, "tasks", id, "companies") == [company]


def test_archived_records_are_no_longer_linked(portal: Any) -> None:
    id, company = task(portal), portal.make("companies", name="N")
    portal.ok("PUT", f"{OBJECTS}/tasks/{id}/associations/default/companies/{company}")
    portal.call("DELETE", f"{OBJECTS}/companies/{company}")
    assert targets(portal, "tasks", id, "companies") == []


def test_typed_and_labelled_associations(portal: Any) -> None:
    deal, company = portal.make("deals", dealname="D"), portal.make("companies", name="N")
    made = portal.ok("POST", f"{LINKS}/deals/companies/labels", {"label": "Reseller", "name": "reseller"})["results"][0]
    assert made["category"] == "USER_DEFINED"
    types = [
        {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5},
        {"associationCategory": "USER_DEFINED", "associationTypeId": made["typeId"]},
    ]
    pair = {"from": {"id": deal}, "to": {"id": company}, "types": types}
    answer = portal.ok("POST", f"{LINKS}/deals/companies/batch/create", {"inputs": [pair]})
    assert set(answer["results"][0]["labels"]) == {"Primary", "Reseller"}
    link = portal.ok("GET", f"{OBJECTS}/deals/{deal}/associations/companies")["results"][0]
    assert {one["label"] for one in link["associationTypes"]} == {None, "Primary", "Reseller"}
    gone = {"inputs": [{"from": {"id": deal}, "to": [{"id": company}]}]}
    assert portal.call("POST", f"{LINKS}/deals/companies/batch/archive", gone).status_code == 204
    assert targets(portal, "deals", deal, "companies") == []


def test_a_type_of_another_pair_is_refused(portal: Any) -> None:
    id, company = task(portal), portal.make("companies", name="N")
    wrong = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 204}]
    assert portal.call("PUT", f"{OBJECTS}/tasks/{id}/associations/companies/{company}", wrong).status_code == 400
