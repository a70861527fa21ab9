"""Writing to an emulated portal: provision, look up, create, update, close; twice is once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from csconnect.connectors.http import UNKNOWN_OUTCOME
from csconnect.connectors.protocols import Context, Lookup, Source, Target, WantedField
from csconnect.errors import AuthError, ConfigError, MissingFieldError, ScopeError, UnreachableError, WrongOrgError
from csconnect.model.values import Action, Change, Level, Outcome
from csconnect_emulator.testing import launch
from csconnect_hubspot.connection import HubSpot
from csconnect_hubspot.settings import HubSpotSettings

WANTED = [
    WantedField(
        "companies", "csc_health_score", "integer", {"en": "Health", "zh": "健康分"}, {"en": "0 worst, 100 best"}
    ),
    WantedField("companies", "csc_health_band", "choice", {"en": "Band"}, {}, choices=("green", "yellow", "red")),
    WantedField("companies", "csc_next_renewal", "date", {"en": "Next"}, {}),
    WantedField("companies", "csc_because", "long_text", {"en": "Because"}, {}),
    WantedField("companies", "csc_arr", "money", {"en": "ARR"}, {}, scale=2),
    WantedField("deals", "csc_key", "key", {"en": "Key"}, {}),
    WantedField("tasks", "csc_key", "key", {"en": "Key"}, {}),
    WantedField("tasks", "csc_stage", "text", {"en": "Stage"}, {}),
]


@pytest.fixture
def ready(emulated: Any) -> Any:
    emulated.load("companies", {"id": "1", "name": "one"}, {"id": "2", "name": "two"})
    emulated.hub.provision(WANTED, apply=True)
    return emulated


def task(key: str, **more: Any) -> Change:
    return Change(
        **{
            "connection": "hub",
            "action": Action.CREATE,
            "entity": "task",
            "object": "tasks",
            "key": key,
            "key_field": "csc_key",
            "values": {
                "csc_key": key,
                "hs_task_subject": "Call",
                "hs_timestamp": "2024-02-29",
                "hs_task_priority": "HIGH",
            },
            "links": {"companies": "1"},
            **more,
        }
    )


def score(id: str, values: dict[str, Any]) -> Change:
    return Change(
        connection="hub", action=Action.UPDATE, entity="account", object="companies", record_id=id, values=values
    )


def by_key(hub: Any, *keys: str) -> list[Any]:
    return list(hub.existing(Lookup("tasks", ("csc_key", "hs_task_subject"), "csc_key", keys)))


def test_it_is_both_halves(emulated: Any) -> None:
    assert isinstance(emulated.hub, Source)
    assert isinstance(emulated.hub, Target)


class TestProvision:
    def test_looking_changes_nothing_making_is_idempotent(self, emulated: Any) -> None:
        assert {step.state for step in emulated.hub.provision(WANTED, apply=False)} == {"missing"}
        assert {step.state for step in emulated.hub.provision(WANTED, apply=False)} == {"missing"}
        assert [step.state for step in emulated.hub.provision(WANTED, apply=True)] == ["created"] * len(WANTED)
        for hub in (emulated.hub, emulated.connect()):
            assert [step.state for step in hub.provision(WANTED, apply=True)] == ["present"] * len(WANTED)
        fields = emulated.hub.describe("companies").fields
        assert fields["csc_health_band"].choices == ("green", "yellow", "red")
        assert emulated.hub.describe("tasks").fields["csc_key"].unique

    def test_somebody_faster_is_no_failure(self, emulated: Any) -> None:
        emulated.hub.describe("tasks")
        emulated.connect().provision(WANTED, apply=True)
        (step,) = emulated.hub.provision([WANTED[-1]], apply=True)
        assert step.state == "present"

    def test_options_that_are_lacking_are_added(self, ready: Any) -> None:
        wider = WantedField("companies", "csc_health_band", "choice", {}, {}, choices=("green", "grey"))
        assert ready.hub.provision([wider], apply=False)[0].state == "missing"
        assert ready.hub.provision([wider], apply=True)[0].state == "created"
        assert ready.hub.describe("companies").fields["csc_health_band"].choices == ("green", "yellow", "red", "grey")

    def test_what_cannot_be_mended_is_said(self, ready: Any) -> None:
        unlike = WantedField("companies", "csc_health_score", "text", {}, {})
        plain = WantedField("tasks", "csc_stage", "key", {}, {})
        steps = ready.hub.provision([unlike, plain], apply=True)
        assert [step.state for step in steps] == ["failed", "failed"]
        assert all("archive it in HubSpot" in step.detail for step in steps)

    def test_the_language_of_labels_is_a_setting(self, emulated: Any) -> None:
        emulated.connect(language="zh").provision(WANTED[:1], apply=True)
        assert emulated.hub.describe("companies").fields["csc_health_score"].label == "健康分"

    def test_the_export_makes_the_same_properties(self, emulated: Any) -> None:
        files = emulated.hub.export(WANTED)
        portal = emulated.hub.portal
        for object in ("companies", "deals", "tasks"):
            portal.post(portal.paths.properties(object, "groups"), json.loads(files["properties/group.json"]))
            portal.post(
                portal.paths.properties(object, "batch", "create"), json.loads(files[f"properties/{object}.json"])
            )
        assert {step.state for step in emulated.hub.provision(WANTED, apply=False)} == {"present"}
        assert all(f"`{field.name}`" in files["UNINSTALL.md"] for field in WANTED)


class TestWriting:
    def test_scores_are_written_and_read_back(self, ready: Any) -> None:
        values = {
            "csc_health_score": 54,
            "csc_health_band": "red",
            "csc_next_renewal": "2024-06-01",
            "csc_arr": "1234.50",
        }
        receipts = ready.hub.push([score("1", values), score("2", {"csc_health_score": 9})])
        assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.WRITTEN]
        lookup = Lookup("companies", tuple(values), "id", ("2", "1", "404"))
        found = {record.id: record.values for record in ready.hub.existing(lookup)}
        assert found["1"] == {**values, "csc_health_score": "54"}
        assert set(found) == {"1", "2"}

    def test_none_clears(self, ready: Any) -> None:
        ready.hub.push([score("1", {"csc_health_score": 54})])
        ready.hub.push([score("1", {"csc_health_score": None})])
        (record,) = ready.hub.existing(Lookup("companies", ("csc_health_score",), "id", ("1",)))
        assert record.values["csc_health_score"] is None

    def test_a_bad_value_and_a_lost_record_do_not_stop_the_others(self, ready: Any) -> None:
        batch = [
            score("1", {"csc_health_band": "purple"}),
            score("404", {"csc_health_score": 1}),
            score("2", {"csc_health_band": "green"}),
        ]
        receipts = ready.hub.push(batch)
        assert [receipt.outcome for receipt in receipts] == [Outcome.REFUSED, Outcome.GONE, Outcome.WRITTEN]
        assert [receipt.change_id for receipt in receipts] == [change.id for change in batch]
        assert receipts[0].code == "INVALID_OPTION"

    def test_a_task_is_made_once_with_its_company(self, ready: Any) -> None:
        batch = [task(f"k{n}") for n in range(12)]
        first = ready.hub.push(batch)
        assert {receipt.outcome for receipt in first} == {Outcome.WRITTEN}
        second = ready.hub.push(batch)
        assert {receipt.outcome for receipt in second} == {Outcome.UNCHANGED}
        assert [receipt.record_id for receipt in first] == [receipt.record_id for receipt in second]
        assert ready.store.count("hubspot", "tasks") == 12
        for change, receipt in zip(batch, first, strict=True):
            assert ready.store.get("hubspot", "tasks", receipt.record_id).data["csc_key"] == change.key
        rows = ready.pull("tasks", "csc_key", "associations.companies", "hs_timestamp").rows
        assert {(row["associations.companies"], row["hs_timestamp"][:10]) for row in rows} == {("1", "2024-02-29")}

    def test_a_task_is_found_by_key_at_once_and_by_its_company(self, ready: Any) -> None:
        ready.limits["search_lag_ms"] = 3_600_000
        ready.hub.push([task("a"), task("b", links={"companies": "2"})])
        assert [record.values["csc_key"] for record in by_key(ready.hub, "b", "nobody")] == ["b"]
        lookup = Lookup("tasks", ("csc_key", "associations.companies"), "associations.companies", ("2", "404"))
        assert [record.values for record in ready.hub.existing(lookup)] == [
            {"csc_key": "b", "associations.companies": "2"}
        ]
        assert ready.searches() == 0

    def test_a_property_that_is_not_unique_is_searched(self, ready: Any) -> None:
        ready.hub.push([task("a", values={"csc_key": "a", "csc_stage": "x", "hs_timestamp": "2024-02-29"}), task("b")])
        ready.wait(minutes=1)
        lookup = Lookup("tasks", ("csc_key",), "csc_stage", ("x", "y"))
        assert [record.values["csc_key"] for record in ready.hub.existing(lookup)] == ["a"]

    def test_our_key_is_never_searched_for(self, emulated: Any) -> None:
        text = WantedField("tasks", "csc_key", "text", {}, {})
        emulated.hub.provision([text], apply=True)
        with pytest.raises(MissingFieldError, match="unique"):
            by_key(emulated.hub, "a")

    def test_closing_and_linking_afterwards(self, ready: Any) -> None:
        (made,) = ready.hub.push([task("a", links={})])
        change = task(
            "a", action=Action.CLOSE, record_id=made.record_id, values={"hs_task_status": "COMPLETED"}, links={}
        )
        link = task("a", action=Action.UPDATE, record_id=made.record_id, values={}, links={"companies": "2"})
        lost = task("b", action=Action.UPDATE, record_id=made.record_id, values={}, links={"companies": "404"})
        assert ready.hub.push([change])[0].outcome is Outcome.WRITTEN
        for _ in range(2):
            assert ready.hub.push([link])[0].outcome is Outcome.WRITTEN
        assert ready.hub.push([lost])[0].outcome is not Outcome.WRITTEN
        (row,) = ready.pull("tasks", "hs_task_status", "associations.companies").rows
        assert row == {"hs_task_status": "COMPLETED", "associations.companies": "2"}

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_lost_answer_is_told_and_can_be_read_back(self, ready: Any, when: str) -> None:
        from csconnect_emulator.faults import Fault

        ready.emulator.state.faults.add(Fault(path="tasks/batch/create", action="drop", when=when))
        with pytest.raises(UnreachableError) as caught:
            ready.hub.push([task("a")])
        assert caught.value.error_code == UNKNOWN_OUTCOME
        assert len(by_key(ready.hub, "a")) == (when == "after")
        ready.hub.push([task("a")])
        assert ready.store.count("hubspot", "tasks") == 1
        (row,) = ready.pull("tasks", "associations.companies").rows
        assert row == {"associations.companies": "1"}

    def test_an_update_whose_answer_is_lost_is_repeated(self, ready: Any) -> None:
        from csconnect_emulator.faults import Fault

        ready.emulator.state.faults.add(Fault(path="companies/batch/update", action="drop", when="after"))
        assert ready.hub.push([score("1", {"csc_health_score": 3})])[0].outcome is Outcome.WRITTEN

    def test_the_forecast_of_calls_holds(self, ready: Any) -> None:
        hub = ready.connect()
        hub.describe("tasks")
        batch = [task(f"k{n}") for n in range(100)]
        before, forecast = hub.calls(), hub.cost(batch)
        assert by_key(hub, *(str(change.key) for change in batch)) == []
        hub.push(batch)
        assert len(by_key(hub, *(str(change.key) for change in batch))) == 100
        assert hub.calls() - before == forecast


class TestAccess:
    def test_oauth_tokens_are_renewed_when_they_run_out(self, emulated: Any) -> None:
        given = {name: value for name, value in emulated.emulator.credentials["hubspot"].items() if name != "token"}
        hub = emulated.connect(**given)
        assert hub.org() == ("148000001", "HubSpot portal 148000001", True)
        emulated.wait(hours=1)
        assert hub.describe("deals").fields
        emulated.store.set_meta("hubspot.refresh", {})
        emulated.wait(hours=1)
        with pytest.raises(AuthError):
            hub.describe("tickets")

    def test_missing_scopes_are_named_where_they_bite(self, emulated: Any) -> None:
        token = emulated.emulator.credentials["hubspot"]["token"]
        scopes = ["crm.objects.companies.read", "crm.schemas.companies.read"]
        emulated.store.set_meta("hubspot.keys", {token: {"scopes": scopes}})
        hub = emulated.connect()
        hub.describe("companies")
        with pytest.raises(ScopeError, match=r"crm\.schemas\.deals\.read"):
            hub.describe("deals")
        levels = {finding.where: finding.level for finding in hub.check() if finding.code == "E-SCOPE"}
        assert levels["deals"] is Level.ERROR
        assert levels["tickets"] is Level.WARNING

    def test_the_check_of_a_good_portal_finds_nothing_wrong(self, ready: Any) -> None:
        assert {finding.level for finding in ready.hub.check()} == {Level.OK}

    def test_a_pinned_portal_is_recognised(self, emulated: Any) -> None:
        emulated.org = "148000001"
        assert emulated.connect().describe("deals")
        emulated.org = "1"
        with pytest.raises(WrongOrgError):
            emulated.connect().push([score("1", {})])

    def test_rates_are_kept_so_that_nothing_is_refused(self, emulated: Any) -> None:
        emulated.load("companies", *({"id": str(n), "createdate": "2023-01-01T00:00:00Z"} for n in range(1, 1600)))
        cursor = emulated.pull("companies", "hs_object_id").cursor
        for n in range(1, 1600):
            emulated.store.update("hubspot", "companies", str(n), {"name": "x"})
        emulated.wait(seconds=2)
        assert len(emulated.pull("companies", "hs_object_id", cursor=cursor).rows) == 1599
        assert 429 not in {entry["status"] for entry in emulated.emulator.state.log.entries()}

    def test_the_official_client_works_on_the_same_token(self, ready: Any) -> None:
        api = ready.hub.official().crm.companies.basic_api
        assert api.get_by_id("1", properties=["name"]).properties["name"] == "one"

    def test_tls_is_checked_against_the_given_authority(self, tmp_path: Path) -> None:
        with launch(tmp_path, systems=("hubspot",), tls=frozenset({"hubspot"})) as emulator:
            settings = {"base_url": emulator.hubspot_url, "token": emulator.credentials["hubspot"]["token"]}
            trusting = HubSpot(HubSpotSettings(**settings, ca_file=emulator.ca), Context("hub"))
            assert trusting.describe("deals").fields
            assert trusting.official().crm.owners.owners_api.get_page().results == []
            strict = HubSpot(HubSpotSettings(**settings), Context("hub"))
            with pytest.raises(UnreachableError, match="ca_file"):
                strict.describe("deals")
            trusting.close()
            strict.close()
        emulator.store.close()

    def test_the_key_never_travels_in_the_clear(self) -> None:
        settings = HubSpotSettings.model_validate({"base_url": "http://api.hubapi.example", "token": "x"})
        with pytest.raises(ConfigError, match="in the clear"):
            HubSpot(settings, Context("hub"))
