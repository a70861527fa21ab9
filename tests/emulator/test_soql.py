"""SOQL against the store: conditions compared with a plain Python filter, paging, parents, children, groups, refusals."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect_emulator.clock import Clock
from csconnect_emulator.ids import salesforce_id
from csconnect_emulator.salesforce import install
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.org import API_USER
from csconnect_emulator.salesforce.soql.query import Queries
from csconnect_emulator.salesforce.soql.spans import span
from csconnect_emulator.store import RecordStore

TODAY = date(2026, 5, 20)
Row = dict[str, Any]


def account(n: int) -> str:
    return salesforce_id("001", n)


class Soql:
    """Runs statements and gives the rows."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.set(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC), frozen=True)
        self.store = RecordStore(clock=self.clock)
        install(self.store)
        self.queries = Queries(self.store, Access(self.store))

    def __call__(self, text: str, **kw: Any) -> dict[str, Any]:
        return self.queries.run(text, "62.0", **kw)

    def ids(self, where: str, object: str = "Account") -> list[int]:
        """The numbers of the records that a condition finds."""
        rows = self(f"SELECT Id FROM {object} WHERE {where} ORDER BY Id")["records"]
        return [int(row["Id"][6:15], 36) for row in rows]

    def refusal(self, text: str) -> ApiError:
        with pytest.raises(ApiError) as caught:
            self(text)
        return caught.value


@pytest.fixture
def soql() -> Iterator[Soql]:
    made = Soql()
    yield made
    made.store.close()


# A plain Python reading of conditions, against which the SQL is held.

TEXTS = ["Acme", "acme corp", "Beta", "50% off", "a_b", "O'Neil", "back\\slash", "北京"]
# Close to one another and to the edges of days, where comparisons go wrong.
MOMENTS = st.builds(
    lambda day, second, micro: datetime(2026, 5, day) + timedelta(seconds=second, microseconds=micro),
    st.integers(19, 22),
    st.integers(-2, 2),
    st.sampled_from([0, 1, 999_999]),
)
ROW = st.fixed_dictionaries(
    {
        "Name": st.sampled_from(TEXTS),
        "Type": st.sampled_from([None, "Customer", "customer", "Prospect"]),
        "NumberOfEmployees": st.none() | st.integers(-2, 5),
        "Data_Quality__c": st.none() | st.sampled_from([0, 0.5, 1, 2.25]),
        "SystemModstamp": st.one_of(MOMENTS, st.datetimes(datetime(2026, 5, 18), datetime(2026, 5, 22))),
    }
)
Test = Callable[[Row], bool]
Condition = tuple[str, Test]


def quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fold(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and a < b,
    "<=": lambda a, b: a is not None and a <= b,
    ">": lambda a, b: a is not None and a > b,
    ">=": lambda a, b: a is not None and a >= b,
}


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from(list(OPERATORS)))
    field, value = draw(
        st.tuples(st.sampled_from(["Name", "Type"]), st.sampled_from(TEXTS))
        | st.tuples(st.sampled_from(["NumberOfEmployees", "Data_Quality__c"]), st.sampled_from([-1, 0, 0.5, 3]))
    )
    shown = quote(value) if isinstance(value, str) else str(value)
    return f"{field} {operator} {shown}", lambda row: OPERATORS[operator](fold(row[field]), fold(value))


@st.composite
def memberships(draw: st.DrawFn) -> Condition:
    values = draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4))
    field, absent = draw(st.sampled_from(["Name", "Type"])), draw(st.booleans())
    text = f"{field} {'NOT IN' if absent else 'IN'} ({', '.join(map(quote, values))})"
    return text, lambda row: (fold(row[field]) in map(fold, values)) is not absent


@st.composite
def nulls(draw: st.DrawFn) -> Condition:
    field, operator = draw(st.sampled_from(["Type", "NumberOfEmployees"])), draw(st.sampled_from(["=", "!="]))
    return f"{field} {operator} null", lambda row: (row[field] is None) is (operator == "=")


