"""Provisioning: says what is there, makes what is missing, and does nothing the second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from csconnect.connectors.protocols import WantedField
from csconnect.mapping.load import load_mappings
from csconnect_emulator.salesforce.org import hide_field

MAPPINGS = Path(__file__).parents[2] / "mappings" / "salesforce"


@pytest.fixture(scope="module")
def wanted() -> list[WantedField]:
    mappings = load_mappings([MAPPINGS], {"void_stage": "Withdrawn"})
    return [
        WantedField(
            mapping.object,
            field.to,
            field.type,
            field.label,
            field.help,
            length=field.length or 255,
            choices=tuple(field.choices.values()),
        )
        for mapping in mappings
        for field in mapping.write.values()
        if field.label and field.to
    ]


def states(steps):
    return {(step.where, step.what): step.state for step in steps}


def test_without_apply_it_only_says_what_is_missing(org, wanted):
    steps = org.connect().provision(wanted, apply=False)
    assert set(states(steps).values()) == {"missing"}
    assert {method for method, path, _ in org.log() if "token" not in path} == {"GET"}


def test_with_apply_it_makes_the_fields_visible_and_twice_does_nothing(org, wanted):
    connection = org.connect()
    steps = connection.provision(wanted, apply=True)
    assert set(states(steps).values()) == {"created"}, [step for step in steps if step.state != "created"]
    for field in wanted:
        assert field.name in connection.describe(field.object).fields
    posts = len([1 for method, path, _ in org.log() if method == "POST"])
    again = org.connect().provision(wanted, apply=True)
    assert set(states(again).values()) == {"present"}
    new = [path for method, path, _ in org.log() if method == "POST"][posts:]
    assert all(path.endswith("/token") for path in new)


def test_the_key_of_a_task_is_made_on_activity(org, wanted):
    org.connect().provision(wanted, apply=True)
    names = {record["FullName"] for record in org.all("CustomField")}
    assert {"Activity.CSC_Key__c", "Activity.CSC_Stage__c", "Opportunity.CSC_Key__c"} <= names


def test_a_hidden_field_is_made_visible_not_made_again(org, wanted):
    org.connect().provision(wanted, apply=True)
    hide_field(org.emulator.store, "Account", "CSC_ARR__c")
    assert states(org.connect().provision(wanted, apply=False))["Account", "CSC_ARR__c"] == "hidden"
    connection = org.connect()
    steps = connection.provision(wanted, apply=True)
    assert states(steps)["Account", "CSC_ARR__c"] == "created"
    assert "CSC_ARR__c" in connection.describe("Account").fields
    assert not [path for _, path, status in org.log("tooling/sobjects") if status >= 400]


def test_a_key_that_may_not_be_unique_becomes_a_plain_external_id(org, wanted):
    refusal = [{"errorCode": "FIELD_INTEGRITY_EXCEPTION", "message": "Activity fields cannot be unique"}]
    org.fault(
        method="POST", path="tooling/sobjects/CustomField", body='"unique": ?true', times=0, status=400, json=refusal
    )
    (key,) = [field for field in wanted if (field.object, field.name) == ("Task", "CSC_Key__c")]
    connection = org.connect()
    step = connection.provision([key], apply=True)[0]
    assert (step.state, "not allow it to be unique" in step.detail) == ("created", True)
    assert not connection.describe("Task").fields["CSC_Key__c"].unique


def test_a_field_that_cannot_be_made_is_a_failed_step_and_the_others_are_made(org, wanted):
    refusal = [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}]
    org.fault(method="POST", path="tooling/sobjects/CustomField", body="CSC_ARR__c", status=403, json=refusal)
    found = states(org.connect().provision(wanted, apply=True))
    assert found["Account", "CSC_ARR__c"] == "failed"
    assert found["Account", "CSC_Health_Score__c"] == "created"
    assert ("CSConnect_Integration", "Account.CSC_ARR__c") not in found
