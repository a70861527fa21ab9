"""Everything that may be wrong on the way in: one sentence with what, where and remedy on stderr, the documented exit code, no
traceback, no secret anywhere, and nothing written, neither to a system nor to the lake."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from csconnect_emulator.salesforce.org import hide_field

pytestmark = pytest.mark.slow
SF, HS = "northwind", "lantu"
CLEAR = "swordfish-in-the-clear"
MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"


@pytest.fixture
def refused():
    """See that a command is refused as it should be; returns its one sentence."""

    def checking(company, command, code, *says, exit=1, **environ):
        before, lake = company.crm(), company.lake()
        company.forget()
        ran = company(*command, **environ)
        assert "Traceback" not in ran.out + ran.err
        assert ran.code == exit, ran
        (said,) = ran.err.splitlines()
        assert said.endswith(f" ({code})")
        assert said.count(". ") >= 1, "a remedy is a sentence of its own"
        assert [word for word in says if word not in said] == []
        assert (company.writes(), company.crm()) == ([], before)
        assert code == "E-PULL-SHRANK" or code == "E-BANDS-MOVED" or company.lake() == lake
        given = [value for name, value in environ.items() if name.endswith(("SECRET", "TOKEN"))]
        assert company.leaks(ran.out, ran.err, secrets=[*given, CLEAR]) == []
        return said

    return checking


def test_the_probe_for_secrets_finds_them(company):
    planned = company("planned")
    token = planned.secrets["HS_TOKEN"]
    (planned.folder / "a.log").write_text(f"Bearer {token}")
    pq.write_table(pa.table({"text": [f"Bearer {token}" for _ in range(1000)]}), planned.folder / "b.parquet")
    assert {Path(found).name for found in planned.leaks("fine")} == {"a.log", "b.parquet"}
    assert planned.leaks(f"said {token}")[0] == f"said {token}"


# signing in


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"SF_CLIENT_SECRET": "swordfish-is-wrong"}, (SF, "client_secret")),
        ({"HS_TOKEN": "swordfish-is-wrong"}, (HS, "service key")),
    ],
)
def test_wrong_credentials(company, refused, environ, says):
    refused(company("planned"), ("pull",), "E-AUTH", *says, **environ)


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/services/data", [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], SF),
        ("/crm/", {"status": "error", "category": "EXPIRED_AUTHENTICATION", "message": "The OAuth token expired"}, HS),
    ],
)
def test_expired_credentials(company, refused, path, body, name):
    planned = company("planned")
    planned.fault(path=path, times=0, status=401, json=body)
    refused(planned, ("pull",), "E-AUTH", name)


def test_a_missing_scope_is_named(company, refused):
    planned = company("planned")
    store = planned.emulator.store
    keys = store.get_meta("hubspot.keys")
    for key in keys.values():
        key["scopes"] = ["oauth", "crm.objects.companies.read", "crm.schemas.companies.read"]
    store.set_meta("hubspot.keys", keys)
    refused(planned, ("pull",), "E-SCOPE", HS, "crm.objects.contacts.read")


def test_a_missing_permission_is_named(company, refused):
    planned = company("planned")
    told = [{"message": "The REST API is not enabled for this Organization.", "errorCode": "API_DISABLED_FOR_ORG"}]
    planned.fault(path="/services/data", times=0, status=403, json=told)
    refused(planned, ("pull",), "E-SCOPE", SF, "API Enabled")


@pytest.mark.parametrize(
    ("name", "old", "pin"), [(SF, "language: en", "00D000000000062EAA"), (HS, "language: zh", "99")]
)
def test_the_wrong_org(company, refused, name, old, pin):
    planned = company("planned")
    planned.edit_config((f"    {old}\n", f"    {old}\n    org: '{pin}'\n"))
    refused(planned, ("sync", "--apply"), "E-WRONG-ORG", name, pin)


# fields


def test_a_hidden_field_stops_before_the_first_write(company, refused):
    planned = company("planned")
    hide_field(planned.emulator.store, "Account", "CSC_Health_Score__c")
    refused(planned, ("apply",), "E-FIELD", SF, "CSC_Health_Score__c", "csconnect provision", "permission set")
    listed = planned("provision", SF)
    assert listed.code == 2
    found = planned("check", SF, "--format", "json")
    assert found.code == 1
    (problem,) = [finding for finding in found.json()[SF] if finding["level"] == "error"]
    assert "CSC_Health_Score__c" in problem["what"]
    assert "permission set" in problem["remedy"]


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("name: Name", "name: Nome__c", "E-FIELD", ("account.yaml:8:9", "Nome__c")),
        ("  name: Name", "  nome: Name", "E-MAPPING", ("account.yaml:8:3", "'name'")),
        ("[strip]", "[stripp]", "E-MAPPING", ("account.yaml:9:", "'strip'")),
        ("read:", "read: [}", "E-MAPPING", ("account.yaml:6:",)),
    ],
    ids=["missing-field", "unknown-field", "unknown-transform", "malformed-yaml"],
)
def test_a_mapping_of_ones_own(company, refused, old, new, code, says):
    planned = company("planned")
    text = (MAPPINGS / "salesforce" / "account.yaml").read_text("utf-8")
    assert old in text
    (planned.folder / "maps").mkdir()
    (planned.folder / "maps" / "account.yaml").write_text(text.replace(old, new, 1), "utf-8")
    planned.edit_config(("    language: en\n", "    language: en\n    mappings: maps\n"))
    refused(planned, ("pull",), code, *says)


# the configuration


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("connections:\n", "connections: [}\n", "E-CONFIG", ("csconnect.yaml:5:15",)),
        ("    home: true\n", "    hoome: true\n", "E-CONFIG", ("csconnect.yaml:8:5", "'home'")),
        ("env:SF_CLIENT_SECRET", CLEAR, "E-SECRET", ("csconnect.yaml:15:7", "client_secret", "env:NAME")),
        ("env:SF_CLIENT_SECRET", "env:NOT_SET", "E-SECRET", (f"{SF}: client_secret", "NOT_SET")),
        ("base_url: env:HS_URL", "base_url: http://example.com", "E-CONFIG", (HS, "https")),
    ],
    ids=["malformed", "unknown-setting", "literal-secret", "secret-not-there", "plain-http"],
)
def test_a_configuration_that_cannot_be_meant(company, refused, old, new, code, says):
    planned = company("planned")
    planned.edit_config((old, new))
    said = refused(planned, ("pull",), code, *says)
    assert CLEAR not in said


def test_no_configuration(company, refused):
    planned = company("planned")
    planned.config.unlink()
    refused(planned, ("sync",), "E-CONFIG", "csconnect.yaml", "csconnect init")


# the network


def test_certificates_that_nobody_vouches_for(company, refused):
    planned = company("planned")
    planned.edit_config(("      ca_file: env:SF_CA\n", ""))
    refused(planned, ("pull",), "E-UNREACHABLE", SF, "TLS", "ca_file")


@pytest.fixture(scope="module", autouse=True)
def patient(story):
    """A host that is not there and one that is busy for ever are given several tries; the other tests need not wait for that."""
    gone, busy = story.open("fresh", "gone"), story.open("fresh", "busy")
    told = {"status": "error", "message": "You have reached your secondly limit.", "policyName": "SECONDLY"}
    busy.fault(path="/crm/|/account-info", times=0, status=429, json=told)
    yield {
        "gone": (gone, gone.start("pull", SF, SF_URL="https://127.0.0.1:9")),
        "busy": (busy, busy.start("pull", HS)),
    }
    gone.close()
    busy.close()


def test_a_host_that_is_not_there_and_one_that_is_busy_for_ever(patient):
    ends = {name: process.ended() for name, (_, process) in patient.items()}
    assert [(ran.code, ran.out, ran.err.count("\n")) for ran in ends.values()] == [(1, "", 1)] * 2
    said = {name: ran.err for name, ran in ends.items()}
    assert "127.0.0.1" in said["gone"]
    assert "(E-UNREACHABLE)" in said["gone"]
    assert "run again later" in said["busy"]
    assert "(E-RATE)" in said["busy"]
    assert [company.lake() for company, _ in patient.values()] == [{}, {}]


@pytest.mark.parametrize(("system", "name"), [("salesforce", SF), ("hubspot", HS)])
def test_the_reserve_of_the_quota_is_left_to_people(company, refused, system, name):
    planned = company("planned")
    limits = planned.emulator.state.limits[system]
    limits["used"] = limits["max"] * 9 // 10
    refused(planned, ("pull",), "E-QUOTA", name, "quota_reserve", exit=4)


# plans


def test_an_edited_plan(company, refused):
    planned = company("planned")
    with planned.ledger() as ledger:
        plan = json.loads(ledger.load_plan(ledger.newest_plan() or "").model_dump_json())
    plan["changes"][0]["why"] = "because I say so"
    (planned.folder / "plan.json").write_text(json.dumps(plan), "utf-8")
    refused(planned, ("apply", "plan.json"), "E-PLAN-ALTERED", "plan.json", "csconnect plan")
    (planned.folder / "plan.json").write_text(json.dumps(plan)[:-100], "utf-8")
    refused(planned, ("apply", "plan.json"), "E-PLAN-ALTERED", "plan.json", "csconnect plan")


def test_a_plan_that_a_newer_pull_made_stale(company, refused):
    planned = company("planned")
    assert planned("pull", HS).code == 0
    refused(planned, ("apply",), "E-PLAN-STALE", HS, "pulled again", "csconnect plan")


def test_a_plan_of_another_configuration(company, refused):
    planned = company("planned")
    planned.edit_config(("tasks_per_owner: 500", "tasks_per_owner: 501"))
    refused(planned, ("apply",), "E-PLAN-STALE", "configuration", "csconnect plan")


def test_a_plan_that_is_too_old(company, refused):
    planned = company("planned")
    planned.edit_config(("guards:\n", "guards:\n  plan_ttl_hours: 0.00001\n"))
    assert planned.daily("plan").code == 2
    refused(planned, ("apply",), "E-PLAN-STALE", "hours old", "csconnect plan")


# guards


def test_bands_that_move_all_at_once(company, refused, today):
    applied = company("applied")
    red = applied.emulator.store.query("salesforce", "Account", "1")
    for record in [each for each in red if each.data.get("CSC_Health_Band__c") == "Green"][:8]:
        applied.hand_edit("salesforce", "Account", record.id, CSC_Health_Band__c="Red")
    command = ("sync", "--apply", "--as-of", today.isoformat())
    refused(applied, command, "E-BANDS-MOVED", "8 of ", "--because", exit=4)
    lifted = applied(*command, "--because", "a new card")
    assert (lifted.code, lifted.err) == (0, "")
    assert "lifted: a new card" in lifted.out
    assert applied.crm() == company("applied").crm()


def test_an_empty_file_of_many(company, refused, today):
    planned = company("planned")
    file = max((planned.folder / "files" / "usage").glob("*.parquet"))
    pq.write_table(pq.read_table(file).slice(0, 0), file)
    command = ("sync", "--apply", "--as-of", today.isoformat())
    refused(planned, command, "E-PULL-SHRANK", file.name, " 0 rows", "--because", exit=4)
    refused(planned, ("pull",), "E-PULL-SHRANK", file.name, exit=4)  # it does not wear out
    lifted = planned(*command, "--because", "the export moved")
    assert (lifted.code, lifted.err) == (0, "")
    assert planned.ours()
    assert planned("pull", "usage").code == 0, "one reason is enough"


def test_an_empty_file_that_was_everything(company, refused, today):
    planned = company("planned")
    file = planned.folder / "files" / "goals.csv"
    file.write_bytes(file.read_bytes().splitlines(keepends=True)[0])
    command = ("sync", "--apply", "--as-of", today.isoformat())
    refused(planned, command, "E-PULL-SHRANK", "usage/goal", " 0 rows", "--because", exit=4)


# data


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda data: data + "G-99,é".encode("cp1252") + b"\n", ("goals.csv, line", "utf-8", "encoding")),
        (lambda data: data[:-20], ("goals.csv, row", "cut off", "Deliver it again")),
        (lambda data: data + b'"G-99', ("goals.csv, line", "never closed", "Deliver the file again")),
    ],
    ids=["not-utf-8", "half-written-row", "half-written-quote"],
)
def test_a_damaged_csv_file(company, refused, spoil, says):
    planned = company("planned")
    file = planned.folder / "files" / "goals.csv"
    file.write_bytes(spoil(file.read_bytes()))
    refused(planned, ("pull", "usage"), "E-DATA", *says)


def test_a_half_written_parquet_file(company, refused):
    planned = company("planned")
    file = max((planned.folder / "files" / "usage").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-50])
    refused(planned, ("pull", "usage"), "E-DATA", file.name, "cut off", "Deliver it again")


def test_records_that_do_not_fit_are_set_aside_and_come_back_when_mended(company, today):
    """A term that ends before it starts, an amount in no currency, and an account with nothing at all: the run goes on."""
    ready = company("provisioned")
    store = ready.emulator.store
    term = next(order for order in store.query("salesforce", "Order", "1") if order.data.get("Type") == "Renewal")
    good = {name: term.data[name] for name in ("EffectiveDate", "EndDate", "CurrencyIsoCode")}
    early = (today - timedelta(days=5000)).isoformat()
    ready.hand_edit("salesforce", "Order", term.id, EndDate=early, CurrencyIsoCode="XQQ")
    bare = store.insert("hubspot", "companies", "990099", {"name": "Nothing Yet Ltd", "lifecyclestage": "customer"})
    ran = ready("pull")
    assert (ran.code, ran.err) == (0, "")
    aside = [row for row in ready("quarantine", "--format", "json").json() if row["source_id"] == term.id]
    assert {row["field"] for row in aside} >= {"end", "currency"}
    assert all(row["entity"] == "term" and "XQQ" not in str(row) and early not in str(row) for row in aside)
    shown = ready.daily("explain", "Nothing Yet Ltd", "--format", "json")
    assert (shown.code, shown.json()["score"], shown.json()["band"]) == (0, None, None)
    assert shown.json()["account"] == f"{HS}:{bare.id}"
    ready.hand_edit("salesforce", "Order", term.id, **good)
    assert ready("pull", SF).code == 0
    assert not [row for row in ready("quarantine", "--format", "json").json() if row["source_id"] == term.id]


def test_an_account_that_is_not_there(company, refused, today):
    planned = company("planned")
    day = ("--as-of", today.isoformat())
    said = refused(planned, ("explain", "Acme Robotic Arms", *day), "E-ACCOUNT", "'Acme Robotic Arms'")
    assert "Did you mean Acme Robotics?" in said