@st.composite
def patterns(draw: st.DrawFn) -> Condition:
    r"""A text of which some characters became ``_`` (any one) or ``%`` (any text); ``\%`` and ``\_`` are themselves."""
    quoted = {"%": "\\%", "_": "\\_", "\\": "\\\\", "'": "\\'"}
    shown, meant = "", ""
    for char in draw(st.sampled_from(TEXTS)) + draw(st.sampled_from(["", "%", "x"])):
        how = draw(st.sampled_from(["same", "same", "same", "one", "any"]))
        shown += {"same": quoted.get(char, char), "one": "_", "any": "%"}[how]
        meant += {"same": re.escape(char), "one": ".", "any": ".*"}[how]
    regex = re.compile(meant, re.IGNORECASE | re.DOTALL)
    return f"Name LIKE '{shown}'", lambda row: regex.fullmatch(row["Name"]) is not None


@st.composite
def instants(draw: st.DrawFn) -> Condition:
    operator = draw(st.sampled_from(list(OPERATORS)))
    moment = draw(MOMENTS).replace(microsecond=0)
    shift = draw(st.sampled_from([("Z", 0), ("+02:00", 2), ("-0730", -7.5)]))
    local = moment + timedelta(hours=shift[1])
    text = f"SystemModstamp {operator} {local.isoformat()}{shift[0]}"
    return text, lambda row: OPERATORS[operator](row["SystemModstamp"].replace(microsecond=0), moment)


@st.composite
def named_spans(draw: st.DrawFn) -> Condition:
    name, first, last = draw(
        st.sampled_from([("TODAY", 0, 0), ("YESTERDAY", -1, -1), ("LAST_N_DAYS:1", -1, 0), ("NEXT_N_DAYS:2", 1, 2)])
    )
    operator = draw(st.sampled_from(list(OPERATORS)))
    low, high = TODAY + timedelta(days=first), TODAY + timedelta(days=last)

    def test(row: Row) -> bool:
        day = row["SystemModstamp"].date()
        inside = low <= day <= high
        plain = {"=": inside, "!=": not inside, "<": day < low, "<=": day <= high, ">": day > high, ">=": day >= low}
        return plain[operator]

    return f"SystemModstamp {operator} {name}", test


def joined(parts: list[Condition], operator: str) -> Condition:
    tests = [test for _, test in parts]
    both = all if operator == "AND" else any
    return f" {operator} ".join(f"({text})" for text, _ in parts), lambda row: both(test(row) for test in tests)


LEAF = comparisons() | memberships() | nulls() | patterns() | instants() | named_spans()
CONDITION = st.recursive(
    LEAF,
    lambda inner: (
        inner.map(lambda c: (f"(NOT ({c[0]}))", lambda row: not c[1](row)))
        | st.builds(joined, st.lists(inner, min_size=2, max_size=3), st.sampled_from(["AND", "OR"]))
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Soql]:
    made = Soql()
    yield made
    made.store.close()


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(ROW, min_size=1, max_size=8), condition=CONDITION)
def test_conditions_mean_what_a_plain_filter_means(shared: Soql, rows: list[Row], condition: Condition) -> None:
    text, test = condition
    padding = [{"Name": "-", "IsDeleted": True}] * (8 - len(rows))
    loaded = [{"Id": account(n), **row} for n, row in enumerate([*rows, *padding])]
    shared.store.load("salesforce", "Account", loaded)
    expected = [n for n, row in enumerate(rows) if test(row)]
    assert shared.ids(text) == expected


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"50\% off", ["50% off"]),
        (r"a\_b", ["a_b"]),
        ("a_b", ["a_b", "axb"]),
        (r"%\\%", [r"back\slash"]),
        (r"o\'%", ["O'Neil"]),
        ("acme%", ["Acme", "acme corp"]),
        ("%", [*TEXTS, "axb"]),
    ],
)
def test_patterns(soql: Soql, pattern: str, found: list[str]) -> None:
    names = [*TEXTS, "axb"]
    soql.store.load("salesforce", "Account", [{"Id": account(n), "Name": name} for n, name in enumerate(names)])
    assert [names[n] for n in soql.ids(f"Name LIKE '{pattern}'")] == found


