"""Properties, groups, pipelines, custom objects and the account's own endpoints."""

from __future__ import annotations

from typing import Any

import pytest

OBJECTS, PROPERTIES, PIPELINES = "/crm/objects/2026-03", "/crm/properties/2026-03", "/crm/pipelines/2026-03"


def wanted(name: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": "string",
        "fieldType": "text",
        "groupName": "companyinformation",
        **more,
    }


def test_a_property_is_made_once_and_then_written(portal: Any) -> None:
    options = [{"label": "Green", "value": "green"}, {"label": "Red", "value": "red"}]
    body = wanted("csc_band", type="enumeration", fieldType="select", options=options)
    assert portal.call("POST", f"{PROPERTIES}/companies", body).status_code == 201
    again = portal.call("POST", f"{PROPERTIES}/companies", body)
    assert (again.status_code, again.json()["category"]) == (409, "CONFLICT")
    id = portal.make("companies", name="N", csc_band="green")
    assert portal.ok("GET", f"{OBJECTS}/companies/{id}?properties=csc_band")["properties"]["csc_band"] == "green"
    bad = portal.call("PATCH", f"{OBJECTS}/companies/{id}", {"properties": {"csc_band": "Green"}})
    assert bad.status_code == 400
    portal.ok("PATCH", f"{PROPERTIES}/companies/csc_band", {"options": [*options, {"label": "Y", "value": "yellow"}]})
    portal.ok("PATCH", f"{OBJECTS}/companies/{id}", {"properties": {"csc_band": "yellow"}})


@pytest.mark.parametrize(
    "body",
    [
        wanted("Upper"),
        wanted("csc_x", groupName="nonesuch"),
        wanted("csc_x", type="text"),
        wanted("csc_x", fieldType="input"),
        wanted("csc_x", type="enumeration", fieldType="select"),
        wanted("csc_x", type="date", fieldType="date", hasUniqueValue=True),
        {"name": "csc_x"},
    ],
)
def test_wrong_definitions(portal: Any, body: dict[str, Any]) -> None:
    answer = portal.call("POST", f"{PROPERTIES}/companies", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_ten_unique_properties_and_no_more(portal: Any) -> None:
    inputs = [wanted(f"csc_u{n}", hasUniqueValue=True, groupName="ticketinformation") for n in range(11)]
    answer = portal.call("POST", f"{PROPERTIES}/tickets/batch/create", {"inputs": inputs})
    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 10, 1)


def test_a_batch_of_definitions_names_those_there_are(portal: Any) -> None:
    portal.ok("POST", f"{PROPERTIES}/companies", wanted("csc_first"))
    inputs = [wanted("csc_first"), wanted("csc_second")]
    body = portal.call("POST", f"{PROPERTIES}/companies/batch/create", {"inputs": inputs}).json()
    assert [one["name"] for one in body["results"]] == ["csc_second"]
    assert (body["errors"][0]["category"], body["errors"][0]["context"]) == ("CONFLICT", {"name": ["csc_first"]})


def test_an_archived_property_is_gone(portal: Any) -> None:
    portal.ok("POST", f"{PROPERTIES}/companies", wanted("csc_gone"))
    assert portal.call("DELETE", f"{PROPERTIES}/companies/csc_gone").status_code == 204
    assert portal.call("GET", f"{PROPERTIES}/companies/csc_gone").status_code == 404
    assert "csc_gone" in [one["name"] for one in portal.ok("GET", f"{PROPERTIES}/companies?archived=true")["results"]]
    answer = portal.call("POST", f"{OBJECTS}/companies", {"properties": {"csc_gone": "x"}})
    assert "PROPERTY_DOESNT_EXIST" in answer.text
    assert portal.call("DELETE", f"{PROPERTIES}/companies/name").status_code == 400


def test_groups(portal: Any) -> None:
    body = {"name": "csc", "label": "Customer success"}
    assert portal.call("POST", f"{PROPERTIES}/deals/groups", body).status_code == 201
    assert portal.call("POST", f"{PROPERTIES}/deals/groups", body).status_code == 409
    portal.ok("POST", f"{PROPERTIES}/deals", wanted("csc_in_group", groupName="csc"))
    assert portal.call("DELETE", f"{PROPERTIES}/deals/groups/csc").status_code == 400
    assert [one["name"] for one in portal.ok("GET", f"{PROPERTIES}/deals/groups")["results"]] == [
        "dealinformation",
        "csc",
    ]


