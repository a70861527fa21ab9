"""Writing against the emulator: receipts in order, refusals row by row, and nothing sent that was not asked for."""

from __future__ import annotations

import json
import random

import pytest

from csconnect.connectors.http import UNKNOWN_OUTCOME
from csconnect.connectors.protocols import Lookup, WantedField
from csconnect.errors import AuthError, DataError, UnreachableError, WrongOrgError
from csconnect.model.values import Action, Change, Outcome
from csconnect_emulator.salesforce.org import add_record_type


@pytest.fixture
def accounts(org, account_id):
    ids = [account_id(number) for number in range(1, 260)]
    org.load(
        "Account",
        *({"Id": id, "Name": f"A{n}", "Type": "Customer", "AccountNumber": f"N{n}"} for n, id in enumerate(ids)),
    )
    return ids


@pytest.fixture
def key_fields(org):
    wanted = [
        WantedField(object, "CSC_Key__c", "key", {"en": "key"}, {"en": "key"}) for object in ("Opportunity", "Task")
    ]
    org.connect().provision(wanted, apply=True)
    return wanted


def opportunity(key: str, account: str, **values: object) -> Change:
    given = {
        "Name": f"Renewal {key}",
        "StageName": "Prospecting",
        "CloseDate": "2026-12-01",
        "AccountId": account,
        **values,
    }
    return Change(
        connection="crm",
        action=Action.CREATE,
        entity="opportunity",
        object="Opportunity",
        key=key,
        key_field="CSC_Key__c",
        account=f"crm:{account}",
        values=given,
    )


def test_receipts_come_in_the_order_of_the_batch_whatever_the_order_of_sending(org, accounts, update):
    shuffled = random.Random(7).sample(accounts, 200)
    changes = [update(id, account=f"crm:{n % 7}", Rating="Hot", NumberOfEmployees=n) for n, id in enumerate(shuffled)]
    receipts = org.connect().push(changes)
    assert [receipt.change_id for receipt in receipts] == [change.id for change in changes]
    assert [receipt.record_id for receipt in receipts] == shuffled
    assert {receipt.outcome for receipt in receipts} == {Outcome.WRITTEN}
    assert [org.get("Account", id)["NumberOfEmployees"] for id in shuffled] == list(range(200))


def test_pushing_twice_changes_nothing_the_second_time(org, accounts, update):
    connection = org.connect()
    changes = [update(accounts[0], Rating="Hot")]
    connection.push(changes)
    once = org.get("Account", accounts[0])
    assert connection.push(changes)[0].outcome is Outcome.WRITTEN
    assert org.get("Account", accounts[0]) == once


def test_a_refused_row_is_a_receipt_with_the_rules_text_and_the_others_go_on(org, accounts, update):
    org.emulator.store.delete("salesforce", "Account", accounts[3])
    changes = [
        update(accounts[0], Rating="Hot"),
        update(accounts[1], Name="x" * 300),
        update("//evil.example/x", Rating="Hot"),
        update(accounts[3], Rating="Hot"),
        update(accounts[4], OwnerId="005000000000XYZ"),
        update(None, Rating="Hot"),
        update(accounts[5], Rating="Hot"),
    ]
    receipts = org.connect().push(changes)
    outcomes = [receipt.outcome for receipt in receipts]
    refused = Outcome.REFUSED
    assert outcomes == [Outcome.WRITTEN, refused, refused, Outcome.GONE, refused, refused, Outcome.WRITTEN]
    assert (receipts[1].code, "Name" in receipts[1].message) == ("STRING_TOO_LONG", True)
    assert receipts[2].code == receipts[5].code == "MALFORMED_ID"
    assert receipts[3].code == "ENTITY_IS_DELETED"
    assert org.get("Account", accounts[4]).get("OwnerId") is None


def test_a_batch_refused_as_a_whole_refuses_each_row(org, accounts, update):
    org.fault(
        method="PATCH",
        path="composite/sobjects",
        status=400,
        json=[{"errorCode": "JSON_PARSER_ERROR", "message": "bad"}],
    )
    receipts = org.connect().push([update(accounts[0], Rating="Hot"), update(accounts[1], Rating="Hot")])
    assert [receipt.outcome for receipt in receipts] == [Outcome.REFUSED] * 2
    assert all("JSON_PARSER_ERROR" in receipt.message for receipt in receipts)


