"""Batches against answers that no emulator gives on its own: shuffled, partial, whole refusals, lost ones."""

from __future__ import annotations

import random
from typing import Any

import pytest

from csconnect.connectors.http import UNKNOWN_OUTCOME
from csconnect.errors import UnreachableError
from csconnect.model.values import Action, Change, Outcome


def update(number: int, **rest: Any) -> Change:
    return Change(
        **{
            "connection": "hub",
            "action": Action.UPDATE,
            "entity": "account",
            "object": "companies",
            "record_id": str(number),
            "values": {"csc_health_score": number},
            **rest,
        }
    )


def create(number: int, **rest: Any) -> Change:
    return Change(
        **{
            "connection": "hub",
            "action": Action.CREATE,
            "entity": "task",
            "object": "tasks",
            "key": f"key-{number}",
            "key_field": "csc_key",
            "values": {"csc_key": f"key-{number}", "hs_task_subject": "call", "hs_timestamp": "2026-12-01"},
            "links": {"companies": "77"},
            **rest,
        }
    )


@pytest.fixture
def portal(script: Any) -> Any:
    script.properties("companies", "name", csc_health_score={"type": "number"}, csc_because={})
    script.properties("tasks", "hs_task_subject", csc_key={"hasUniqueValue": True}, hs_timestamp={"type": "datetime"})
    labels = [
        {"category": "USER_DEFINED", "typeId": 5000, "label": None},
        {"category": "HUBSPOT_DEFINED", "typeId": 9, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 192, "label": None},
    ]
    script.on("GET", "/crm/associations/2026-03/tasks/companies/labels$", (200, {"results": labels}))
    script.on("POST", "/tasks/batch/read$", (200, {"results": []}))
    return script


def shuffled(results: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    random.Random(seed).shuffle(results)
    return results


@pytest.mark.parametrize("traced", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_shuffled_updates_find_their_changes(portal: Any, open_portal: Any, seed: int, traced: bool) -> None:
    def answer(request: Any) -> Any:
        results = [
            {"id": one["id"], **({"objectWriteTraceId": one["objectWriteTraceId"]} if traced else {})}
            for one in request.body["inputs"]
        ]
        return 200, {"status": "COMPLETE", "results": shuffled(results, seed)}

    portal.on("POST", "/companies/batch/update$", answer)
    batch = [update(number) for number in range(1, 100)]
    receipts = open_portal().push(batch)
    assert [(receipt.change_id, receipt.record_id) for receipt in receipts] == [(c.id, c.record_id) for c in batch]
    assert {receipt.outcome for receipt in receipts} == {Outcome.WRITTEN}


@pytest.mark.parametrize("traced", [True, False])
def test_shuffled_creates_find_their_changes_by_trace_or_key(portal: Any, open_portal: Any, traced: bool) -> None:
    def answer(request: Any) -> Any:
        results = []
        for one in request.body["inputs"]:
            key = one["properties"]["csc_key"]
            mark = {"objectWriteTraceId": one["objectWriteTraceId"]} if traced else {"properties": {"csc_key": key}}
            results.append({"id": key.replace("key-", "9"), **mark})
        return 201, {"status": "COMPLETE", "results": shuffled(results, 5)}

    portal.on("POST", "/tasks/batch/create$", answer)
    receipts = open_portal().push([create(number) for number in range(10, 30)])
    assert [receipt.record_id for receipt in receipts] == [f"9{number}" for number in range(10, 30)]


def test_a_create_carries_its_links_and_its_values_as_text(portal: Any, open_portal: Any) -> None:
    portal.on("POST", "/tasks/batch/create$", (201, {"results": []}))
    open_portal().push([create(1)])
    (sent,) = [request.body["inputs"][0] for request in portal.asked if request.path.endswith("/batch/create")]
    assert sent["properties"]["hs_timestamp"] == "2026-12-01T12:00:00Z"
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}
    assert sent["associations"] == [{"to": {"id": "77"}, "types": [spec]}]


@pytest.mark.parametrize("named", ["ids", "objectWriteTraceId"])
def test_partial_failures_are_told_record_by_record(portal: Any, open_portal: Any, named: str) -> None:
    def answer(request: Any) -> Any:
        good, bad, gone = request.body["inputs"]
        about = {"ids": bad["id"], "objectWriteTraceId": bad["objectWriteTraceId"]}[named]
        errors = [
            {"category": "OBJECT_NOT_FOUND", "message": "gone", "context": {"ids": [gone["id"]]}},
            {"category": "VALIDATION_ERROR", "message": "out of range", "context": {named: [about]}},
        ]
        return 207, {"status": "COMPLETE", "results": [{"id": good["id"]}], "numErrors": 2, "errors": errors}

    portal.on("POST", "/companies/batch/update$", answer)
    receipts = open_portal().push([update(1), update(2), update(3)])
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.REFUSED, Outcome.GONE]
    assert (receipts[1].code, receipts[1].message) == ("VALIDATION_ERROR", "out of range")