def test_editing_a_pipeline_touches_its_deals_and_what_a_stage_means(portal: Any) -> None:
    stages = [
        {"label": "Open", "displayOrder": 0, "metadata": {"probability": "0.5", "isClosed": "false"}},
        {"label": "Done", "displayOrder": 1, "metadata": {"probability": "1.0", "isClosed": "true"}},
    ]
    made = portal.ok("POST", f"{PIPELINES}/deals", {"label": "Renewals", "displayOrder": 1, "stages": stages})
    open_stage = made["stages"][0]["id"]
    ours = portal.make("deals", dealname="D", pipeline=made["id"], dealstage=open_stage)
    other = portal.make("deals", dealname="E", dealstage="contractsent")
    asked = "?properties=hs_is_closed,hs_is_closed_won"
    before = {id: portal.ok("GET", f"{OBJECTS}/deals/{id}")["updatedAt"] for id in (ours, other)}
    portal.emulator.state.clock.advance(1)
    change = {"label": "Won", "metadata": {"probability": "1.0", "isClosed": "true"}}
    portal.ok("PATCH", f"{PIPELINES}/deals/{made['id']}/stages/{open_stage}", change)
    after = {id: portal.ok("GET", f"{OBJECTS}/deals/{id}{asked}") for id in (ours, other)}
    assert after[ours]["updatedAt"] > before[ours]
    assert after[ours]["properties"]["hs_is_closed_won"] == "true"
    assert after[other]["updatedAt"] == before[other]
    assert portal.call("DELETE", f"{PIPELINES}/deals/{made['id']}/stages/{open_stage}").status_code == 400
    assert portal.call("DELETE", f"{PIPELINES}/deals/{made['id']}/stages/{made['stages'][1]['id']}").status_code == 204
    left = portal.ok("GET", f"{PIPELINES}/deals/{made['id']}/stages")["results"]
    assert [(one["id"], one["label"]) for one in left] == [(open_stage, "Won")]


def test_a_custom_object_lives_on_the_ordinary_paths(portal: Any) -> None:
    body = {
        "name": "goal",
        "labels": {"singular": "Goal", "plural": "Goals"},
        "primaryDisplayProperty": "metric",
        "requiredProperties": ["metric"],
        "searchableProperties": ["metric"],
        "properties": [{"name": "metric", "label": "Metric", "type": "string", "fieldType": "text"}],
        "associatedObjects": ["COMPANY"],
    }
    made = portal.ok("POST", "/crm-object-schemas/2026-03/schemas", body)
    for name in (made["objectTypeId"], made["fullyQualifiedName"], "goal"):
        portal.make(name, metric="Hours saved")
    assert len(portal.ok("GET", f"{OBJECTS}/goal")["results"]) == 3
    assert portal.call("POST", f"{OBJECTS}/goal", {"properties": {}}).status_code == 400
    company, goal = portal.make("companies", name="N"), portal.make("goal", metric="m")
    portal.ok("PUT", f"{OBJECTS}/goal/{goal}/associations/default/companies/{company}")
    assert portal.ok("GET", f"{OBJECTS}/companies/{company}/associations/goal")["results"][0]["toObjectId"] == goal
    assert portal.call("POST", "/crm-object-schemas/2026-03/schemas", body).status_code == 409


def test_owners_are_paged(portal: Any) -> None:
    portal.emulator.store.load("hubspot", "owners", [{"id": str(n), "email": f"o{n}@x.example"} for n in range(1, 6)])
    first = portal.ok("GET", "/crm/owners/2026-03?limit=3")
    rest = portal.session.get(first["paging"]["next"]["link"], timeout=10).json()
    assert [one["id"] for one in [*first["results"], *rest["results"]]] == ["1", "2", "3", "4", "5"]
    assert "paging" not in rest
    assert [one["id"] for one in portal.ok("GET", "/crm/owners/2026-03/?email=O4@x.example")["results"]] == ["4"]
    assert portal.ok("GET", "/crm/owners/2026-03/5")["email"] == "o5@x.example"


@pytest.mark.parametrize("version", ["2026-03", "2026-09"])
def test_the_account_and_its_limits(portal: Any, version: str) -> None:
    details = portal.ok("GET", f"/account-info/{version}/details")
    assert (details["accountType"], details["timeZone"]) == ("STANDARD", "Asia/Shanghai")
    usage = portal.ok("GET", f"/account-info/{version}/api-usage/daily/private-apps")["results"][0]
    assert 0 < usage["currentUsage"] < usage["usageLimit"]
    for what in ("custom-properties", "pipelines", "records", "associations/labels", "custom-object-types"):
        assert portal.ok("GET", f"/crm/limits/{version}/{what}")
    assert portal.call("GET", f"/crm/limits/{version}/nonesuch").status_code == 404
