"""The HubSpot connector on answers of our own emulator, which prove that connector and emulator still agree."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from csconnect.connectors.protocols import Lookup, PullRequest
from csconnect.model.values import Action, Change, Outcome

LONG_AGO = "2026-10-01T08:00:00Z"


@pytest.fixture
def portal(hubspot: Any) -> Any:
    rows = [
        {"id": str(n), "name": f"Company {n}", "createdate": LONG_AGO, "hs_lastmodifieddate": LONG_AGO}
        for n in range(1, 4)
    ]
    hubspot.seed("companies", *rows)
    return hubspot


def drained(
    hub: Any, object: str, *fields: str, cursor: str | None = None
) -> tuple[list[dict[str, Any]], dict[str, str | None], str]:
    """Rows, tombstones (id -> survivor) and the last cursor of a pull."""
    pages = list(hub.pull(PullRequest(object, fields, cursor=cursor)))
    rows = [row for page in pages for row in page.rows]
    gone = {stone.id: stone.merged_into for page in pages for stone in page.tombstones}
    return rows, gone, str(pages[-1].cursor)


def task(key: str, company: str) -> Change:
    values = {"csc_key": key, "hs_task_subject": f"Call about {key}", "hs_timestamp": "2026-11-30"}
    return Change(
        connection="hub",
        action=Action.CREATE,
        entity="task",
        object="tasks",
        key=key,
        key_field="csc_key",
        values=values,
        links={"companies": company},
    )


def score(id: str, value: int) -> Change:
    return Change(
        connection="hub",
        action=Action.UPDATE,
        entity="account",
        object="companies",
        record_id=id,
        values={"csc_health_score": value},
    )


def test_portal_details(portal: Any) -> None:
    assert portal.connect("key").org() == ("148000001", "HubSpot portal 148000001", True)


def test_token_by_refresh(portal: Any, vcr_cassette: Any) -> None:
    assert portal.connect("oauth").org()[0] == "148000001"
    form = parse_qs(vcr_cassette.requests[0].body.decode())
    assert form == {
        "grant_type": ["refresh_token"],
        "client_id": ["scrubbed"],
        "client_secret": ["scrubbed"],
        "refresh_token": ["scrubbed"],
    }


def test_list_pages(portal: Any) -> None:
    more = [{"id": str(n), "name": f"Company {n}", "hs_lastmodifieddate": LONG_AGO} for n in range(4, 103)]
    portal.seed("companies", *more)
    pages = list(portal.connect("key").pull(PullRequest("companies", ("hs_object_id", "name"))))
    assert [len(page.rows) for page in pages] == [100, 2, 0]
    assert pages[-1].complete
    rows = [row for page in pages for row in page.rows]
    assert sorted(int(row["hs_object_id"]) for row in rows) == list(range(1, 103))
    assert all(row["name"] == f"Company {row['hs_object_id']}" for row in rows)


def test_search_what_changed(portal: Any) -> None:
    hub = portal.connect("key")
    _, _, cursor = drained(hub, "companies", "name")
    portal.wait(3600)
    portal.edit("companies", "2", name="Renamed")
    portal.delete("companies", "3")
    portal.wait(1200)  # more than the look-back, so that the third pull sees nothing twice
    rows, gone, later = drained(hub, "companies", "hs_object_id", "name", cursor=cursor)
    assert rows == [{"hs_object_id": "2", "name": "Renamed"}]
    assert gone == {"3": None}
    portal.wait(3600)
    assert drained(hub, "companies", "name", cursor=later)[:2] == ([], {})


def test_create_and_read_by_key(portal: Any) -> None:
    """Once made, each task is found by its key at once, and making it again finds it there."""
    hub = portal.connect("key")
    batch = [task(f"risk-{n}", str(n)) for n in (1, 2, 3)]
    made = hub.push(batch)
    assert [(receipt.change_id, receipt.outcome) for receipt in made] == [
        (change.id, Outcome.WRITTEN) for change in batch
    ]
    lookup = Lookup("tasks", ("csc_key", "associations.companies"), "csc_key", ("risk-1", "risk-2", "risk-3", "none"))
    found = {record.values["csc_key"]: record for record in hub.existing(lookup)}
    assert {key: record.id for key, record in found.items()} == {
        str(change.key): receipt.record_id for change, receipt in zip(batch, made, strict=True)
    }
    assert {key: record.values["associations.companies"] for key, record in found.items()} == {
        "risk-1": "1",
        "risk-2": "2",
        "risk-3": "3",
    }
    again = hub.push(batch)
    assert {receipt.outcome for receipt in again} == {Outcome.UNCHANGED}
    assert [receipt.record_id for receipt in again] == [receipt.record_id for receipt in made]


def test_update_with_207(portal: Any, vcr_cassette: Any) -> None:
    batch = [score("1", 71), score("404", 5), score("3", 12)]
    receipts = portal.connect("key").push(batch)
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.GONE, Outcome.WRITTEN]
    assert [receipt.record_id for receipt in receipts] == ["1", "404", "3"]
    assert vcr_cassette.responses[-1]["status"]["code"] == 207


def test_too_many_calls(portal: Any, vcr_cassette: Any) -> None:
    """Somebody else uses up the portal's rate between our first call and our second."""
    hub = portal.connect("key")
    hub.org()
    portal.limit(ten_seconds=1)
    assert len(hub.describe("companies").fields) > 10
    assert [answer["status"]["code"] for answer in vcr_cassette.responses] == [200, 429, 200]
    assert portal.slept == [10.0]


def test_owners(portal: Any) -> None:
    portal.seed("owners", {"id": "1", "firstName": "Ada", "lastName": "Hand", "email": "ada@northwind.example"})
    portal.seed("owners", {"id": "2", "firstName": "Old", "lastName": "Hand", "archived": True})
    rows, _, _ = drained(portal.connect("key"), "owners", "id", "name.full", "archived")
    assert [(row["id"], row["name.full"], row["archived"]) for row in rows] == [
        ("1", "Ada Hand", False),
        ("2", "Old Hand", True),
    ]


def test_associations(portal: Any) -> None:
    portal.seed("deals", {"id": "10", "dealname": "Won"}, {"id": "11", "dealname": "Alone"})
    portal.link("deals", "10", "companies", "2")
    rows, _, _ = drained(
        portal.connect("key"), "deals", "dealname", "associations.companies", "associations.companies.name"
    )
    assert [tuple(row.values()) for row in rows] == [("Won", "2", "Company 2"), ("Alone", None, None)]
