"""Custom fields and who sees them: made by Tooling, granted by permission sets, hidden again."""

from __future__ import annotations

from typing import Any

import pytest

from csconnect_emulator.salesforce import hide_field
from csconnect_emulator.testing import RunningEmulator

FIELD = "Account.Score__c"


def described(rest: Any, object: str = "Account") -> dict[str, Any]:
    fields = rest("GET", f"sobjects/{object}/describe").json()["fields"]
    return {field["name"]: field for field in fields}


def test_a_new_field_is_invisible_until_it_is_granted(rest: Any, make_field: Any, grant: Any) -> None:
    account = rest("POST", "sobjects/Account", {"Name": "x"}).json()["id"]
    made = make_field(FIELD, type="Number", precision=5, scale=2, label="Score", inlineHelpText="0 worst")
    assert made.status_code == 201
    assert set(made.json()) == {"id", "success", "errors", "warnings", "infos"}
    answer = rest("GET", "query", params={"q": "SELECT Score__c FROM Account"})
    assert answer.json()[0]["errorCode"] == "INVALID_FIELD"
    assert "No such column 'Score__c' on entity 'Account'" in answer.json()[0]["message"]
    assert rest.refused("PATCH", f"sobjects/Account/{account}", {"Score__c": 5}) == (400, "INVALID_FIELD")
    assert "Score__c" not in described(rest)
    assert "Score__c" not in rest("GET", f"sobjects/Account/{account}").json()
    grant(FIELD)
    assert rest("PATCH", f"sobjects/Account/{account}", {"Score__c": 5.678}).status_code == 204
    assert rest.query("SELECT Score__c FROM Account")["records"][0]["Score__c"] == 5.68
    seen = described(rest)["Score__c"]
    facts = (seen["type"], seen["precision"], seen["scale"], seen["label"], seen["updateable"], seen["inlineHelpText"])
    assert facts == ("double", 5, 2, "Score", True, "0 worst")


def test_a_field_that_may_only_be_read_is_not_written(rest: Any, make_field: Any, grant: Any) -> None:
    make_field(FIELD)
    grant(FIELD)
    (row,) = rest.query(f"SELECT Id FROM FieldPermissions WHERE Field = '{FIELD}'")["records"]
    rest("PATCH", f"sobjects/FieldPermissions/{row['Id']}", {"PermissionsEdit": False})
    assert described(rest)["Score__c"]["updateable"] is False
    code = rest.refused("POST", "sobjects/Account", {"Name": "x", "Score__c": "5"})
    assert code == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


@pytest.mark.parametrize("taken", ["FieldPermissions", "PermissionSetAssignment"])
def test_taking_a_grant_back_hides_the_field_again(rest: Any, make_field: Any, grant: Any, taken: str) -> None:
    make_field(FIELD)
    grant(FIELD)
    assert "Score__c" in described(rest)
    parent = "Parent" if taken == "FieldPermissions" else "PermissionSet"
    (row,) = rest.query(f"SELECT Id FROM {taken} WHERE {parent}.Name = 'Granted'")["records"]
    rest("DELETE", f"sobjects/{taken}/{row['Id']}")
    assert "Score__c" not in described(rest)


@pytest.mark.parametrize("field", ["Data_Quality__c", "Phone"])
def test_a_hidden_field_leaves_no_trace_but_its_values_stay(
    emulator: RunningEmulator, rest: Any, grant: Any, field: str
) -> None:
    value = 7 if field.endswith("__c") else "7"
    rest("POST", "sobjects/Account", {"Name": "x", field: value})
    hide_field(emulator.store, "Account", field)
    assert field not in described(rest)
    assert "errorCode" in rest("GET", "query", params={"q": f"SELECT Id FROM Account WHERE {field} != null"}).text
    assert rest.refused("POST", "sobjects/Account", {"Name": "y", field: value}) == (400, "INVALID_FIELD")
    grant(f"Account.{field}")
    assert rest.query(f"SELECT {field} FROM Account")["records"][0][field] == value