def test_rows_that_met_a_lock_are_tried_once_more_in_small_batches(org, accounts, update):
    locked = {
        "success": False,
        "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}],
    }
    fine = [{"id": id, "success": True, "errors": []} for id in accounts[:10]]
    org.fault(method="PATCH", path="composite/sobjects", status=200, json=[*fine, *[locked] * 50])
    changes = [update(id, Rating="Hot") for id in accounts[:60]]
    receipts = org.connect().push(changes)
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN] * 60
    assert len([1 for method, _, _ in org.log("composite/sobjects") if method == "PATCH"]) == 1 + 3
    assert org.get("Account", accounts[0]).get("Rating") is None
    assert {org.get("Account", id)["Rating"] for id in accounts[10:60]} == {"Hot"}
    org.fault(method="PATCH", path="composite/sobjects", times=2, status=200, json=[locked])
    (receipt,) = org.connect().push(changes[:1])
    assert (receipt.outcome, receipt.code) == (Outcome.REFUSED, "UNABLE_TO_LOCK_ROW")


@pytest.mark.parametrize(
    "fault", [{"action": "drop", "when": "after"}, {"status": 503, "text": "<html>down</html>", "when": "after"}]
)
def test_a_lost_answer_raises_an_unknown_outcome_and_is_not_repeated(org, accounts, update, fault):
    connection = org.connect()
    org.fault(method="PATCH", path="composite/sobjects", **fault)
    with pytest.raises(UnreachableError) as caught:
        connection.push([update(accounts[0], Rating="Hot")])
    assert caught.value.error_code == UNKNOWN_OUTCOME
    assert len(org.log("composite/sobjects")) == 1
    assert org.get("Account", accounts[0])["Rating"] == "Hot"


def test_a_write_refused_for_its_session_is_renewed_and_done_once(org, accounts, update):
    connection = org.connect()
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    org.fault(method="PATCH", path="composite/sobjects", status=401, json=expired)
    assert connection.push([update(accounts[0], Rating="Hot")])[0].outcome is Outcome.WRITTEN
    org.fault(method="PATCH", path="composite/sobjects", status=401, json=expired, times=2)
    with pytest.raises(AuthError, match="does not accept the session"):
        connection.push([update(accounts[0], Rating="Hot")])


def test_only_the_listed_values_are_sent_and_in_the_fields_type(org, accounts, update, monkeypatch):
    connection = org.connect()
    sent = []
    call = connection.session.call
    monkeypatch.setattr(connection.session, "call", lambda *a, **k: (sent.append((a, k)), call(*a, **k))[1])
    connection.push([update(accounts[0], AnnualRevenue="1234.50", Data_Quality__c="88", Type="Partner")])
    (body,) = [k["json"] for a, k in sent if a[0] == "PATCH"]
    expected = {"AnnualRevenue": 1234.5, "Data_Quality__c": 88, "Type": "Partner"}
    assert body["records"] == [{"attributes": {"type": "Account"}, **expected, "id": accounts[0]}]
    assert body["allOrNone"] is False
    assert json.loads(json.dumps(body)) == body


def test_creating_by_a_unique_key_twice_makes_one_record(org, accounts, key_fields):
    connection = org.connect()
    changes = [opportunity("k1", accounts[0], Amount="99.90"), opportunity("k2", accounts[1])]
    first = connection.push(changes)
    second = connection.push(changes)
    assert [receipt.outcome for receipt in first + second] == [Outcome.WRITTEN] * 4
    assert [receipt.record_id for receipt in first] == [receipt.record_id for receipt in second]
    made = org.all("Opportunity")
    assert sorted(record["CSC_Key__c"] for record in made) == ["k1", "k2"]
    assert next(record for record in made if record["CSC_Key__c"] == "k1")["Amount"] == 99.9


