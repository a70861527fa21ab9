"""Reading pages: canonical rows, what is set aside, and what travels beside them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from csconnect.errors import MissingFieldError
from csconnect.mapping import Mapped, Reject, entity_id, load_text, read_page
from csconnect.model import ENTITIES
from csconnect.model.arrow import arrow_schema
from csconnect.model.values import Page, Unreadable

ACCOUNT = """
mapping: 1
entity: account
object: Account
version: SystemModstamp
read:
  id: Id
  name: Name
  match_key: {from: AccountNumber, with: [strip]}
  owner_id: {from: [CSM__c, OwnerId]}
  segment: {from: Tier__c, optional: true, with: [{choose: {Strategic: strategic, Micro: micro}}]}
  is_customer: {from: Type, with: [{one_of: [Customer]}]}
  employees: NumberOfEmployees
  currency: {from: CurrencyIsoCode, optional: true, default: USD}
  created_at: CreatedDate
write:
  health_score: {to: CSC_Health_Score__c, label: Health}
  health_band: {to: CSC_Health_Band__c, choices: {green: Green, yellow: Yellow, red: Red}, label: Band}
"""
TERM = """
mapping: 1
entity: term
object: Order
read:
  id: Id
  account_id: AccountId
  start: {from: EffectiveDate, with: [date]}
  end: {from: EndDate, with: [date, {add_days: 1}]}
  months: {from: EffectiveDate, with: [date, {months_through: $EndDate}]}
  amount: {from: Amount}
  currency: Currency
"""


def row(**values: Any) -> dict[str, Any]:
    plain = {"Id": "001", "Name": "Acme", "OwnerId": "005", "SystemModstamp": "2026-01-02T03:04:05.000+0000"}
    return {**plain, **values}


def read(text: str, rows: list[dict[str, Any]], available: set[str] | None = None) -> Mapped:
    return read_page(load_text(text), Page(rows), "sf", available)


def test_a_record_becomes_a_canonical_row() -> None:
    values = row(
        AccountNumber=" A-1 ",
        CSM__c="",
        Tier__c="Strategic",
        Type="Customer",
        NumberOfEmployees=120.0,
        CreatedDate="2020-01-01T00:00:00.000+0000",
        CSC_Health_Score__c=54.0,
        CSC_Health_Band__c=None,
    )
    mapped = read(ACCOUNT, [values])
    (result,) = mapped.batch.to_pylist()
    owned = json.loads(result.pop("_owned"))
    assert owned == {"health_score": 54.0, "health_band": None}
    assert {name: value for name, value in result.items() if value is not None} == {
        "id": "sf:001",
        "name": "Acme",
        "match_key": "A-1",
        "is_customer": True,
        "owner_id": "sf:005",
        "segment": "strategic",
        "currency": "USD",
        "employees": 120,
        "created_at": datetime(2020, 1, 1, tzinfo=UTC),
        "_version": "2026-01-02T03:04:05.000+0000",
    }
    assert mapped.rejects == []


@pytest.mark.parametrize("entity", ["usage_day", "touchpoint", "module", "fx_rate"])
def test_batches_have_the_schema_of_their_entity(entity: str) -> None:
    required = {
        "usage_day": "account_id: a\n  user: u\n  day: d",
        "touchpoint": "id: i\n  happened_at: d",
        "module": "id: i\n  name: n",
        "fx_rate": "id: i\n  currency: {value: EUR}\n  base: {value: USD}\n  on: d\n  rate: r",
    }
    mapping = load_text(f"mapping: 1\nentity: {entity}\nobject: o\nread:\n  {required[entity]}\n")
    extra = [pa.field("_owned", pa.string()), pa.field("_version", pa.string())]
    wanted = pa.schema([*arrow_schema(ENTITIES[entity]), *extra])
    rows = [{"a": "1", "u": "x", "d": "2026-01-01", "i": "2", "n": "n", "r": "1.1"}]
    for page in (Page(rows), Page(pa.RecordBatch.from_pylist(rows)), Page([])):
        assert read_page(mapping, page, "c").batch.schema == wanted


def test_defaults_of_file_and_entity_fill_what_is_empty() -> None:
    text = "mapping: 1\nentity: touchpoint\nobject: o\nread:\n  id: i\n  happened_at: h\n  kind: k\n  attendees: a\n"
    (result,) = read(text, [{"i": "1", "h": "2026-01-01", "k": "", "a": None}]).batch.to_pylist()
    assert (result["kind"], result["attendees"]) == ("meeting", [])
    named = text.replace("kind: k", "kind: {from: k, default: call}")
    (result,) = read(named, [{"i": "1", "h": "2026-01-01"}]).batch.to_pylist()
    assert result["kind"] == "call"


def test_what_does_not_fit_is_set_aside_field_by_field_and_the_rest_goes_on() -> None:
    rows = [
        row(Id="1", Tier__c="Gold"),
        row(Id="2", Name=None),
        row(Id="3"),
        row(Id="4", NumberOfEmployees="many", CurrencyIsoCode="usd"),
        row(Id=None),
        row(Id="6", Name="half \ud800 a pair"),
        row(Id="7", Name={"nested": 1}),
    ]
    mapped = read(ACCOUNT, rows)
    assert mapped.batch.column("id").to_pylist() == ["sf:3"]
    assert mapped.rejects == [
        Reject("account", "1", "segment", "text of 4 characters", "a word that 'choose' does not list"),
        Reject("account", "2", "name", "null", "required, but empty"),
        Reject(
            "account", "4", "currency", "text of 3 characters", "not an ISO 4217 code of a currency in use, such as USD"
        ),
        Reject("account", "4", "employees", "text of 4 characters", "not a whole number".replace("whole ", "")),
        Reject("account", "", "id", "null", "required, but empty"),
        Reject("account", "6", "name", "text of 13 characters", "cannot be stored"),
        Reject("account", "7", "name", "object", "not a single value"),
    ]


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"EndDate": "2019-12-31"}, "end", "end after it starts"),
        ({"EndDate": "2019-12-31"}, "months", "not above 0"),
        ({"Amount": "12345678901234567"}, "amount", "more than 20 digits"),
        ({"Currency": "EURO"}, "currency", "not an ISO 4217"),
        ({"EffectiveDate": "soon"}, "start", "not a date"),
    ],
)
def test_what_the_model_forbids(values: dict[str, Any], field: str, reason: str) -> None:
    good = {"Id": "8", "AccountId": "1", "EffectiveDate": "2020-01-01", "EndDate": "2024-12-31", "Amount": 10.5}
    mapped = read(TERM, [good, {**good, "Id": "9", **values}])
    assert mapped.batch.select(["id", "end", "months", "amount"]).to_pylist() == [
        {"id": "sf:8", "end": date(2025, 1, 1), "months": Decimal(60), "amount": Decimal("10.5")}
    ]
    assert any(r.source_id == "9" and r.field == field and reason in r.reason for r in mapped.rejects)


def test_a_length_that_nobody_says_is_reckoned_from_the_dates() -> None:
    """An order's product often has no end of its own; it still runs from its start to the order's end."""
    text = """