@pytest.mark.parametrize(
    ("literal", "first", "last"),
    [
        (("TODAY", None), "2026-05-20", "2026-05-20"),
        (("TOMORROW", None), "2026-05-21", "2026-05-21"),
        (("LAST_N_DAYS", 30), "2026-04-20", "2026-05-20"),
        (("NEXT_N_DAYS", 30), "2026-05-21", "2026-06-19"),
        (("N_DAYS_AGO", 3), "2026-05-17", "2026-05-17"),
        (("LAST_90_DAYS", None), "2026-02-19", "2026-05-20"),
        (("THIS_WEEK", None), "2026-05-17", "2026-05-23"),
        (("LAST_WEEK", None), "2026-05-10", "2026-05-16"),
        (("THIS_MONTH", None), "2026-05-01", "2026-05-31"),
        (("LAST_MONTH", None), "2026-04-01", "2026-04-30"),
        (("LAST_N_MONTHS", 5), "2025-12-01", "2026-04-30"),
        (("THIS_QUARTER", None), "2026-04-01", "2026-06-30"),
        (("THIS_FISCAL_QUARTER", None), "2026-04-01", "2026-06-30"),
        (("NEXT_N_QUARTERS", 2), "2026-07-01", "2026-12-31"),
        (("LAST_YEAR", None), "2025-01-01", "2025-12-31"),
        (("NEXT_YEAR", None), "2027-01-01", "2027-12-31"),
    ],
)
def test_date_literals_cover_the_documented_days(literal: tuple[str, int | None], first: str, last: str) -> None:
    start, end = span(*literal, TODAY)
    assert (start.isoformat(), (end - timedelta(days=1)).isoformat()) == (first, last)


def test_unknown_date_literals_are_refused(soql: Soql) -> None:
    for name in ("SOMEDAY", "LAST_N_DAYS", "THIS_N_DAYS:3", "LAST_N_MOONS:2"):
        assert soql.refusal(f"SELECT Id FROM Account WHERE CreatedDate = {name}").code == "MALFORMED_QUERY"


# Paging


def fill(soql: Soql, count: int) -> None:
    rows = ({"Id": account(n), "Name": f"n{n % 7}", "OwnerId": API_USER} for n in range(count))
    soql.store.load("salesforce", "Account", rows)


def pages(soql: Soql, first: dict[str, Any], between: Callable[[], Any] = lambda: None) -> list[str]:
    """The ids of all pages, something happening between any two."""
    ids, page = [], first
    while True:
        ids += [row["Id"] for row in page["records"]]
        if page["done"]:
            assert "nextRecordsUrl" not in page
            return ids
        between()
        page = soql.queries.more(page["nextRecordsUrl"].rpartition("/")[2], "62.0")


def test_pages_hold_every_record_once_in_order(soql: Soql) -> None:
    fill(soql, 4_500)
    first = soql("SELECT Id FROM Account ORDER BY Name DESC, Id")
    assert (first["totalSize"], len(first["records"]), first["done"]) == (4_500, 2_000, False)
    assert re.fullmatch(r"/services/data/v62\.0/query/01g\w{15}-2000", first["nextRecordsUrl"])
    ids = pages(soql, first)
    assert ids == [account(n) for n in sorted(range(4_500), key=lambda n: (-(n % 7), n))]


def test_pages_stay_as_they_were_while_records_change(soql: Soql) -> None:
    fill(soql, 1_000)
    numbers = iter(range(5_000, 9_000))

    def change() -> None:
        soql.store.update("salesforce", "Account", account(3), {"Name": "moved"})
        soql.store.insert("salesforce", "Account", account(next(numbers)), {"Name": "a new one"})
        soql.store.delete("salesforce", "Account", account(999))

    ids = pages(soql, soql("SELECT Id FROM Account ORDER BY SystemModstamp, Id", size=200), change)
    assert ids == [account(n) for n in range(999)]


def test_a_locator_that_is_not_known_is_refused(soql: Soql) -> None:
    fill(soql, 300)
    key = soql("SELECT Id FROM Account", size=200)["nextRecordsUrl"].rpartition("/")[2]
    for bad in (key.replace("-200", "-900"), key.partition("-")[0], "01gxx0000000009AAA-200", "../limits"):
        with pytest.raises(ApiError, match="INVALID_QUERY_LOCATOR"):
            soql.queries.more(bad, "62.0")


