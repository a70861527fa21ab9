"""The store keeps what it is given: schemas, records, stamps, associations, and nothing of a failed transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect_emulator.clock import Clock
from csconnect_emulator.ids import is_id, salesforce_id, to_18
from csconnect_emulator.store import FieldDef, RecordStore

FIELDS = {
    "Name": FieldDef("Name", "Name"),
    "OwnerId": FieldDef("OwnerId", "Owner", "reference", reference_to=("User",)),
    "Key__c": FieldDef("Key__c", "Key", unique=True, custom=True, choices=("a", "b"), extra={"help": "x"}),
}


@pytest.fixture
def store() -> Iterator[RecordStore]:
    made = RecordStore()
    made.define("salesforce", "Thing", FIELDS)
    yield made
    made.close()


def test_schema_and_records_survive_a_restart(tmp_path: Path) -> None:
    first = RecordStore(tmp_path / "x.sqlite")
    first.define("salesforce", "Thing", FIELDS)
    first.add_field("salesforce", "Thing", FieldDef("New__c", "New", "double", scale=2))
    first.insert("salesforce", "Thing", "1", {"Name": "n", "New__c": 1.5})
    number = first.next_number("salesforce", "Thing")
    first.close()
    again = RecordStore(tmp_path / "x.sqlite")
    assert dict(again.fields("salesforce", "Thing")) == {
        **FIELDS,
        "New__c": FieldDef("New__c", "New", "double", scale=2),
    }
    assert again.objects("salesforce") == ["Thing"]
    found = again.get("salesforce", "Thing", "1")
    assert found is not None
    assert found.data == {"Name": "n", "New__c": 1.5}
    assert again.next_number("salesforce", "Thing") == number + 1
    again.close()


def test_defining_again_keeps_provisioned_fields(store: RecordStore) -> None:
    store.add_field("salesforce", "Thing", FieldDef("New__c"))
    store.define("salesforce", "Thing", FIELDS)
    assert "New__c" in store.fields("salesforce", "Thing")
    with pytest.raises(KeyError):
        store.fields("salesforce", "Other")


def test_load_takes_stamps_and_marks_from_the_rows(store: RecordStore) -> None:
    created, modified = datetime(2024, 1, 2, tzinfo=UTC), datetime(2025, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
    row = {"Id": "1", "Name": "a", "Gone": None, "When": date(2026, 1, 2)}
    store.load("salesforce", "Thing", [{**row, "CreatedDate": created, "SystemModstamp": modified, "IsDeleted": True}])
    assert store.get("salesforce", "Thing", "1") is None
    found = store.get("salesforce", "Thing", "1", include_deleted=True)
    assert found is not None
    assert found.data == {"Name": "a", "When": "2026-01-02"}
    assert found.modified - found.created == (modified - created) // timedelta(microseconds=1)


def test_loading_a_row_again_replaces_it_and_indexes_still_answer(store: RecordStore) -> None:
    store.load("salesforce", "Thing", [{"Id": str(n), "Key__c": f"k{n}"} for n in range(100)])
    store.load("salesforce", "Thing", [{"Id": "5", "Key__c": "new"}])
    assert store.count("salesforce", "Thing") == 100
    where = f"{store.column('Key__c')} = ? COLLATE NOCASE"
    assert [r.id for r in store.query("salesforce", "Thing", where, ["NEW"])] == ["5"]
    assert store.query("salesforce", "Thing", where, ["k5"]) == []


@pytest.mark.parametrize(("field", "collate"), [("OwnerId", ""), ("Key__c", " COLLATE NOCASE")])
def test_parents_and_keys_are_looked_up_by_index(store: RecordStore, field: str, collate: str) -> None:
    table = store.table("salesforce", "Thing")
    plan = store.rows(
        f"EXPLAIN QUERY PLAN SELECT t.id FROM {table} t WHERE {store.column(field, 't')}{collate} IN ('a', 'b')"
    )
    assert "USING INDEX" in plan[0][3]


def test_null_clears_and_other_fields_stay(store: RecordStore) -> None:
    store.insert("salesforce", "Thing", "1", {"Name": "a", "Key__c": "k"})
    store.update("salesforce", "Thing", "1", {"Name": None})
    found = store.get("salesforce", "Thing", "1")
    assert found is not None
    assert found.data == {"Key__c": "k"}


def test_every_change_has_a_later_stamp_even_when_time_stands_still() -> None:
    clock = Clock()
    clock.set(datetime(2026, 1, 1, tzinfo=UTC), frozen=True)
    store = RecordStore(clock=clock)
    store.define("salesforce", "Thing", FIELDS)
    stamps = [store.insert("salesforce", "Thing", str(n), {}).modified for n in range(5)]
    stamps += [store.update("salesforce", "Thing", "1", {"Name": "x"}).modified]
    assert stamps == sorted(set(stamps))
    clock.advance(60)
    assert store.update("salesforce", "Thing", "1", {}).modified - stamps[0] == 60_000_000
    store.close()


class Broken(Exception):
    """Something goes wrong inside a transaction."""


def insert_and_fail(store: RecordStore, id: str) -> None:
    with store.transaction():
        store.insert("salesforce", "Thing", id, {})
        store.add_field("salesforce", "Thing", FieldDef(f"{id}__c"))
        raise Broken


def test_a_failed_transaction_leaves_no_trace_and_an_inner_one_only_its_own(store: RecordStore) -> None:
    store.insert("salesforce", "Thing", "kept", {})
    with pytest.raises(Broken):
        insert_and_fail(store, "alone")
    with store.transaction():
        store.insert("salesforce", "Thing", "outer", {})
        with pytest.raises(Broken):
            insert_and_fail(store, "inner")
    assert {r.id for r in store.query("salesforce", "Thing")} == {"kept", "outer"}
    assert set(store.fields("salesforce", "Thing")) == set(FIELDS)


def test_an_image_is_a_store_of_its_own(store: RecordStore) -> None:
    store.insert("salesforce", "Thing", "kept", {"Name": "a"})
    copy = RecordStore(image=store.image())
    copy.insert("salesforce", "Thing", "new", {})
    assert copy.count("salesforce", "Thing") == 2
    assert store.count("salesforce", "Thing") == 1
    assert copy.fields("salesforce", "Thing") == FIELDS
    copy.close()


def test_delete_is_soft_and_can_be_taken_back(store: RecordStore) -> None:
    store.insert("salesforce", "Thing", "1", {"Name": "a"})
    assert store.delete("salesforce", "Thing", "1")
    assert not store.delete("salesforce", "Thing", "1")
    assert store.get_many("salesforce", "Thing", ["1", "2"]) == {}
    assert set(store.get_many("salesforce", "Thing", ["1"], include_deleted=True)) == {"1"}
    assert store.restore("salesforce", "Thing", "1")
    assert store.get("salesforce", "Thing", "1") is not None


def test_merge_marks_the_loser_and_touches_the_winner(store: RecordStore) -> None:
    before = store.insert("salesforce", "Thing", "win", {"Name": "w"})
    store.insert("salesforce", "Thing", "lose", {"Name": "l"})
    store.merge("salesforce", "Thing", "lose", "win", {"MasterRecordId": "win"})
    loser, winner = store.get("salesforce", "Thing", "lose", True), store.get("salesforce", "Thing", "win")
    assert loser is not None
    assert winner is not None
    assert (loser.deleted, loser.data["MasterRecordId"]) == (True, "win")
    assert winner.modified > before.modified


LINK = st.tuples(st.sampled_from("123"), st.sampled_from("456"), st.sampled_from(["", "boss"]))


@given(added=st.sets(LINK), removed=st.sets(LINK))
def test_links_read_the_same_from_both_sides(
    added: set[tuple[str, str, str]], removed: set[tuple[str, str, str]]
) -> None:
    store = RecordStore()
    links = store.associations
    links.add("hubspot", [("contacts", a, "companies", b, label) for a, b, label in added])
    links.remove("hubspot", [("companies", b, "contacts", a, label) for a, b, label in removed])
    there = links.of("hubspot", "contacts", "123", "companies")
    back = links.of("hubspot", "companies", "456", "contacts")
    assert {(a, b, label) for a, pairs in there.items() for b, label in pairs} == added - removed
    assert {(a, b, label) for b, pairs in back.items() for a, label in pairs} == added - removed
    store.close()


def test_links_move_with_a_merge() -> None:
    store = RecordStore()
    store.associations.add("hubspot", [("companies", "1", "contacts", "9"), ("companies", "2", "contacts", "9")])
    store.associations.move("hubspot", "companies", "1", "2")
    assert store.associations.of("hubspot", "contacts", ["9"], "companies") == {"9": [("2", "")]}
    store.close()


@given(st.integers(0, 62**9 - 1), st.sampled_from(["001", "00T", "a01"]))
def test_ids_are_valid_distinct_and_sort_as_they_count(n: int, prefix: str) -> None:
    id = salesforce_id(prefix, n)
    assert len(id) == 18
    assert is_id(id)
    assert to_18(id[:15]) == id
    assert n == 0 or salesforce_id(prefix, n - 1)[:15] < id[:15]


def test_checksum_is_the_vendors() -> None:
    assert to_18("001A0000006Vm9u") == "001A0000006Vm9uIAC"
    assert not is_id("001A0000006Vm9uIAA")
    with pytest.raises(ValueError):
        to_18("//evil.example/x")
