"""Reading against the emulator: whole, changed, deleted, merged, hidden, and out of scope."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from csconnect.connectors.protocols import PullRequest
from csconnect.errors import (
    ConfigError,
    DataError,
    MissingFieldError,
    QuotaReservedError,
    UnreachableError,
    WrongOrgError,
)
from csconnect.model.values import Level, Outcome
from csconnect_emulator.fields import FieldDef
from csconnect_emulator.salesforce.org import grant, hide_field

NOW = datetime.now(UTC)


def long_ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


@pytest.fixture
def accounts(org, account_id):
    ids = [account_id(number) for number in range(1, 6)]
    org.load(
        "Account",
        *(
            {"Id": id, "Name": f"A{n}", "Type": "Customer", "SystemModstamp": long_ago(30 - n)}
            for n, id in enumerate(ids)
        ),
    )
    return ids


def test_a_first_pull_gives_every_row_and_no_tombstones(org, accounts, drained, account_id):
    org.load("Account", {"Id": account_id(9), "Name": "gone", "IsDeleted": True, "SystemModstamp": long_ago(1)})
    rows, gone, cursor = drained(org.connect(), "Account", ("Name", "Owner.Name", "Type"))
    assert {row["Id"] for row in rows} == set(accounts)
    assert rows[0] | {"SystemModstamp": ""} == {
        "Id": accounts[0],
        "SystemModstamp": "",
        "Name": "A0",
        "Owner.Name": None,
        "Type": "Customer",
    }
    assert gone == {}
    assert cursor


def test_the_next_pull_gives_only_what_changed(org, accounts, drained):
    connection = org.connect()
    _, _, cursor = drained(connection, "Account", ("Name",))
    assert drained(connection, "Account", ("Name",), cursor)[:2] == ([], {})
    org.edit("Account", accounts[2], Name="new")
    rows, gone, later = drained(connection, "Account", ("Name",), cursor)
    assert [(row["Id"], row["Name"]) for row in rows] == [(accounts[2], "new")]
    assert gone == {}
    assert drained(connection, "Account", ("Name",), later)[:2] == ([], {})
    org.edit("Account", accounts[2], Name="newer")
    assert [row["Name"] for row in drained(connection, "Account", ("Name",), later)[0]] == ["newer"]


def test_a_row_that_was_committed_late_is_still_found(org, accounts, drained, account_id):
    connection = org.connect()
    _, _, cursor = drained(connection, "Account", ("Name",))
    newest = datetime.fromisoformat(long_ago(26))
    org.load(
        "Account", {"Id": account_id(77), "Name": "late", "SystemModstamp": (newest - timedelta(minutes=5)).isoformat()}
    )
    assert [row["Name"] for row in drained(connection, "Account", ("Name",), cursor)[0]] == ["late"]


def test_rows_with_one_timestamp_are_neither_lost_nor_doubled_over_pages(org, drained, account_id):
    org.load(
        "Account", *({"Id": account_id(n), "Name": f"B{n}", "SystemModstamp": long_ago(2)} for n in range(1, 4_600))
    )
    connection = org.connect()
    *pages, last = connection.pull(PullRequest("Account", ("Name",)))
    assert (len(last.rows), last.complete) == (0, True)
    assert not any(page.complete for page in pages)
    ids = [row["Id"] for page in pages for row in page.rows]
    assert len(ids) == len(set(ids)) == 4_599
    assert len(pages) == 3
    # A run that was killed after the second page goes on from there and misses nothing.
    rest = drained(connection, "Account", ("Name",), pages[1].cursor)[0]
    delivered = {row["Id"] for page in pages[:2] for row in page.rows} | {row["Id"] for row in rest}
    assert delivered == set(ids)


def test_deleted_and_merged_records_become_tombstones_once(org, accounts, drained):
    connection = org.connect()
    _, _, cursor = drained(connection, "Account", ("Name",))
    store = org.emulator.store
    store.delete("salesforce", "Account", accounts[0])
    org.emulator.state.merge["salesforce"]("Account", accounts[1], accounts[2])
    _, gone, later = drained(connection, "Account", ("Name",), cursor)
    assert gone == {accounts[0]: None, accounts[1]: accounts[2]}
    assert drained(connection, "Account", ("Name",), later)[1] == {}


def test_tombstones_come_under_the_old_cursor(org, accounts):
    connection = org.connect()
    first = next(page.cursor for page in connection.pull(PullRequest("Account", ("Name",))))
    org.emulator.store.delete("salesforce", "Account", accounts[0])
    org.edit("Account", accounts[1], Name="new")
    pages = list(connection.pull(PullRequest("Account", ("Name",), cursor=first)))
    assert pages[0].tombstones
    assert pages[0].cursor is None
    assert pages[-1].cursor
    assert not any(page.complete for page in pages)


def test_a_record_that_left_the_scope_of_the_mapping_is_gone(org, accounts, drained):
    connection = org.connect()
    where = "Type = 'Customer'"
    rows, _, cursor = drained(connection, "Account", ("Name",), where=where)
    assert len(rows) == 5
    org.edit("Account", accounts[3], Type="Partner")
    rows, gone, later = drained(connection, "Account", ("Name",), cursor, where)
    assert (rows, gone) == ([], {accounts[3]: None})
    assert drained(connection, "Account", ("Name",), later, where)[:2] == ([], {})
    org.edit("Account", accounts[3], Type="Customer")
    rows, gone, _ = drained(connection, "Account", ("Name",), later, where)
    assert ([row["Id"] for row in rows], gone) == ([accounts[3]], {})


def test_what_was_never_in_scope_is_not_reported_as_gone(org, accounts, drained):
    connection = org.connect()
    where = "Type = 'Customer'"
    org.edit("Account", accounts[0], Type="Partner")
    org.edit("Account", accounts[1], Name="newest")
    cursor = drained(connection, "Account", ("Name",), where=where)[2]
    assert drained(connection, "Account", ("Name",), cursor, where)[:2] == ([], {})


def test_parents_are_flattened(org, accounts, drained, make_id):
    contract, order = make_id("800", 1), make_id("801", 1)
    org.load("Contract", {"Id": contract, "AccountId": accounts[0], "ContractNumber": "C-1"})
    org.load(
        "Order",
        {"Id": order, "AccountId": accounts[0], "ContractId": contract, "Type": "New"},
        {"Id": make_id("801", 2), "AccountId": accounts[1]},
    )
    rows, _, _ = drained(org.connect(), "Order", ("Contract.ContractNumber", "Contract.Account.Name"))
    assert [(row["Contract.ContractNumber"], row["Contract.Account.Name"]) for row in rows] == [
        ("C-1", "A0"),
        (None, None),
    ]


@pytest.fixture
def lines(org, account_id, make_id):
    """Orders with one line each, made long ago and one after the other: the cursor is far beyond the first."""
    orders, items = [make_id("801", n) for n in (1, 2)], [make_id("802", n) for n in (1, 2)]
    for order, item, days in zip(orders, items, (40, 30), strict=True):
        active = {"Status": "Activated", "StatusCode": "Activated", "SystemModstamp": long_ago(days)}
        org.load("Order", {"Id": order, "AccountId": account_id(1), "EffectiveDate": "2026-01-01", **active})
        org.load("OrderItem", {"Id": item, "OrderId": order, "SystemModstamp": long_ago(days)})
    return dict(zip(orders, items, strict=True))


def test_a_change_of_a_parent_brings_the_rows_that_show_it(org, lines, drained):
    connection, fields = org.connect(), ("Order.EffectiveDate", "OrderId")
    (order, item), _ = lines.items()
    _, _, cursor = drained(connection, "OrderItem", fields)
    _, _, without = drained(connection, "OrderItem", ("OrderId",))
    assert drained(connection, "OrderItem", fields, cursor)[:2] == ([], {})
    org.edit("Order", order, EffectiveDate="2026-02-01")
    rows, gone, _ = drained(connection, "OrderItem", fields, cursor)
    assert ([(row["Id"], row["Order.EffectiveDate"]) for row in rows], gone) == ([(item, "2026-02-01")], {})
    assert drained(connection, "OrderItem", ("OrderId",), without)[0] == []


def test_a_parent_that_moved_before_the_last_pull_is_old_news(org, lines, drained):
    connection, fields = org.connect(overlap_minutes=1), ("Order.EffectiveDate",)
    (order, item), _ = lines.items()
    _, _, cursor = drained(connection, "OrderItem", fields)
    org.load("Order", {"Id": order, "EffectiveDate": "2026-02-01", "SystemModstamp": long_ago(1)})
    of_an_older_version = json.dumps({k: v for k, v in json.loads(cursor).items() if k != "parents"})
    rows, _, later = drained(connection, "OrderItem", fields, of_an_older_version)
    assert [row["Id"] for row in rows] == [item]
    assert drained(connection, "OrderItem", fields, later)[0] == []


def test_a_pull_cut_off_before_the_parents_looks_for_them_again(org, lines, drained):
    connection, fields = org.connect(), ("Order.EffectiveDate",)
    (order, item), (_, other) = lines.items()
    _, _, cursor = drained(connection, "OrderItem", fields)
    org.edit("Order", order, EffectiveDate="2026-02-01")
    org.edit("OrderItem", other, Quantity=2)
    pages = connection.pull(PullRequest("OrderItem", fields, cursor=cursor))
    midway = next(page.cursor for page in pages if page.cursor and page.rows)
    assert item in {row["Id"] for row in drained(connection, "OrderItem", fields, midway)[0]}


def test_rows_leave_and_enter_the_scope_with_their_parent(org, lines, drained):
    connection, where = org.connect(), "Order.StatusCode = 'Activated'"
    (order, item), _ = lines.items()
    org.edit("Order", order, StatusCode="Draft")
    rows, _, cursor = drained(connection, "OrderItem", ("OrderId",), where=where)
    assert item not in {row["Id"] for row in rows}
    org.edit("Order", order, StatusCode="Activated")
    rows, gone, cursor = drained(connection, "OrderItem", ("OrderId",), cursor, where)
    assert ([row["Id"] for row in rows], gone) == ([item], {})
    org.edit("Order", order, StatusCode="Draft")
    rows, gone, _ = drained(connection, "OrderItem", ("OrderId",), cursor, where)
    assert (rows, gone) == ([], {item: None})


def test_parents_of_several_kinds_have_no_stamp_and_are_not_asked_for_one(org, drained, account_id, make_id):
    org.load("Event", {"Id": make_id("00U", 1), "Subject": "x", "WhatId": account_id(1)})
    connection = org.connect()
    _, _, cursor = drained(connection, "Event", ("Subject", "What.Name"))
    assert drained(connection, "Event", ("Subject", "What.Name"), cursor)[0] == []


def test_formula_fields_are_read_anew_since_they_move_no_stamp(org, accounts, drained):
    org.emulator.store.add_field(
        "salesforce",
        "Account",
        FieldDef("Spend__c", "Spend", "currency", custom=True, writable=False, extra={"calculated": True}),
    )
    grant(org.emulator.store, ["Account.Spend__c"])
    connection = org.connect()
    _, _, cursor = drained(connection, "Account", ("Name", "Spend__c"))
    org.emulator.store.update("salesforce", "Account", accounts[0], {"Spend__c": 7}, touch=False)
    pages = list(connection.pull(PullRequest("Account", ("Name", "Spend__c"), cursor=cursor)))
    assert {row["Id"]: row["Spend__c"] for page in pages for row in page.rows}[accounts[0]] == 7
    assert pages[-1].complete
    assert any("Spend__c" in note for note in org.notes)
    plain = drained(connection, "Account", ("Name",))[2]
    assert drained(connection, "Account", ("Name",), plain)[0] == []
    # Where an admin has switched it off, only what changed is read.
    org.emulator.store.update("salesforce", "Account", accounts[0], {"Spend__c": 8}, touch=False)
    assert drained(org.connect(reread_formulas=False), "Account", ("Name", "Spend__c"), cursor)[0] == []


def test_long_field_lists_are_read_in_several_queries_and_joined(org, drained, account_id):
    names = [f"Very_Long_Custom_Field_Name_Number_{n:03d}__c" for n in range(500)]
    org.emulator.store.define("salesforce", "Account", {name: FieldDef(name, name, length=40) for name in names})
    org.load(
        "Account",
        *({"Id": account_id(n), "Name": f"A{n}", names[0]: f"first{n}", names[-1]: f"last{n}"} for n in range(1, 300)),
    )
    rows, _, _ = drained(org.connect(), "Account", ("Name", *names))
    assert len(rows) == 299
    assert all(row[names[-1]] == row[names[0]].replace("first", "last") == f"last{row['Name'][1:]}" for row in rows)
    assert len(org.log("/query")) > 3


def test_a_hidden_field_is_told_from_a_missing_one(org, accounts, drained):
    hide_field(org.emulator.store, "Account", "Tier__c")
    connection = org.connect()
    with pytest.raises(MissingFieldError, match=r"Tier__c exists but is hidden.*permission set"):
        drained(connection, "Account", ("Name", "Tier__c"))
    with pytest.raises(MissingFieldError, match=r"Nothing__c does not exist.*csconnect provision"):
        drained(connection, "Account", ("Name", "Nothing__c"))
    org.fault(path="tooling", times=0, status=403, json=[{"errorCode": "INSUFFICIENT_ACCESS", "message": "no setup"}])
    with pytest.raises(MissingFieldError, match=r"missing or hidden.*csconnect provision.*field-level security"):
        drained(connection, "Account", ("Name", "Tier__c"))
    with pytest.raises(MissingFieldError, match="Nowhere__c"):
        connection.describe("Nowhere__c")


def test_describe_shows_the_fields_our_user_sees(org):
    schema = org.connect().describe("Account")
    assert schema.fields["Tier__c"].choices == ("Strategic", "Enterprise", "Micro")
    assert schema.fields["Name"].writable
    assert not schema.fields["SystemModstamp"].writable


def test_an_opportunity_has_an_outcome_whatever_its_stage_is_called(org, drained, make_id):
    stages = {
        "Prospecting": (False, False),
        "Closed Won": (True, True),
        "Closed Lost": (True, False),
        "Withdrawn": (True, False),
    }
    org.load(
        "Opportunity",
        *(
            {"Id": make_id("006", n), "Name": s, "StageName": s, "CloseDate": "2026-01-01", "IsClosed": c, "IsWon": w}
            for n, (s, (c, w)) in enumerate(stages.items(), 1)
        ),
    )
    rows, _, _ = drained(org.connect(), "Opportunity", ("StageName", "StageName.outcome", "StageName.closed_at"))
    assert {row["StageName"]: row["StageName.outcome"] for row in rows} == {
        "Prospecting": "open", "Closed Won": "won", "Closed Lost": "lost", "Withdrawn": "void",
    }  # fmt: skip


def test_an_opportunity_closes_when_its_stage_changed_not_when_it_was_to_close(org, drained, update, make_id):
    id = make_id("006", 1)
    org.load("Opportunity", {"Id": id, "Name": "x", "StageName": "Proposal", "CloseDate": "2030-01-01"})
    closed = update(id, object="Opportunity", StageName="Closed Lost")
    assert org.connect().push([closed])[0].outcome is Outcome.WRITTEN
    ((row,), _, _) = drained(org.connect(), "Opportunity", ("StageName.closed_at",))
    assert row["StageName.closed_at"][:4] == str(datetime.now(UTC).year)
    hide_field(org.emulator.store, "Opportunity", "LastStageChangeDate")
    ((row,), _, _) = drained(org.connect(), "Opportunity", ("StageName.closed_at",))
    assert row["StageName.closed_at"][:10] == "2030-01-01"


def test_a_session_that_expires_is_renewed_once_and_the_pull_goes_on(org, accounts, drained):
    connection = org.connect()
    assert len(drained(connection, "Account", ("Name",))[0]) == 5
    expired = [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]
    org.fault(path="/query", status=401, json=expired)
    before = len(org.log("oauth2/token"))
    assert len(drained(connection, "Account", ("Name",))[0]) == 5
    assert len(org.log("oauth2/token")) == before + 1


def test_the_wrong_org_is_refused_before_any_record_is_read(org, accounts, drained):
    connection = org.connect(org="00D000000000009")
    with pytest.raises(WrongOrgError, match=r"pinned to 00D000000000009"):
        drained(connection, "Account", ("Name",))
    assert [finding.code for finding in connection.check()] == ["E-WRONG-ORG"]
    pinned = org.connect().org()[0]
    assert org.connect(org=pinned[:15]).org() == (pinned[:15], "Northwind Cloud", True)


def test_no_call_goes_into_the_reserve(org, accounts, drained):
    fault = {"path": "/query", "times": 1, "json": {"totalSize": 0, "done": True, "records": []}, "status": 200}
    connection = org.connect()
    connection.org()
    org.fault(**fault, headers={"Sforce-Limit-Info": "api-usage=801/1000"})
    drained(connection, "User", ("Name",))
    calls = connection.calls()
    with pytest.raises(QuotaReservedError, match="kept for people"):
        drained(connection, "Account", ("Name",))
    assert connection.calls() == calls
    assert {finding.code for finding in connection.check()} == {"S-ORG", "E-QUOTA"}


def test_a_query_page_on_another_host_is_never_asked_for(org, accounts, drained):
    connection = org.connect()
    connection.org()
    for target in ("//evil.example/x", "https://evil.example/x"):
        org.fault(
            path="/query/", status=200, json={"totalSize": 2, "done": False, "nextRecordsUrl": target, "records": []}
        )
        with pytest.raises(DataError, match="leave the system's own API"):
            drained(connection, "Account", ("Name",))


def test_plain_http_is_refused_off_this_machine(org):
    with pytest.raises(ConfigError, match="in the clear"):
        org.connect(instance_url="http://acme.my.salesforce.com")


def test_a_certificate_that_nobody_vouches_for_names_ca_file(org):
    connection = org.connect(ca_file=None)
    with pytest.raises(UnreachableError, match="Set ca_file"):
        connection.org()


def test_check_says_how_it_stands(org, accounts):
    hide_field(org.emulator.store, "Account", "Tier__c")
    findings = org.connect().check(
        {"Account": ["Name", "Tier__c"], "Opportunity": ["Name", "StageName.outcome"], "Nowhere__c": ["Id"]}
    )
    levels = [finding.level for finding in findings]
    assert levels == [Level.OK, Level.OK, Level.ERROR, Level.OK, Level.ERROR]
    assert all(finding.remedy for finding in findings if finding.level is Level.ERROR)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"client_secret": "wrong-secret"}, "invalid_client"), ({"client_id": "nobody"}, "invalid_client_id")],
)
def test_wrong_credentials_are_one_finding_with_a_remedy_and_no_secret(org, change, says):
    (finding,) = org.connect(**change).check()
    assert (finding.level, finding.code) == (Level.ERROR, "E-AUTH")
    assert says in finding.what
    assert "External Client App" in finding.remedy
    assert "wrong-secret" not in finding.model_dump_json()


def test_activities_older_than_a_year_are_read_too(org, accounts, drained, make_id):
    org.load(
        "Task", {"Id": make_id("00T", 1), "Subject": "old", "Status": "Completed", "SystemModstamp": long_ago(500)}
    )
    rows, _, _ = drained(org.connect(), "Task", ("Subject",))
    assert [row["Subject"] for row in rows] == ["old"]
    assert org.log("queryAll")


def test_the_official_client_works_on_the_same_session(org, accounts):
    client = org.connect().session.official()
    assert client.query("SELECT COUNT() FROM Account")["totalSize"] == 5
    client.session.close()


def test_jwt_and_session_logins_work(org, accounts, drained):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    from csconnect_emulator.salesforce.auth import register_key

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    register_key(org.emulator.store, public.decode())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    known = org.emulator.credentials["salesforce"]
    by_key = org.connect(auth="jwt", username=known["username"], private_key=private.decode())
    assert len(drained(by_key, "Account", ("Name",))[0]) == 5
    by_session = org.connect(auth="session", session_id=known["session_id"])
    assert len(drained(by_session, "Account", ("Name",))[0]) == 5


def test_a_key_that_is_none_is_named_without_being_shown(org):
    (finding,) = org.connect(auth="jwt", username="u", private_key="-----BEGIN nonsense-----").check()
    assert (finding.code, "private key" in finding.what) == ("E-SECRET", True)
    assert "nonsense" not in finding.model_dump_json()