def test_limit_and_offset_take_the_middle_and_offset_is_bounded(soql: Soql) -> None:
    fill(soql, 20)
    rows = soql("SELECT Id FROM Account ORDER BY Id DESC LIMIT 3 OFFSET 4")
    assert (rows["totalSize"], [r["Id"] for r in rows["records"]]) == (3, [account(n) for n in (15, 14, 13)])
    assert soql.refusal("SELECT Id FROM Account OFFSET 2001").code == "NUMBER_OUTSIDE_VALID_RANGE"


# Shapes


@pytest.fixture
def small(soql: Soql) -> Soql:
    load = soql.store.load
    rows = [
        {"Id": account(1), "Name": "Acme", "OwnerId": API_USER},
        {"Id": account(2), "Name": "Beta", "ParentId": account(1)},
    ]
    load("salesforce", "Account", rows)
    contact = {"FirstName": "A", "AccountId": account(1)}
    roles = ["champion;user", "user", None]
    load(
        "salesforce",
        "Contact",
        [
            {"Id": salesforce_id("003", n), "LastName": f"C{n}", **contact, "Chain_Roles__c": r}
            for n, r in enumerate(roles)
        ],
    )
    load(
        "salesforce",
        "Task",
        [{"Id": salesforce_id("00T", 1), "WhatId": account(2), "Status": "Completed", "IsClosed": True}],
    )
    return soql


def test_parents_nest_and_missing_ones_are_null(small: Soql) -> None:
    rows = small("SELECT Name, Parent.Name, Parent.Owner.Alias FROM Account ORDER BY Name")["records"]
    assert rows[0] == {
        "attributes": {"type": "Account", "url": f"/services/data/v62.0/sobjects/Account/{account(1)}"},
        "Name": "Acme",
        "Parent": None,
    }
    assert (rows[1]["Parent"]["Name"], rows[1]["Parent"]["Owner"]["Alias"]) == ("Acme", "csint")
    assert list(rows[1]["Parent"]) == ["attributes", "Name", "Owner"]
    assert small.ids("Parent.Owner.IsActive = true AND Parent.Name LIKE 'ac%'") == [2]


def test_parents_of_several_kinds_show_name_and_type(small: Soql) -> None:
    (row,) = small("SELECT What.Name, What.Type FROM Task WHERE What.Type = 'Account' AND What.Name = 'beta'")[
        "records"
    ]
    assert (row["What"]["Name"], row["What"]["Type"], row["What"]["attributes"]["type"]) == ("Beta", "Account", "Name")


def test_children_are_query_results_or_null_and_limits_hold_per_parent(small: Soql) -> None:
    inner = "SELECT LastName, Account.Name FROM Contacts WHERE LastName != 'C0' ORDER BY LastName DESC LIMIT 1"
    first, second = small(f"SELECT Id, ({inner}) FROM Account ORDER BY Id")["records"]
    assert second["Contacts"] is None
    assert (first["Contacts"]["totalSize"], first["Contacts"]["done"]) == (1, True)
    assert first["Contacts"]["records"][0]["LastName"] == "C2"
    assert first["Contacts"]["records"][0]["Account"]["Name"] == "Acme"


def test_multi_select_picklists(small: Soql) -> None:
    assert small.ids("Chain_Roles__c INCLUDES ('champion;user')", "Contact") == [0]
    assert small.ids("Chain_Roles__c INCLUDES ('champion', 'user')", "Contact") == [0, 1]
    assert small.ids("Chain_Roles__c EXCLUDES ('champion')", "Contact") == [1, 2]


def test_semi_joins(small: Soql) -> None:
    assert small.ids("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'C1')") == [1]
    assert small.ids("Id NOT IN (SELECT AccountId FROM Contact)") == [2]
    assert small.refusal("SELECT Id FROM Account WHERE Id IN (SELECT LastName FROM Contact)").code == "MALFORMED_QUERY"