mapping: 1
entity: contract_line
object: OrderItem
read:
  id: Id
  start: {from: [ServiceDate, Begin], with: [date]}
  end: {from: [EndDate, End], with: [date, {add_days: 1}]}
  months: {from: [ServiceDate, Begin], with: [date, {months_through: $EndDate}]}
"""
    whole = {"Begin": "2026-01-01", "End": "2026-12-31", "ServiceDate": None, "EndDate": None}
    rows = [
        {"Id": "1", **whole},
        {"Id": "2", **whole, "ServiceDate": "2026-07-01"},
        {"Id": "3", **whole, "EndDate": "2026-03-31"},
        {"Id": "4", **whole, "End": None},
        {"Id": "5", **whole, "End": "2025-06-30"},
    ]
    mapped = read(text, rows)
    assert mapped.batch.column("months").to_pylist() == [Decimal(12), Decimal(6), Decimal(3), None, None]
    assert mapped.rejects == []


def test_an_nps_answer_beyond_ten_is_set_aside_but_other_surveys_have_their_own_scales() -> None:
    text = "mapping: 1\nentity: survey\nobject: s\nread:\n  id: i\n  kind: k\n  score: s\n  answered_on: d\n"
    answers = [("nps", 10), ("nps", 10.5), ("nps", 95), ("csat", 95), ("nps", -1), (None, 0)]
    rows = [{"i": str(n), "k": kind, "s": score, "d": "2026-01-01"} for n, (kind, score) in enumerate(answers)]
    mapped = read(text, rows)
    assert mapped.batch.column("id").to_pylist() == ["sf:0", "sf:3", "sf:5"]
    assert {(r.source_id, r.reason) for r in mapped.rejects} == {
        ("1", "an NPS answer is from 0 to 10"),
        ("2", "an NPS answer is from 0 to 10"),
        ("4", "below 0"),
    }


def test_a_word_outside_a_list_is_found_inside_it() -> None:
    text = "mapping: 1\nentity: contact\nobject: o\nread:\n  id: i\n  roles: {from: r, with: [{split: ';'}]}\n"
    mapped = read(text, [{"i": "1", "r": "it;buyer"}, {"i": "2", "r": "it;boss"}, {"i": "3"}, {"i": "4", "r": "king"}])
    assert mapped.batch.column("roles").to_pylist() == [["it", "buyer"], []]
    assert [(reject.source_id, reject.field) for reject in mapped.rejects] == [("2", "roles"), ("4", "roles")]


def test_rows_without_an_id_are_named_by_their_key() -> None:
    text = "mapping: 1\nentity: usage_day\nobject: u\nread:\n  account_id: a\n  user: u\n  day: d\n  logins: l\n"
    (reject,) = read(text, [{"a": "T1", "u": "u9", "d": "2026-01-01", "l": -1}]).rejects
    assert (reject.source_id, reject.field, reject.reason) == ("T1/u9/2026-01-01", "logins", "below 0")


def test_a_missing_field_is_an_error_unless_it_is_optional() -> None:
    fields = {"Id", "Name", "AccountNumber", "OwnerId", "Type", "NumberOfEmployees", "CreatedDate"}
    mapped = read(ACCOUNT, [row(Tier__c="Gold")], fields)
    assert mapped.batch.column("segment").to_pylist() == [None]
    assert mapped.batch.column("currency").to_pylist() == ["USD"]
    with pytest.raises(MissingFieldError, match="'AccountNumber'"):
        read(ACCOUNT, [row()], fields - {"AccountNumber"})
    with pytest.raises(MissingFieldError, match=r"'CSM__c' or 'OwnerId'"):
        read(ACCOUNT, [row()], fields - {"OwnerId"})
    batch = pa.RecordBatch.from_pylist([{"Id": "1", "EffectiveDate": "2020-01-01"}])
    with pytest.raises(MissingFieldError, match="'AccountId'"):
        read_page(load_text(TERM), Page(batch), "sf")


def test_unreadable_rows_are_set_aside_too() -> None:
    page = Page([row()], unreadable=[Unreadable("accounts.csv, row 7", "3 columns instead of 4")])
    mapped = read_page(load_text(ACCOUNT), page, "sf")
    assert mapped.batch.num_rows == 1
    assert mapped.rejects == [Reject("account", "accounts.csv, row 7", "", "row", "3 columns instead of 4")]


def test_a_value_never_appears_in_a_reject() -> None:
    secret = "hunter2-very-secret"
    rows = [row(**{name: secret}) for name in ("NumberOfEmployees", "CreatedDate", "Tier__c", "CurrencyIsoCode")]
    rejects = read(ACCOUNT, rows).rejects
    assert len(rejects) == 4
    assert secret not in repr(rejects)


def test_the_id_of_a_tombstone_goes_the_way_of_the_id() -> None:
    text = "mapping: 1\nentity: touchpoint\nobject: calls\nread:\n  id: {from: i, with: [{prefix: call-}]}\n  happened_at: h\n"
    assert entity_id(load_text(text), "17") == "call-17"
    assert entity_id(load_text(ACCOUNT), "17") == "17"


CREDITED = TERM + "  credited_days: {from: Credited_Days__c, optional: true}\n"


@pytest.mark.parametrize(
    ("credited", "end"),
    [
        (181, date(2026, 7, 1)),
        ("181", date(2026, 7, 1)),
        (0, date(2026, 1, 1)),
        (None, date(2026, 1, 1)),
        ("", date(2026, 1, 1)),
    ],
)
def test_g24_a_service_credit_moves_the_end_and_not_the_length(credited: Any, end: date) -> None:
    order = {
        "Id": "801",
        "AccountId": "001",
        "EffectiveDate": "2025-01-01",
        "EndDate": "2025-12-31",
        "Currency": "USD",
        "Amount": 1200,
    }
    for page in (
        Page([order | {"Credited_Days__c": credited}]),
        Page(pa.RecordBatch.from_pylist([order | {"Credited_Days__c": credited}])),
    ):
        (term,) = read_page(load_text(CREDITED), page, "sf").batch.to_pylist()
        assert (term["end"], term["months"], term["amount"]) == (end, 12, 1200)
    (plain,) = read(CREDITED, [order], set(order)).batch.to_pylist()
    assert (plain["end"], plain["credited_days"]) == (date(2026, 1, 1), None)


@pytest.mark.parametrize(("credited", "field"), [(-1, "credited_days"), ("many", "credited_days"), (99_999_999, "end")])
def test_a_service_credit_that_cannot_be_sets_the_term_aside(credited: Any, field: str) -> None:
    order = {
        "Id": "801",
        "AccountId": "001",
        "EffectiveDate": "2025-01-01",
        "EndDate": "2025-12-31",
        "Currency": "USD",
        "Amount": 1200,
    }
    mapped = read(CREDITED, [order | {"Credited_Days__c": credited}])
    assert mapped.batch.num_rows == 0
    assert [(reject.source_id, reject.field) for reject in mapped.rejects] == [("801", field)]


def test_an_end_beyond_all_calendars_is_told_as_such() -> None:
    order = {
        "Id": "801",
        "AccountId": "001",
        "EffectiveDate": "2025-01-01",
        "EndDate": "9999-12-01",
        "Currency": "USD",
        "Amount": 1200,
    }
    (reject,) = read(CREDITED, [order | {"Credited_Days__c": 99}]).rejects
    assert (reject.field, reject.reason) == ("end", "lies out of range with its credited days")