def test_a_record_that_the_answer_forgets_is_not_taken_for_written(portal: Any, open_portal: Any) -> None:
    portal.on("POST", "/companies/batch/update$", (200, {"status": "COMPLETE", "results": [{"id": "1"}]}))
    receipts = open_portal().push([update(1), update(2)])
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.REFUSED]


@pytest.mark.parametrize("bad", [{3}, {0, 7}, set(range(8))])
def test_a_whole_refusal_is_halved_until_the_bad_ones_stand_alone(portal: Any, open_portal: Any, bad: set[int]) -> None:
    def answer(request: Any) -> Any:
        ids = [one["id"] for one in request.body["inputs"]]
        if {int(id) for id in ids} & bad:
            detail = {"message": "too big", "code": "OUT_OF_RANGE"}
            return 400, {
                "category": "VALIDATION_ERROR",
                "message": "Property values were not valid",
                "errors": [detail],
            }
        return 200, {"results": [{"id": id} for id in ids]}

    portal.on("POST", "/companies/batch/update$", answer)
    receipts = open_portal().push([update(number) for number in range(8)])
    refused = {number for number, receipt in enumerate(receipts) if receipt.outcome is Outcome.REFUSED}
    assert refused == bad
    assert {receipts[number].code for number in bad} == {"OUT_OF_RANGE"}
    assert all(receipts[number].outcome is Outcome.WRITTEN for number in set(range(8)) - bad)


def test_what_cannot_succeed_is_not_sent(portal: Any, open_portal: Any) -> None:
    portal.on(
        "POST", "/companies/batch/update$", lambda r: (200, {"results": [{"id": i["id"]} for i in r.body["inputs"]]})
    )
    unknown = update(2, values={"csc_nothing": 1})
    receipts = open_portal().push([update(1), unknown, update(3, record_id=None, key="k")])
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.REFUSED, Outcome.REFUSED]
    assert "csconnect provision" in receipts[1].message
    (sent,) = [request.body["inputs"] for request in portal.asked if request.method == "POST"]
    assert [one["id"] for one in sent] == ["1"]


def test_nothing_is_created_by_a_key_that_is_not_unique(portal: Any, open_portal: Any) -> None:
    portal.properties("tasks", "hs_task_subject", "csc_key", "hs_timestamp")
    (receipt,) = open_portal().push([create(1)])
    assert receipt.outcome is Outcome.REFUSED
    assert "unique" in receipt.message
    assert portal.paths("POST") == []


@pytest.mark.parametrize("lost", [(503, b""), (500, {"message": "oops"})])
def test_a_create_without_an_answer_is_not_repeated(portal: Any, open_portal: Any, lost: Any) -> None:
    portal.on("POST", "/tasks/batch/create$", lost)
    with pytest.raises(UnreachableError) as caught:
        open_portal().push([create(1)])
    assert caught.value.error_code == UNKNOWN_OUTCOME
    assert portal.paths("POST") == ["/crm/objects/2026-03/tasks/batch/create"]


def test_a_create_whose_key_is_taken_finds_the_record(portal: Any, open_portal: Any) -> None:
    def answer(request: Any) -> Any:
        errors = [
            {
                "category": "VALIDATION_ERROR",
                "message": "7 already has that value",
                "context": {"objectWriteTraceId": [one]},
            }
            for one in (i["objectWriteTraceId"] for i in request.body["inputs"])
        ]
        return 207, {"results": [], "errors": errors}

    portal.on("POST", "/tasks/batch/create$", answer)
    portal.on("POST", "/tasks/batch/read$", (200, {"results": [{"id": "7", "properties": {"csc_key": "key-1"}}]}))
    receipts = open_portal().push([create(1), create(2)])
    assert [(receipt.outcome, receipt.record_id) for receipt in receipts] == [
        (Outcome.UNCHANGED, "7"),
        (Outcome.REFUSED, None),
    ]


def test_a_change_without_values_only_links(portal: Any, open_portal: Any) -> None:
    errors = [{"category": "OBJECT_NOT_FOUND", "message": "no company 78", "context": {"fromObjectId": ["2"]}}]
    portal.on(
        "POST",
        "/associations/2026-03/tasks/companies/batch/associate/default$",
        (207, {"results": [], "errors": errors}),
    )
    changes = [
        create(number, action=Action.UPDATE, record_id=str(number), values={}, links={"companies": "77"})
        for number in (1, 2)
    ]
    receipts = open_portal().push(changes)
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.GONE]
    assert not [path for path in portal.paths() if path.endswith("/batch/update")]


def test_the_forecast_of_calls_is_what_is_spent(portal: Any, open_portal: Any) -> None:
    hub = open_portal()
    batch = [create(number) for number in range(3)]
    assert hub.cost(batch) == 3 + 1 + 1
    hub.org()  # tells the portal's zone, too
    assert hub.cost(batch) == 3 + 1
    assert hub.cost([update(number) for number in range(101)]) == 6
    assert hub.cost([]) == 0