def test_counts_and_groups(small: Soql) -> None:
    assert small("SELECT COUNT() FROM Contact") == {"totalSize": 3, "done": True, "records": []}
    select = "SELECT AccountId, COUNT(Id), MAX(LastName) top, COUNT(Chain_Roles__c) FROM Contact"
    text = f"{select} GROUP BY AccountId HAVING COUNT(Id) > 2"
    (row,) = small(text)["records"]
    assert row == {
        "attributes": {"type": "AggregateResult"},
        "AccountId": account(1),
        "expr0": 3,
        "top": "C2",
        "expr1": 2,
    }
    assert small(text.replace("> 2", "> 3"))["records"] == []
    assert small.refusal("SELECT Name, COUNT(Id) FROM Account").code == "MALFORMED_QUERY"


def test_nulls_come_first_unless_told_otherwise(small: Soql) -> None:
    def order(by: str) -> list[Any]:
        return [row["ParentId"] for row in small(f"SELECT ParentId FROM Account ORDER BY {by}")["records"]]

    assert order("ParentId") == order("ParentId DESC") == [None, account(1)]
    assert order("ParentId ASC NULLS LAST") == order("parentid desc nulls last") == [account(1), None]


def test_all_fields_need_a_limit(small: Soql) -> None:
    (row,) = small("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 200")["records"]
    assert {"Id", "Name", "Tier__c", "SystemModstamp", "IsDeleted"} <= set(row)
    custom = small("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1")["records"][0]
    assert all(name.endswith("__c") for name in set(custom) - {"attributes"})
    assert small.refusal("SELECT FIELDS(ALL) FROM Account").code == "MALFORMED_QUERY"


def test_names_are_found_in_any_case_and_spelt_properly(small: Soql) -> None:
    (row,) = small("select ID, a.nAmE, ACCOUNT.owner.ALIAS from account a where NAME = 'ACME'")["records"]
    assert set(row) == {"attributes", "Id", "Name", "Owner"}


def test_deleted_records_answer_to_query_all_only(small: Soql) -> None:
    small.store.delete("salesforce", "Account", account(2))
    assert small.ids("IsDeleted = true") == []
    assert len(small("SELECT Id FROM Account WHERE IsDeleted = true", deleted=True)["records"]) == 1


def test_fifteen_character_ids_are_understood(small: Soql) -> None:
    assert small.ids(f"Id = '{account(1)[:15]}'") == [1]
    assert small.ids(f"ParentId IN ('{account(1)[:15]}')") == [2]


# Refusals


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (
            "SELECT Id, Nope FROM Account",
            "INVALID_FIELD",
            "ERROR at Row:1:Column:12\nNo such column 'Nope' on entity 'Account'",
        ),
        ("SELECT Id FROM Nope", "INVALID_TYPE", "ERROR at Row:1:Column:16\nsObject type 'Nope' is not supported"),
        ("SELECT Id\nFROM Account WHERE Nope = 1", "INVALID_FIELD", "ERROR at Row:2:Column:20"),
        ("SELECT Id FROM Account WHERE Name = 'x' FOO", "MALFORMED_QUERY", "unexpected token: 'FOO'"),
        ("SELECT Id FROM Account WHERE Name = 'x", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Account WHERE Name =", "MALFORMED_QUERY", "<EOF>"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY", "'OR'"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND NOT Name = 'b'", "MALFORMED_QUERY", "Column:49"),
        ("SELECT Nope.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Nope' in field path"),
        ("SELECT (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Nopes'"),
        ("SELECT Id FROM Account WHERE NumberOfEmployees = '5'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "should be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Contract WHERE StartDate > 2026-01-01T00:00:00Z", "INVALID_FIELD", "must be of type date"),
        ("SELECT Id FROM Account WHERE Id = 'zz'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: zz"),
        ("SELECT Id FROM Account WHERE Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Task WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM CustomField", "INVALID_TYPE", "not supported"),
        ("DROP TABLE meta", "MALFORMED_QUERY", "unexpected token: 'DROP'"),
    ],
)
def test_refusals_are_the_vendors(soql: Soql, text: str, code: str, said: str) -> None:
    refusal = soql.refusal(text)
    assert refusal.code == code
    assert said in refusal.message


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="SELECTFROMaccount ()'\\,.=<>%_:;--1\n", max_size=60))
def test_any_text_gives_an_answer_or_a_refusal(shared: Soql, text: str) -> None:
    with contextlib.suppress(ApiError):
        assert shared(f"SELECT Id FROM Account WHERE {text}")["done"]
