"""The Salesforce connector on answers of our own emulator, which prove that connector and emulator still agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from csconnect.connectors.protocols import PullRequest
from csconnect.errors import QuotaReservedError
from csconnect.model.values import Action, Change, Level, Outcome

ACCOUNTS = ("001xx0000000001AAA", "001xx0000000002AAA", "001xx0000000003AAA")
SCORE = "CSC_Health_Score__c"


@pytest.fixture
def org(salesforce: Any) -> Any:
    rows = [
        {"Id": id, "Name": f"Account {n}", "Type": "Customer", "SystemModstamp": f"2026-10-0{n}T08:00:00Z"}
        for n, id in enumerate(ACCOUNTS, 1)
    ]
    salesforce.seed("Account", *rows)
    return salesforce


def drained(connection: Any, cursor: str | None = None) -> tuple[list[Any], dict[str, str | None], str | None]:
    """Rows, tombstones (id -> survivor) and the last cursor of a pull of accounts."""
    pages = list(connection.pull(PullRequest("Account", ("Name", "Type"), cursor=cursor)))
    rows = [row for page in pages for row in page.rows]
    gone = {stone.id: stone.merged_into for page in pages for stone in page.tombstones}
    return rows, gone, next((page.cursor for page in reversed(pages) if page.cursor), None)


def forms(cassette: Any) -> Iterator[dict[str, list[str]]]:
    """The token requests of a cassette."""
    return (parse_qs(request.body.decode()) for request in cassette.requests if request.path.endswith("/token"))


def test_token_client_credentials(org: Any, vcr_cassette: Any, recorder: Any) -> None:
    id, name, production = org.connect("app").org()
    assert (id[:3], bool(name), production) == ("00D", True, True)
    (form,) = forms(vcr_cassette)
    assert form == {"grant_type": ["client_credentials"]}
    assert {request.headers["Authorization"] for request in vcr_cassette.requests} == {"scrubbed"}


def test_token_jwt(org: Any, vcr_cassette: Any) -> None:
    """The key pair is made anew for each run, so this also shows that an assertion is never compared."""
    key = generate_private_key(65537, 2048)
    org.trust(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert org.connect("jwt", private_key=private).org()[0].startswith("00D")
    (form,) = forms(vcr_cassette)
    assert form["assertion"] == ["scrubbed"]


def test_check(org: Any) -> None:
    wanted = {"Account": ["Name", SCORE], "Opportunity": ["CSC_Key__c"], "Task": ["CSC_Nowhere__c"]}
    found = org.connect("app").check(wanted)
    assert [(one.level, one.code) for one in found] == [
        (Level.OK, "S-ORG"),
        (Level.OK, "S-QUOTA"),
        (Level.OK, "S-OBJECT"),
        (Level.OK, "S-OBJECT"),
        (Level.ERROR, "E-FIELD"),
    ]
    assert "CSC_Nowhere__c does not exist" in found[-1].what
    assert "provision" in found[-1].remedy


def test_describe_account(org: Any) -> None:
    schema = org.connect("app").describe("Account")
    assert (schema.name, schema.fields["Name"].type, schema.fields["Name"].writable) == ("Account", "string", True)
    assert (schema.fields[SCORE].type, schema.fields[SCORE].writable) == ("double", True)
    assert (schema.fields["SystemModstamp"].type, schema.fields["SystemModstamp"].writable) == ("datetime", False)


def test_pull_a_page(org: Any) -> None:
    rows, gone, cursor = drained(org.connect("app"))
    assert [(row["Id"], row["Name"], row["Type"]) for row in rows] == [
        (id, f"Account {n}", "Customer") for n, id in enumerate(ACCOUNTS, 1)
    ]
    assert gone == {}
    assert cursor is not None
    assert json.loads(cursor)["at"] == "2026-10-03T08:00:00.000Z"


def test_pull_what_changed_and_what_is_gone(org: Any) -> None:
    connection = org.connect("app")
    _, _, cursor = drained(connection)
    org.wait(3600)
    org.edit("Account", ACCOUNTS[1], Name="Renamed")
    org.delete("Account", ACCOUNTS[2])
    rows, gone, later = drained(connection, cursor)
    assert [(row["Id"], row["Name"]) for row in rows] == [(ACCOUNTS[1], "Renamed")]
    assert gone == {ACCOUNTS[2]: None}
    assert drained(connection, later)[:2] == ([], {})


def score(id: str, value: Any) -> Change:
    return Change(
        connection="crm",
        action=Action.UPDATE,
        entity="account",
        object="Account",
        record_id=id,
        values={SCORE: value},
    )


def test_update_with_one_bad_row(org: Any) -> None:
    batch = [score(ACCOUNTS[0], 71), score(ACCOUNTS[1], "not a number"), score(ACCOUNTS[2], "12")]
    receipts = org.connect("app").push(batch)
    assert [receipt.change_id for receipt in receipts] == [change.id for change in batch]
    assert [receipt.outcome for receipt in receipts] == [Outcome.WRITTEN, Outcome.REFUSED, Outcome.WRITTEN]
    assert receipts[0].record_id == ACCOUNTS[0]
    assert receipts[1].code
    assert receipts[1].message


def test_upsert_by_key(org: Any) -> None:
    """Twice the same create is one record, since the key is a unique external id."""
    values = {"Name": "Renewal", "StageName": "Prospecting", "CloseDate": "2027-01-31", "AccountId": ACCOUNTS[0]}
    change = Change(
        connection="crm",
        action=Action.CREATE,
        entity="opportunity",
        object="Opportunity",
        key="contract-1:2027-02-01",
        key_field="CSC_Key__c",
        values=values,
    )
    connection = org.connect("app")
    (first,), (second,) = connection.push([change]), connection.push([change])
    assert (first.outcome, second.outcome) == (Outcome.WRITTEN, Outcome.WRITTEN)
    assert first.record_id is not None
    assert first.record_id.startswith("006")
    assert second.record_id == first.record_id


def test_quota_is_learnt_and_its_end_is_told(org: Any) -> None:
    connection = org.connect("app", quota_reserve=0.5)
    connection.org()
    assert connection.session.quota.left() == 500_000 - 1
    org.limit(used=1_000_000)
    with pytest.raises(QuotaReservedError, match="used up"):
        connection.describe("Account")
