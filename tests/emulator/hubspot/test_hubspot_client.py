"""The vendor's own client works against the emulator unchanged, and its models take every answer."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm import associations, companies, objects
from hubspot.crm.properties import BatchReadInputPropertyName, PropertyCreate, PropertyGroupCreate

from hubspot import HubSpot


def test_a_record_is_made_read_changed_found_and_archived(client: HubSpot, portal: Any) -> None:
    api = client.crm.companies
    basic, search = api.basic_api, api.search_api
    made = basic.create(
        companies.SimplePublicObjectInputForCreate(properties={"name": "Lakeside", "domain": "lake.example"})
    )
    assert made.properties["name"] == "Lakeside"
    assert made.created_at.tzinfo is not None
    basic.update(made.id, companies.SimplePublicObjectInput(properties={"customer_tier": "strategic"}))
    read = basic.get_by_id(made.id, properties=["customer_tier", "website", "region"])
    assert (read.properties["customer_tier"], read.properties["website"]) == ("strategic", "lake.example")
    assert read.properties["region"] is None
    portal.settle()
    request = companies.PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": made.id}]}],
        sorts=["-createdate"], properties=["name"], limit=5, after="0",
    )  # fmt: skip
    found = search.do_search(request)
    assert (found.total, found.results[0].id) == (1, made.id)
    basic.archive(made.id)
    with pytest.raises(companies.ApiException) as gone:
        basic.get_by_id(made.id)
    assert gone.value.status == 404
    assert basic.get_by_id(made.id, archived=True).archived_at is not None


def test_get_all_pages_through_everything(client: HubSpot, portal: Any) -> None:
    notes = [portal.make("notes", hs_timestamp="2026-01-01T00:00:00Z", hs_note_body=str(n)) for n in range(3)]
    portal.emulator.store.load(
        "hubspot", "notes", [{"id": str(n), "hs_timestamp": "2026-01-01T00:00:00Z"} for n in range(1, 251)]
    )
    every = [note.id for note in client.crm.objects.get_all("notes")]
    assert len(every) == len(set(every)) == 253
    assert set(notes) < set(every)


def test_batches_come_back_as_the_models_say(client: HubSpot, portal: Any) -> None:
    api = client.crm.objects.batch_api
    inputs = [{"properties": {"firstname": f"N{n}", "email": f"n{n}@batch.example"}} for n in range(5)]
    made = api.create("contacts", objects.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    assert made.status == "COMPLETE"
    assert [r.properties["firstname"] for r in made.results] != [f"N{n}" for n in range(5)]
    changed = [{"id": r.id, "properties": {"lastname": "L"}} for r in made.results]
    assert len(api.update("contacts", objects.BatchInputSimplePublicObjectBatchInput(inputs=changed)).results) == 5
    wanted = objects.BatchReadInputSimplePublicObjectId(
        inputs=[{"id": "n3@batch.example"}, {"id": "nobody@batch.example"}],
        properties=["lastname"], properties_with_history=[], id_property="email",
    )  # fmt: skip
    read = api.read("contacts", wanted)
    assert isinstance(read, objects.BatchResponseSimplePublicObjectWithErrors)
    assert [r.properties["lastname"] for r in read.results] == ["L"]
    assert (read.num_errors, read.errors[0].context) == (1, {"ids": ["nobody@batch.example"]})


def test_upsert_tells_new_from_known(client: HubSpot, portal: Any) -> None:
    api = client.crm.objects.batch_api

    def upsert(*emails: str) -> dict[str, bool]:
        inputs = [
            {"id": e, "idProperty": "email", "properties": {"lastname": e}, "objectWriteTraceId": e} for e in emails
        ]
        answer = api.upsert("contacts", objects.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))
        assert {r.object_write_trace_id: r.properties["email"] for r in answer.results} == {e: e for e in emails}
        return {r.properties["email"]: r.new for r in answer.results}

    assert upsert("a@up.example", "b@up.example") == {"a@up.example": True, "b@up.example": True}
    assert upsert("b@up.example", "c@up.example") == {"b@up.example": False, "c@up.example": True}


def test_associations_through_the_client(client: HubSpot, portal: Any) -> None:
    company, task = portal.make("companies", name="X"), portal.make("tasks", hs_timestamp="2026-01-01T00:00:00Z")
    api = client.crm.associations.v4
    api.basic_api.create_default("tasks", task, "companies", company)
    listed = api.basic_api.get_page("companies", company, "tasks")
    assert [one.to_object_id for one in listed.results] == [task]
    batch = associations.v4.BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": task}])
    read = api.batch_api.get_page("tasks", "companies", batch)
    assert read.results[0].to[0].association_types[0].type_id == 192
    labels = client.crm.associations.v4.schema.definitions_api.get_all("tasks", "companies")
    assert [label.type_id for label in labels.results] == [192]


def test_definitions_pipelines_owners_and_schemas_through_the_client(client: HubSpot, portal: Any) -> None:
    portal.emulator.store.load(
        "hubspot", "owners", [{"id": "7", "email": "a@b.example", "firstName": "A", "lastName": "B"}]
    )
    api = client.crm.properties
    api.groups_api.create("companies", PropertyGroupCreate(name="csconnect", label="csconnect", display_order=1))
    wanted = PropertyCreate(name="csc_probe", label="P", type="number", field_type="number", group_name="csconnect")
    assert api.core_api.create("companies", wanted).modification_metadata.read_only_value is False
    assert "csc_probe" in [one.name for one in api.core_api.get_all("companies").results]
    batch = BatchReadInputPropertyName(archived=False, inputs=[{"name": "csc_probe"}, {"name": "name"}])
    assert {one.name for one in api.batch_api.read("companies", batch).results} == {"csc_probe", "name"}
    deals = client.crm.pipelines.pipelines_api.get_all("deals").results
    assert [stage.id for stage in deals[0].stages][-1] == "withdrawn"
    assert deals[0].stages[-1].metadata["isClosed"] == "true"
    owner = client.crm.owners.owners_api.get_page(limit=1).results[0]
    assert (owner.id, owner.email, owner.archived) == ("7", "a@b.example", False)
    assert client.crm.schemas.core_api.get_all().results == []


def test_oauth_through_the_client(client: HubSpot, portal: Any) -> None:
    known = portal.emulator.credentials["hubspot"]
    secret = {name: known[name] for name in ("client_id", "client_secret", "refresh_token")}
    token = client.oauth.tokens_api.create(grant_type="refresh_token", **secret)
    assert (token.expires_in, token.token_type) == (1800, "bearer")
    info = client.oauth.access_tokens_api.get(token.access_token)
    assert info.hub_id == portal.ok("GET", "/account-info/2026-03/details")["portalId"]