def test_a_record_type_is_written_where_the_org_has_some(org, accounts, key_fields):
    assert "RecordTypeId" not in org.connect().describe("Opportunity").fields
    renewal = add_record_type(org.emulator.store, "Opportunity", "Renewal")
    partner = add_record_type(org.emulator.store, "Account", "Partner")
    connection = org.connect()
    assert "RecordTypeId" in connection.describe("Opportunity").fields
    changes = [opportunity(f"k{n}", accounts[0], RecordTypeId=id) for n, id in enumerate((renewal, partner))]
    receipts = connection.push(changes)
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.REFUSED]
    assert org.get("Opportunity", receipts[0].record_id)["RecordTypeId"] == renewal
    assert "RecordTypeId" in receipts[1].message


def test_a_create_that_is_refused_says_why(org, accounts, key_fields):
    receipts = org.connect().push(
        [opportunity("k1", accounts[0], StageName="Nonsense"), opportunity("k2", accounts[0])]
    )
    assert [receipt.outcome for receipt in receipts] == [Outcome.REFUSED, Outcome.WRITTEN]
    assert receipts[0].code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert receipts[0].record_id is None


def test_a_key_that_is_not_unique_is_created_plainly(org, accounts, update):
    change = Change(
        connection="crm", action=Action.CREATE, entity="task", object="Task", key="t1", key_field="Subject",
        account="crm:a", values={"WhatId": accounts[0], "Status": "Not Started", "Priority": "High"},
    )  # fmt: skip
    (receipt,) = org.connect().push([change])
    assert receipt.outcome is Outcome.WRITTEN
    assert org.get("Task", receipt.record_id)["Subject"] == "t1"
    assert ("POST", "/services/data/v62.0/composite/sobjects", 200) in org.log("composite")


def test_closing_is_an_update(org, accounts, key_fields):
    connection = org.connect()
    (made,) = connection.push([opportunity("k1", accounts[0])])
    close = Change(
        connection="crm",
        action=Action.CLOSE,
        entity="opportunity",
        object="Opportunity",
        record_id=made.record_id,
        values={"StageName": "Withdrawn"},
    )
    assert connection.push([close])[0].outcome is Outcome.WRITTEN
    assert org.get("Opportunity", made.record_id)["IsClosed"]


def test_existing_reads_by_id_key_and_parent(org, accounts, key_fields):
    connection = org.connect()
    connection.push([opportunity("it's \\ k1", accounts[0]), opportunity("k2", accounts[0])])
    org.emulator.store.delete("salesforce", "Account", accounts[7])
    by_id = list(
        connection.existing(Lookup("Account", ("Name", "Type"), "id", (*accounts[:250], accounts[1][:3] + "0" * 12)))
    )
    assert {record.id for record in by_id} == set(accounts[:250]) - {accounts[7]}
    assert by_id[0].values == {"Name": "A0", "Type": "Customer"}
    (by_key,) = connection.existing(Lookup("Opportunity", ("Name",), "CSC_Key__c", ("it's \\ k1", "nothing")))
    assert by_key.values["CSC_Key__c"] == "it's \\ k1"
    by_parent = list(connection.existing(Lookup("Opportunity", ("StageName",), "AccountId", (accounts[0],))))
    assert {record.values["AccountId"] for record in by_parent} == {accounts[0]}
    assert len(by_parent) == 2
    assert list(connection.existing(Lookup("Account", ("Name",), "id", ()))) == []


def test_an_id_that_is_an_address_is_never_looked_up(org, accounts):
    with pytest.raises(DataError, match="Salesforce id"):
        list(org.connect().existing(Lookup("Account", ("Name",), "id", ("//evil.example/x",))))


def test_nothing_is_written_to_the_wrong_org(org, accounts, update):
    with pytest.raises(WrongOrgError):
        org.connect(org="00D000000000009").push([update(accounts[0], Rating="Hot")])
    assert org.get("Account", accounts[0]).get("Rating") is None


def test_the_cost_is_what_a_batch_really_spends(org, accounts, update):
    connection = org.connect()
    connection.org()
    changes = [update(id, Rating="Hot") for id in accounts[:200]]
    before = connection.calls()
    wanted = Lookup("Account", ("Rating",), "id", tuple(accounts[:200]))
    list(connection.existing(wanted))
    connection.push(changes)
    list(connection.existing(wanted))
    assert connection.calls() - before == connection.cost(changes) == 4
    assert connection.cost([]) == 0
    assert org.connect().push([]) == []
