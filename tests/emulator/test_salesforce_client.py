"""Plain simple-salesforce over TLS finds what it expects of a real org."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from csconnect_emulator.testing import RunningEmulator


def test_a_record_from_birth_to_death(sf: Salesforce) -> None:
    id = sf.Account.create({"Name": "Ünï 北京", "NumberOfEmployees": 5})["id"]
    assert sf.Account.get(id)["Name"] == "Ünï 北京"
    assert sf.Account.update(id, {"Name": "New"}) == 204
    assert sf.query("SELECT Name FROM Account")["records"][0]["Name"] == "New"
    assert sf.Account.delete(id) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(id)
    gone = sf.query_all("SELECT Id FROM Account WHERE IsDeleted = true", include_deleted=True)
    assert [row["Id"] for row in gone["records"]] == [id]


def test_upsert_by_external_id(sf: Salesforce, make_field: Any, grant: Any) -> None:
    make_field("Account.Key__c", unique=True, externalId=True)
    grant("Account.Key__c")
    assert sf.Account.upsert("Key__c/k1", {"Name": "a"}) == 201
    assert sf.Account.upsert("Key__c/k1", {"Name": "b"}) == 200
    assert sf.Account.get_by_custom_id("Key__c", "k1")["Name"] == "b"


def test_query_all_follows_pages_and_escaping_holds(sf: Salesforce, emulator: RunningEmulator) -> None:
    rows = ({"Id": f"001xx{n:010d}AAA", "Name": f"O'N_eil %{n}"} for n in range(4_100))
    emulator.store.load("salesforce", "Account", rows)
    found = sf.query_all("SELECT Id FROM Account")
    assert (found["totalSize"], len({row["Id"] for row in found["records"]})) == (4_100, 4_100)
    assert len(list(sf.query_all_iter("SELECT Id FROM Account LIMIT 2500"))) == 2_500
    exact = sf.query(format_soql("SELECT Id FROM Account WHERE Name LIKE '{:like}%'", "O'N_eil %409"))
    assert exact["totalSize"] == 11
    several = format_soql("SELECT Id FROM Account WHERE Name IN {}", ["O'N_eil %1", "O'N_eil %2"])
    assert sf.query(several)["totalSize"] == 2


def test_describe_limits_and_changes(sf: Salesforce) -> None:
    described = sf.describe()
    assert described is not None
    assert {"Account", "Contract", "Survey__c"} <= {entry["name"] for entry in described["sobjects"]}
    fields = {field["name"]: field for field in sf.Opportunity.describe()["fields"]}
    assert [v["value"] for v in fields["Type"]["picklistValues"]] == ["New Business", "Renewal", "Expansion"]
    assert fields["AccountId"]["referenceTo"] == ["Account"]
    assert sf.limits()["DailyApiRequests"]["Max"] == 1_000_000
    assert sf.api_usage["api-usage"].used > 0
    id = sf.Account.create({"Name": "x"})["id"]
    sf.Account.delete(id)
    now = datetime.now(UTC)
    window = (now - timedelta(hours=1), now + timedelta(hours=1))
    assert sf.Account.updated(*window)["ids"] == []
    assert isinstance(sf.Account.deleted(*window)["deletedRecords"], list)


def test_collections_through_restful(sf: Salesforce, batch: Any) -> None:
    results = sf.restful("composite/sobjects", method="POST", data=json.dumps(batch("Account", [{"Name": "a"}, {}])))
    assert [result["success"] for result in results] == [True, False]


def test_its_exceptions_are_raised_on_our_refusals(sf: Salesforce, rest: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        sf.query("SELECT Nope FROM Account")
    rest("POST", "/_emulator/quota", {"system": "salesforce", "max": 0})
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        sf.limits()
    rest("POST", "/_emulator/quota", {"system": "salesforce", "max": 100})
    sf.session_id = "wrong"
    sf.headers["Authorization"] = "Bearer wrong"
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        sf.limits()


def test_query_more_by_locator_by_address_and_inside_a_parent(sf: Salesforce, emulator: RunningEmulator) -> None:
    account = sf.Account.create({"Name": "big"})["id"]
    rows = ({"Id": f"003xx{n:010d}AAA", "LastName": f"L{n}", "AccountId": account} for n in range(2_300))
    emulator.store.load("salesforce", "Contact", rows)
    following = sf.query("SELECT Id FROM Contact")["nextRecordsUrl"]
    by_address = sf.query_more(following, identifier_is_url=True)
    assert (by_address["done"], len(by_address["records"])) == (True, 300)
    assert sf.query_more(following.rpartition("/")[2]) == by_address
    (parent,) = sf.query("SELECT Id, (SELECT Id FROM Contacts) FROM Account")["records"]
    children = parent["Contacts"]
    assert (children["totalSize"], children["done"], len(children["records"])) == (2_300, False, 2_000)
    rest = sf.query_more(children["nextRecordsUrl"], identifier_is_url=True)
    ids = {row["Id"] for row in children["records"] + rest["records"]}
    assert (rest["done"], len(ids)) == (True, 2_300)


def test_collections_update_upsert_read_and_delete_through_restful(sf: Salesforce, batch: Any) -> None:
    def many(method: str, path: str, rows: list[dict[str, Any]]) -> Any:
        return sf.restful(path, method=method, data=json.dumps(batch("Account", rows)))

    one, two = (sf.Account.create({"Name": name})["id"] for name in ("one", "two"))
    unknown = {"id": "001000000000000AAA", "Name": "nobody"}
    changed = many(
        "PATCH", "composite/sobjects", [{"id": two, "Name": "second"}, unknown, {"id": one, "Name": "first"}]
    )
    assert [result.get("id") for result in changed] == [two, None, one]
    assert changed[1]["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    upserted = many("PATCH", "composite/sobjects/Account/Id", [{"Id": one, "Name": "1st"}, {"Name": "new"}])
    assert [result["created"] for result in upserted] == [False, True]
    found = sf.restful("composite/sobjects/Account", params={"ids": f"{two},{one}", "fields": "Name"})
    assert [record["Name"] for record in found] == ["second", "1st"]
    gone = sf.restful("composite/sobjects", method="DELETE", params={"ids": one})
    assert [result["success"] for result in gone] == [True]
    assert sf.query(f"SELECT COUNT() FROM Account WHERE Id = '{one}'")["totalSize"] == 0


def test_what_a_plain_script_asks_about_the_org(sf: Salesforce) -> None:
    assert sf.is_sandbox() is False
    (org,) = sf.query("SELECT Id, TimeZoneSidKey, FiscalYearStartMonth, LanguageLocaleKey FROM Organization")["records"]
    assert (org["FiscalYearStartMonth"], org["LanguageLocaleKey"]) == (1, "en_US")
    assert (
        sf.query("SELECT Id, Name, DeveloperName FROM RecordType WHERE SobjectType = 'Opportunity'")["totalSize"] == 0
    )
    assert sf.oauth2("userinfo")["organization_id"] == org["Id"]
    (field,) = sf.toolingexecute("query/?q=SELECT+Id,TableEnumOrId+FROM+CustomField+WHERE+DeveloperName='CSM'")[
        "records"
    ]
    assert sf.toolingexecute(f"sobjects/CustomField/{field['Id']}")["FullName"] == "Account.CSM__c"
