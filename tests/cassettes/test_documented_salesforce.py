"""Salesforce's answers as its documents (and a few public recordings) show them, and what our connector makes of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from csconnect.connectors.http import UNKNOWN_OUTCOME
from csconnect.connectors.protocols import Lookup, PullRequest
from csconnect.errors import (
    AuthError,
    ConfigError,
    ExternalError,
    MissingFieldError,
    QuotaReservedError,
    UnreachableError,
)
from csconnect.model.values import Action, Change, Outcome

ONE, TWO, THREE, FOUR = (f"00100000000000{n}AAA" for n in range(1, 5))
CURSOR = json.dumps({"at": "2026-10-01T08:00:00.000Z", "gone": "2026-10-01T08:00:00.000Z"})


@pytest.fixture
def connection(salesforce: Any) -> Any:
    return salesforce.connect("session")


def update(id: str, **values: Any) -> Change:
    return Change(
        connection="crm", action=Action.UPDATE, entity="account", object="Account", record_id=id, values=values
    )


def drained(connection: Any, **request: Any) -> tuple[list[tuple[str, str]], dict[str, str | None]]:
    """(id, name) of each row, and tombstones (id -> survivor)."""
    pages = list(connection.pull(PullRequest("Account", ("Name",), **request)))
    rows = [(row["Id"], row["Name"]) for page in pages for row in page.rows]
    return rows, {stone.id: stone.merged_into for page in pages for stone in page.tombstones}


def test_session_expired_and_renewed(salesforce: Any) -> None:
    assert salesforce.connect("app").describe("Account").fields.keys() == {"Id", "Name"}


def test_session_expired_for_good(connection: Any) -> None:
    with pytest.raises(AuthError, match="Session expired or invalid") as caught:
        connection.describe("Account")
    assert "cannot be renewed" in caught.value.remedy


def test_daily_limit(connection: Any, salesforce: Any) -> None:
    with pytest.raises(QuotaReservedError, match="24 hours are used up"):
        connection.describe("Account")
    assert salesforce.slept == []


def test_concurrent_limit(connection: Any, salesforce: Any) -> None:
    assert connection.describe("Account").fields["Name"].length == 255
    assert len(salesforce.slept) == 1


def test_malformed_query(connection: Any) -> None:
    with pytest.raises(ConfigError, match=r"MALFORMED_QUERY.*unexpected token") as caught:
        drained(connection, where="Type == 'Customer'")
    assert "'where'" in caught.value.remedy


def test_oauth_refused(salesforce: Any) -> None:
    with pytest.raises(AuthError, match="invalid_client_id client identifier invalid") as caught:
        salesforce.connect("app").describe("Account")
    assert "client_id" in caught.value.remedy


def test_collections_rows(connection: Any) -> None:
    batch = [
        update(ONE, CSC_Health_Score__c=71),
        update(TWO, Rating="Other"),
        update(THREE, CSC_Email__c="badone"),
        update(FOUR, Name=None),
    ]
    receipts = connection.push(batch)
    assert [(receipt.change_id, receipt.record_id) for receipt in receipts] == [
        (change.id, change.record_id) for change in batch
    ]
    assert [(receipt.outcome, receipt.code) for receipt in receipts] == [
        (Outcome.WRITTEN, ""),
        (Outcome.REFUSED, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        (Outcome.REFUSED, "INVALID_EMAIL_ADDRESS"),
        (Outcome.REFUSED, "REQUIRED_FIELD_MISSING"),
    ]
    assert receipts[1].message == "rating: bad value for restricted picklist field: Other [Rating]"


def test_locked_row(connection: Any) -> None:
    receipts = connection.push([update(ONE, CSC_Health_Score__c=71), update(TWO, CSC_Health_Score__c=12)])
    assert [(receipt.outcome, receipt.record_id) for receipt in receipts] == [
        (Outcome.WRITTEN, ONE),
        (Outcome.WRITTEN, TWO),
    ]


def test_maintenance_while_reading(connection: Any, salesforce: Any) -> None:
    assert connection.describe("Account").name == "Account"
    assert len(salesforce.slept) == 2


def test_maintenance_for_long(connection: Any, salesforce: Any) -> None:
    with pytest.raises(UnreachableError, match="maintained or overloaded") as caught:
        connection.describe("Account")
    assert "html" not in str(caught.value).lower()
    assert len(salesforce.slept) == 5


def test_maintenance_while_writing(connection: Any, salesforce: Any) -> None:
    with pytest.raises(UnreachableError) as caught:
        connection.push([update(ONE, CSC_Health_Score__c=71)])
    assert caught.value.error_code == UNKNOWN_OUTCOME
    assert salesforce.slept == []


def test_no_such_column(connection: Any) -> None:
    with pytest.raises(MissingFieldError, match="CSC_Nowhere__c on Account is missing or hidden"):
        list(connection.existing(Lookup("Account", ("Name",), "CSC_Nowhere__c", ("a",))))


def test_retired_version(connection: Any) -> None:
    with pytest.raises(ConfigError, match="version is retired") as caught:
        connection.describe("Account")
    assert not isinstance(caught.value, ExternalError)


def test_next_page(connection: Any) -> None:
    assert drained(connection) == ([(ONE, "One"), (TWO, "Two"), (THREE, "Three")], {})


def test_deleted_and_merged(connection: Any) -> None:
    assert drained(connection, cursor=CURSOR) == ([], {TWO: ONE, THREE: None})


def test_get_deleted(connection: Any) -> None:
    """Our connector asks queryAll instead, which knows of merges; scripts on the vendor's client may want this."""
    official = connection.session.official()
    answer = official.Account.deleted(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC))
    assert [record["id"] for record in answer["deletedRecords"]] == [TWO]
    assert answer["latestDateCovered"] < "2026-10-02"


def test_upsert_rows(connection: Any) -> None:
    def renewal(key: str, **values: Any) -> Change:
        return Change(
            connection="crm",
            action=Action.CREATE,
            entity="opportunity",
            object="Opportunity",
            key=key,
            key_field="CSC_Key__c",
            values=values,
        )

    stage = {"StageName": "Prospecting"}
    batch = [renewal("k-1", Name="One", **stage), renewal("k-2", Name="Two"), renewal("k-3", Name="Three", **stage)]
    assert [(receipt.outcome, receipt.record_id) for receipt in connection.push(batch)] == [
        (Outcome.WRITTEN, "006000000000001AAA"),
        (Outcome.REFUSED, None),
        (Outcome.WRITTEN, "006000000000003AAA"),
    ]


def test_rules_of_the_org(connection: Any) -> None:
    scores = {id: update(id, CSC_Health_Score__c=score) for id, score in ((ONE, 71), (THREE, 12), (FOUR, 55))}
    receipts = connection.push([scores[ONE], update(TWO, Name="Twin"), scores[THREE], scores[FOUR]])
    assert [(receipt.outcome, receipt.code) for receipt in receipts] == [
        (Outcome.REFUSED, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        (Outcome.REFUSED, "DUPLICATES_DETECTED"),
        (Outcome.REFUSED, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        (Outcome.WRITTEN, ""),
    ]
    assert receipts[0].message == "A score needs a review first. [CSC_Health_Score__c]"
    assert "Use one of these records?" in receipts[1].message