def test_hidden_and_missing_fields_are_refused_alike_but_tooling_tells_them_apart(
    emulator: RunningEmulator, rest: Any
) -> None:
    hide_field(emulator.store, "Account", "Tier__c")

    def message(name: str) -> str:
        return str(rest("GET", "query", params={"q": f"SELECT {name} FROM Account"}).json()[0]["message"]).replace(
            name, "?"
        )

    assert message("Tier__c") == message("Nope__c")

    def known(name: str) -> int:
        asked = f"SELECT Id FROM CustomField WHERE TableEnumOrId = 'Account' AND DeveloperName = '{name}'"
        return int(rest("GET", "tooling/query/", params={"q": asked}).json()["totalSize"])

    assert (known("Tier"), known("Nope")) == (1, 0)


def test_a_field_is_made_once(rest: Any, make_field: Any) -> None:
    make_field(FIELD)
    answer = make_field(FIELD.lower().replace("account", "Account"))
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "DUPLICATE_DEVELOPER_NAME")


def test_an_activity_field_belongs_to_tasks_and_events(rest: Any, make_field: Any, grant: Any) -> None:
    assert make_field("Activity.CSC_Key__c", unique=True, externalId=True).status_code == 201
    assert make_field("Task.CSC_Other__c").status_code == 400
    grant("Task.CSC_Key__c")
    task = described(rest, "Task")["CSC_Key__c"]
    assert (task["unique"], task["externalId"], task["idLookup"]) == (True, True, True)
    assert "CSC_Key__c" not in described(rest, "Event")


def test_unique_activity_fields_can_be_forbidden(rest: Any, make_field: Any) -> None:
    rest("POST", "/_emulator/quota", {"system": "salesforce", "activity_unique": 0})
    assert make_field("Activity.Key__c", unique=True).status_code == 400
    assert make_field("Activity.Key__c", externalId=True).status_code == 201


@pytest.mark.parametrize(
    ("name", "metadata", "code"),
    [
        ("Account.No_Suffix", {}, "INVALID_FULL_NAME"),
        ("Account.Bad__Name__c", {}, "INVALID_FULL_NAME"),
        ("Nope.X__c", {}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Account.X__c", {"type": "Colour"}, "JSON_PARSER_ERROR"),
        ("Account.X__c", {"type": "Number"}, "REQUIRED_FIELD_MISSING"),
        ("Account.X__c", {"label": None}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_bad_definitions_are_refused(make_field: Any, name: str, metadata: dict[str, Any], code: str) -> None:
    answer = make_field(name, **metadata)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_a_restricted_picklist_takes_only_its_values(rest: Any, make_field: Any, grant: Any) -> None:
    values = {"value": [{"fullName": v, "label": v, "default": False} for v in ("green", "red")]}
    make_field("Account.Band__c", type="Picklist", valueSet={"restricted": True, "valueSetDefinition": values})
    grant("Account.Band__c")
    assert [v["value"] for v in described(rest)["Band__c"]["picklistValues"]] == ["green", "red"]
    assert rest("POST", "sobjects/Account", {"Name": "x", "Band__c": "red"}).status_code == 201
    (error,) = rest("POST", "sobjects/Account", {"Name": "x", "Band__c": "blue"}).json()
    assert error["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_a_deleted_field_is_gone_and_can_be_made_again(rest: Any, make_field: Any, grant: Any) -> None:
    made = make_field(FIELD).json()["id"]
    grant(FIELD)
    assert rest("DELETE", f"tooling/sobjects/CustomField/{made}").status_code == 204
    assert "Score__c" not in described(rest)
    assert make_field(FIELD).status_code == 201
    assert "Score__c" not in described(rest)


def test_grants_name_fields_that_exist_and_are_given_once(rest: Any, make_field: Any, grant: Any) -> None:
    make_field(FIELD)
    grant(FIELD)
    (held,) = rest.query(f"SELECT ParentId FROM FieldPermissions WHERE Field = '{FIELD}'")["records"]
    row = {"ParentId": held["ParentId"], "SobjectType": "Account", "PermissionsRead": True}
    again = rest.refused("POST", "sobjects/FieldPermissions", {**row, "Field": FIELD})
    unknown = rest.refused("POST", "sobjects/FieldPermissions", {**row, "Field": "Account.Nope__c"})
    assert again == (400, "DUPLICATE_VALUE")
    assert unknown == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
