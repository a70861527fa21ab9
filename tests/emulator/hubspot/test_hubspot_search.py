"""Search answers what a plain reading of its filters would, within its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect_emulator.hubspot import install
from csconnect_emulator.hubspot.portal import Portal as Seen
from csconnect_emulator.hubspot.rates import DEFAULTS
from csconnect_emulator.hubspot.search import parse
from csconnect_emulator.hubspot.search_sql import Statement, link_names, order_by
from csconnect_emulator.store import RecordStore

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("Acme Robotics", "acme robotics", "Lakeside Foods", "云帆教育", "north-wind", None)
NUMBERS = ("0", "9", "10", "10.5", "-3", None)
DAYS = ("2025-12-31", "2026-01-01", "2026-03-31", None)
MOMENTS = ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.001Z", "2026-03-31T16:00:00Z", None)
TIERS = ("strategic", "micro", None)


def _rows() -> list[dict[str, Any]]:
    rows = []
    for n in range(120):
        values = {
            "dealname": NAMES[n % 6],
            "amount": NUMBERS[n // 2 % 6],
            "term_end": DAYS[n // 3 % 4],
            "closedate": MOMENTS[n // 5 % 4],
            "dealtype": ("newbusiness", "existingbusiness", None)[n // 7 % 3],
        }
        stamp = (START + timedelta(milliseconds=n % 10, microseconds=n % 2 * 500, days=n % 3)).isoformat()
        rows.append({"id": str(900 + n * 7), "createdate": START.isoformat(), "hs_lastmodifieddate": stamp, **values})
    return rows


ROWS = _rows()


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    store = RecordStore()
    install(store)
    store.load("hubspot", "deals", ROWS)
    yield Seen(store, dict(DEFAULTS))
    store.close()


def found(seen: Seen, body: dict[str, Any]) -> list[str]:
    kind = seen.kind("deals")
    wanted = parse({"limit": 200, **body}, seen.properties(kind), 10_000)
    statement = Statement(kind, link_names(seen.kinds()))
    where = statement.where(wanted, seen.store.clock.micros())
    return [r.id for r in seen.store.query("hubspot", "deals", where, statement.params, order=order_by(wanted.sort))]


def millis(text: str) -> int:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    moment = datetime.fromisoformat(text)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def lowered(text: str) -> str:
    return text.lower()


READ: dict[str, Callable[[str], Any]] = {
    "dealname": lowered,
    "dealtype": lowered,
    "amount": float,
    "term_end": millis,
    "closedate": millis,
    "hs_lastmodifieddate": millis,
    "hs_object_id": float,
}
OPERANDS: dict[str, list[str]] = {
    "dealname": [name for name in NAMES if name],
    "dealtype": ["newbusiness", "EXISTINGBUSINESS", "other"],
    "amount": ["10", "10.50", "-3", "9.999"],
    "term_end": ["2026-01-01", "1767225600000", "2026-03-31T00:00:00Z"],
    "closedate": ["2026-01-01", "1767225600001", "2026-03-31T16:00:00Z", "2026-03-31T18:00:00+02:00"],
    "hs_lastmodifieddate": ["1767225600005", "2026-01-02T00:00:00.003Z", "2026-01-03"],
    "hs_object_id": ["900", "914", "1200", "99999"],
}
COMPARE: dict[str, Callable[[Any, list[Any]], bool]] = {
    "EQ": lambda v, o: v == o[0],
    "NEQ": lambda v, o: v != o[0],
    "LT": lambda v, o: v < o[0],
    "LTE": lambda v, o: v <= o[0],
    "GT": lambda v, o: v > o[0],
    "GTE": lambda v, o: v >= o[0],
    "BETWEEN": lambda v, o: o[0] <= v <= o[1],
    "IN": lambda v, o: v in o,
    "NOT_IN": lambda v, o: v not in o,
}


@st.composite
def filters(draw: st.DrawFn) -> dict[str, Any]:
    name, operator = (
        draw(st.sampled_from(sorted(READ))),
        draw(st.sampled_from([*COMPARE, "HAS_PROPERTY", "NOT_HAS_PROPERTY"])),
    )
    one: dict[str, Any] = {"propertyName": name, "operator": operator}
    if operator in ("IN", "NOT_IN"):
        one["values"] = draw(st.lists(st.sampled_from(OPERANDS[name]), min_size=1, max_size=3))
    elif operator in COMPARE:
        one["value"] = draw(st.sampled_from(OPERANDS[name]))
        if operator == "BETWEEN":
            one["highValue"] = draw(st.sampled_from(OPERANDS[name]))
    return one


def holds(row: dict[str, Any], one: dict[str, Any]) -> bool:
    name = one["propertyName"]
    raw = row["id"] if name == "hs_object_id" else row[name]
    if one["operator"].endswith("HAS_PROPERTY"):
        return (raw is not None) == (one["operator"] == "HAS_PROPERTY")
    if raw is None:
        return False
    texts = one.get("values") or [one[key] for key in ("value", "highValue") if key in one]
    read = READ[name]
    return COMPARE[one["operator"]](read(raw), [read(text) for text in texts])


@given(st.lists(st.lists(filters(), min_size=1, max_size=3), max_size=3))
def test_filters_mean_what_they_say(seen: Seen, groups: list[list[dict[str, Any]]]) -> None:
    body = {"filterGroups": [{"filters": group} for group in groups]}
    expected = {r["id"] for r in ROWS if not groups or any(all(holds(r, one) for one in group) for group in groups)}
    assert set(found(seen, body)) == expected


@pytest.mark.parametrize("name", sorted(READ))
@pytest.mark.parametrize("operator", [*COMPARE, "HAS_PROPERTY", "NOT_HAS_PROPERTY"])
def test_every_operator_on_every_kind_of_value(seen: Seen, name: str, operator: str) -> None:
    for value in OPERANDS[name]:
        one: dict[str, Any] = {"propertyName": name, "operator": operator}
        if operator.endswith("IN"):
            one["values"] = [value]
        elif operator in COMPARE:
            one["value"] = value
            one |= {"highValue": max(OPERANDS[name], key=READ[name])} if operator == "BETWEEN" else {}
        expected = {row["id"] for row in ROWS if holds(row, one)}
        assert set(found(seen, {"filterGroups": [{"filters": [one]}]})) == expected


@pytest.mark.parametrize("name", sorted(READ))
@pytest.mark.parametrize("descending", [False, True])
def test_sort_orders_by_value_and_puts_blanks_last(seen: Seen, name: str, descending: bool) -> None:
    rows = {r["id"]: r["id"] if name == "hs_object_id" else r[name] for r in ROWS}
    direction = "DESCENDING" if descending else "ASCENDING"
    got = [rows[id] for id in found(seen, {"sorts": [{"propertyName": name, "direction": direction}]})]
    values = [READ[name](value) for value in got if value is not None]
    assert values == sorted(values, reverse=descending)
    assert got[len(values) :] == [None] * (len(got) - len(values))


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("acme", {"Acme Robotics", "acme robotics"}),
        ("rob*", {"Acme Robotics", "acme robotics"}),
        ("robot", set()),
        ("*wind", {"north-wind"}),
        ("wind", {"north-wind"}),
        ("云帆", {"云帆教育"}),
        ("100%", set()),
    ],
)
def test_tokens(seen: Seen, wanted: str, names: set[str]) -> None:
    by_id = {r["id"]: r["dealname"] for r in ROWS}

    def search(operator: str) -> set[str]:
        one = {"propertyName": "dealname", "operator": operator, "value": wanted}
        return {by_id[id] for id in found(seen, {"filterGroups": [{"filters": [one]}]})}

    assert search("CONTAINS_TOKEN") == names
    assert search("NOT_CONTAINS_TOKEN") == {name for name in NAMES if name} - names


def test_order_without_a_sort_is_stable_and_not_that_of_insertion(seen: Seen) -> None:
    ids = found(seen, {})
    assert ids == found(seen, {})
    assert ids != [r["id"] for r in ROWS]


def test_a_new_record_is_not_found_at_once_but_read_at_once(portal: Any) -> None:
    portal.limits["search_lag_ms"] = 60_000
    id = portal.make("companies", name="Fresh")
    body = {"filterGroups": [{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": id}]}]}
    search = "/crm/objects/2026-03/companies/search"
    assert portal.ok("POST", search, body)["total"] == 0
    read = portal.ok("POST", "/crm/objects/2026-03/companies/batch/read", {"inputs": [{"id": id}], "properties": []})
    assert [one["id"] for one in read["results"]] == [id]
    portal.emulator.state.clock.advance(61)
    assert portal.ok("POST", search, body)["total"] == 1


def test_paging_stops_at_the_cap(portal: Any) -> None:
    portal.limits["search_cap"] = 20
    portal.emulator.store.load("hubspot", "calls", [{"id": str(n), "hs_call_title": "x"} for n in range(1, 31)])
    portal.settle()
    search, seen, after = "/crm/objects/2026-09/calls/search", list[str](), "0"
    while int(after) < 20:
        page = portal.ok("POST", search, {"limit": 10, "after": after})
        assert page["total"] == 30
        seen += [one["id"] for one in page["results"]]
        after = page["paging"]["next"]["after"]
    assert len(set(seen)) == 20
    beyond = portal.call("POST", search, {"limit": 10, "after": after})
    assert (beyond.status_code, beyond.json()["category"]) == (400, "VALIDATION_ERROR")


def test_ten_thousand_is_the_cap_unless_told_otherwise(portal: Any) -> None:
    search = "/crm/objects/2026-03/deals/search"
    assert portal.call("POST", search, {"limit": 200, "after": "9800"}).status_code == 200
    assert portal.call("POST", search, {"limit": 200, "after": "9801"}).status_code == 400


ONE = {"propertyName": "name", "operator": "EQ", "value": "x"}


@pytest.mark.parametrize(
    "body",
    [
        {"filterGroups": [{"filters": [ONE]}] * 6},
        {"filterGroups": [{"filters": [ONE] * 7}]},
        {"filterGroups": [{"filters": [ONE] * 5}] * 4},
        {"limit": 201},
        {"limit": 0},
        {"sorts": ["name", "domain"]},
        {"sorts": ["nonesuch"]},
        {"filterGroups": [{"filters": [ONE | {"propertyName": "nonesuch"}]}]},
        {"filterGroups": [{"filters": [ONE | {"operator": "LIKE"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "IN", "value": "x"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "BETWEEN", "value": "x"}]}]},
        {"filterGroups": [{"filters": [ONE | {"operator": "NOT_HAS_PROPERTY"}]}]},
        {"filterGroups": [{"filters": [ONE | {"propertyName": "createdate", "value": "yesterday"}]}]},
        {"filterGroups": [{"filters": [ONE | {"propertyName": "numberofemployees", "value": "many"}]}]},
    ],
)
def test_what_a_search_may_not_ask(portal: Any, body: dict[str, Any]) -> None:
    answer = portal.call("POST", "/crm/objects/2026-03/companies/search", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_associated_records_are_found(portal: Any) -> None:
    company = portal.make("companies", name="Parent")
    tasks = [portal.make("tasks", hs_timestamp="2026-01-01T00:00:00Z") for _ in range(3)]
    for task in tasks[:2]:
        portal.ok("PUT", f"/crm/objects/2026-03/tasks/{task}/associations/default/companies/{company}")
    portal.settle()
    one = {"propertyName": "associations.company", "operator": "EQ", "value": company}
    answer = portal.ok("POST", "/crm/objects/2026-03/tasks/search", {"filterGroups": [{"filters": [one]}]})
    assert {record["id"] for record in answer["results"]} == set(tasks[:2])
    assert all("associations" not in record for record in answer["results"])
