"""Queries, ids and values: nothing a record or a mapping says can change what is asked, or of whom."""

from __future__ import annotations

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.errors import ConfigError, DataError
from csconnect_salesforce.ids import checked_field, checked_id, is_id, same_id
from csconnect_salesforce.soql import IN_ROOM, LONGEST, field_groups, one_of, quoted, select, value_groups
from csconnect_salesforce.wire import spelled

NAMES = st.from_regex(r"[A-Z][A-Za-z0-9]{0,30}(__c)?", fullmatch=True)


@pytest.mark.parametrize(
    "text",
    [
        "//evil.example/x",
        "https://evil.example/x",
        "../../limits",
        "001",
        "0015g00000ABCDE'",
        "",
        "0015g00000ABCDEFGHI",
        "0015g00000ABC/E",
    ],
)
def test_what_is_no_id_is_refused(text):
    assert not is_id(text)
    with pytest.raises(DataError) as caught:
        checked_id(text)
    assert text == "" or text not in str(caught.value)


def test_the_short_and_the_long_form_name_one_record():
    assert checked_id("0015g00000ABCDE") == "0015g00000ABCDE"
    assert same_id("0015g00000ABCDE", "0015g00000ABCDEAAZ")
    assert not same_id("0015g00000abcde", "0015g00000ABCDEAAZ")


@pytest.mark.parametrize(
    "path", ["Name FROM User--", "Name, (SELECT Id FROM Contacts)", "a..b", ".Name", "Näme", "Name\n"]
)
def test_a_mapping_cannot_smuggle_a_query_in(path):
    with pytest.raises(ConfigError):
        checked_field(path)


def test_a_select_has_its_conditions_in_brackets():
    text = select("Order", ["Id", "Contract.AccountId"], ["Type = 'A' OR Type = 'B'", "", "Id != null"], "Id")
    assert (
        text == "SELECT Id, Contract.AccountId FROM Order WHERE (Type = 'A' OR Type = 'B') AND (Id != null) ORDER BY Id"
    )


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_values_cannot_leave_their_quotes(values):
    text = one_of("Name", values).removeprefix("Name IN (").removesuffix(")")
    read, index = [], 0
    while index < len(text):
        assert text[index] == "'"
        index, word = index + 1, ""
        while text[index] != "'":
            escaped = text[index] == "\\"
            word += text[index : index + 1 + escaped]
            index += 1 + escaped
        read.append(word)
        index += 2
    assert len(read) == len(values)


@given(st.lists(NAMES, min_size=1, max_size=300, unique=True))
def test_long_field_lists_are_split_so_that_every_query_fits(names):
    room = 2_000 + IN_ROOM
    groups = field_groups("Account", names, room)
    assert [name for group in groups for name in group] == names
    assert all(quoted(select("Account", ["Id", *group])) <= room for group in groups)
    assert all(quoted(select("Account", ["Id", *group])) <= 2_500 for group in groups[1:])


@given(st.lists(st.text(min_size=1, max_size=40), max_size=60))
def test_value_groups_keep_order_and_size(values):
    groups = list(value_groups(values, 500, 10))
    assert [value for group in groups for value in group] == values
    assert all(1 <= len(group) <= 10 for group in groups)
    assert all(len(group) == 1 or len(quote_plus(one_of("Name", group))) <= 600 for group in groups)


def test_a_full_chunk_of_ids_fits_beside_the_fields():
    assert quoted(one_of("Id", ["0015g00000ABCDEAAZ"] * 200)) < IN_ROOM < LONGEST


@pytest.mark.parametrize(
    ("value", "type", "wire"),
    [
        ("1234.50", "currency", 1234.5),
        ("54", "double", 54),
        (54, "double", 54),
        ("n/a", "double", "n/a"),
        ("true", "boolean", True),
        ("2026-11-22", "date", "2026-11-22"),
        ("007", "string", "007"),
        ("", "string", None),
        (None, "date", None),
    ],
)
def test_values_are_spelled_by_the_fields_type(value, type, wire):
    spelled_value = spelled(value, type)
    assert (spelled_value, spelled_value.__class__) == (wire, wire.__class__)
