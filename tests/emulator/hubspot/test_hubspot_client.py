"""The vendor's own client works against the emulator unchanged, and its models take every answer."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot.crm import associations, companies, contacts, deals, objects, pipelines, tickets
from hubspot.crm.associations.v4 import schema
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


def test_labels_are_made_renamed_given_and_taken_away(client: HubSpot, portal: Any) -> None:
    v4 = client.crm.associations.v4
    contact, company = portal.make("contacts", email="boss@label.example"), portal.make("companies", name="Label")
    definitions = v4.schema.definitions_api
    wanted = schema.PublicAssociationDefinitionCreateRequest(label="Boss", name="boss")
    definitions.create("contacts", "companies", wanted)
    listed = definitions.get_all("contacts", "companies").results
    assert len({one.type_id for one in listed}) == len(listed)
    (boss,) = [one.type_id for one in listed if one.label == "Boss"]
    renamed = schema.PublicAssociationDefinitionUpdateRequest(association_type_id=boss, label="Head")
    definitions.update("contacts", "companies", renamed)
    spec = {"associationCategory": "USER_DEFINED", "associationTypeId": boss}
    v4.basic_api.create("contacts", contact, "companies", company, [spec])

    def labels() -> set[str | None]:
        page = v4.basic_api.get_page("contacts", contact, "companies").results
        return {kind.label for one in page for kind in one.association_types}

    assert labels() == {None, "Head"}
    pair = {"from": {"id": contact}, "to": {"id": company}, "types": [spec]}
    v4.batch_api.archive_labels("contacts", "companies", associations.v4.BatchInputPublicAssociationMultiPost([pair]))
    assert labels() == {None}
    definitions.remove("contacts", "companies", boss)
    assert "Head" not in {one.label for one in definitions.get_all("contacts", "companies").results}


def test_search_pages_through_and_reads_every_operator_of_a_plain_script(client: HubSpot, portal: Any) -> None:
    rows = ({"id": str(n), "subject": f"Paging {n:03}", "hs_ticket_priority": "HIGH"} for n in range(501, 951))
    portal.emulator.store.load("hubspot", "tickets", rows)
    portal.settle()
    api, seen, after = client.crm.tickets.search_api, list[str](), "0"
    found = {"propertyName": "subject", "operator": "CONTAINS_TOKEN", "value": "paging"}
    since = {"propertyName": "createdate", "operator": "GTE", "value": "0"}
    while after:
        request = tickets.PublicObjectSearchRequest(
            filter_groups=[{"filters": [found, since]}], properties=["subject"], limit=200, after=after,
            sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        )  # fmt: skip
        page = api.do_search(request)
        seen += [one.id for one in page.results]
        after = page.paging.next.after if page.paging else ""
    assert (page.total, seen) == (450, [str(n) for n in range(501, 951)])


def test_contacts_by_mail_deals_and_tasks_with_their_links(client: HubSpot, portal: Any) -> None:
    company, api = portal.make("companies", name="Plain"), client.crm.contacts.basic_api

    def toward(id: str, type_id: int) -> list[dict[str, Any]]:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        return [{"to": {"id": id}, "types": types}]

    made = api.create(
        contacts.SimplePublicObjectInputForCreate(
            properties={"email": "Ann@Plain.example"}, associations=toward(company, 279)
        )
    )
    with pytest.raises(contacts.ApiException) as taken:
        api.create(contacts.SimplePublicObjectInputForCreate(properties={"email": "ann@plain.example"}))
    assert (taken.value.status, made.id in str(taken.value.body)) == (409, True)
    api.update("ann@plain.example", contacts.SimplePublicObjectInput(properties={"phone": "1"}), id_property="email")
    read = api.get_by_id("ann@plain.example", id_property="email", properties=["phone"], associations=["companies"])
    assert (read.properties["phone"], read.associations["companies"].results[0].id) == ("1", company)
    deal_api = client.crm.deals.batch_api
    inputs = [
        {"properties": {"dealname": f"D{n}", "amount": "1"}, "associations": toward(company, 341)} for n in (1, 2)
    ]
    deal, other = deal_api.create(deals.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)).results
    changed = [{"id": deal.id, "properties": {"dealstage": "closedwon"}}, {"id": "4", "properties": {"amount": "2"}}]
    partly = deal_api.update(deals.BatchInputSimplePublicObjectBatchInput(inputs=changed))
    assert (partly.num_errors, [one.id for one in partly.results]) == (1, [deal.id])
    deal_api.archive(deals.BatchInputSimplePublicObjectId(inputs=[{"id": other.id}]))
    linked = client.crm.associations.v4.basic_api.get_page("companies", company, "deals").results
    assert [one.to_object_id for one in linked] == [deal.id]
    tasks = client.crm.objects.tasks
    values = {"hs_timestamp": "2026-12-01T00:00:00Z", "hs_task_subject": "Call"}
    task = tasks.basic_api.create(
        objects.tasks.SimplePublicObjectInputForCreate(properties=values, associations=toward(company, 192))
    )
    assert (
        tasks.basic_api.get_by_id(task.id, associations=["companies"]).associations["companies"].results[0].id
        == company
    )


def test_calls_and_meetings_take_what_their_pages_list(client: HubSpot) -> None:
    at = {"hs_timestamp": "2026-01-01T09:00:00Z"}
    call = {
        "hs_call_title": "x",
        "hs_call_duration": "60000",
        "hs_call_direction": "OUTBOUND",
        "hs_call_status": "COMPLETED",
    }
    meeting = {
        "hs_meeting_start_time": "2026-01-01T09:00:00Z",
        "hs_meeting_end_time": "2026-01-01T10:00:00Z",
        "hs_meeting_outcome": "COMPLETED",
    }
    for api, values in ((client.crm.objects.calls, call), (client.crm.objects.meetings, meeting)):
        made = api.basic_api.create(objects.SimplePublicObjectInputForCreate(properties={**at, **values}))
        assert values.items() <= made.properties.items()


def test_with_history_a_page_holds_fifty(client: HubSpot, portal: Any) -> None:
    api = client.crm.objects
    with pytest.raises(objects.ApiException) as refused:
        api.basic_api.get_page("notes", limit=51, properties_with_history=["hs_note_body"])
    assert refused.value.status == 400
    ids = [{"id": str(n)} for n in range(51)]
    wanted = objects.BatchReadInputSimplePublicObjectId(
        inputs=ids, properties=[], properties_with_history=["hs_note_body"]
    )
    with pytest.raises(objects.ApiException) as too_many:
        api.batch_api.read("notes", wanted)
    assert "at most 50" in str(too_many.value.body)


def test_a_pipeline_of_ones_own(client: HubSpot) -> None:
    api, stages = client.crm.pipelines.pipelines_api, client.crm.pipelines.pipeline_stages_api
    open_, won = (
        {"label": label, "displayOrder": n, "metadata": {"probability": p}}
        for n, (label, p) in enumerate((("Open", "0.2"), ("Won", "1.0")))
    )
    made = api.create("deals", pipelines.PipelineInput(label="Renewals", display_order=1, stages=[open_, won]))
    assert api.update("deals", made.id, pipelines.PipelinePatchInput(label="Renewal")).label == "Renewal"
    stage = stages.create(
        "deals", made.id, pipelines.PipelineStageInput(label="Void", display_order=2, metadata={"probability": "0.0"})
    )
    assert stage.id in {one.id for one in stages.get_all("deals", made.id).results}
    api.archive("deals", made.id)
    with pytest.raises(pipelines.ApiException) as gone:
        api.get_by_id("deals", made.id)
    assert gone.value.status == 404
