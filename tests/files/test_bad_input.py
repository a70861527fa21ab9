"""Files as they arrive in the field: cut off, misspelt, empty, in another encoding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csconnect.connectors.protocols import PullRequest
from csconnect.errors import CsconnectError, DataError, GuardError
from csconnect.model.values import Level, Page, Unreadable
from csconnect_files.csvfile import Dialect, batches


def pull(folder: Any, data: str | bytes, *fields: str, **options: Any) -> list[Page]:
    folder.write("a.csv", data)
    pages: list[Page] = folder.pull(folder.open(tables={"t": "a.csv"}, **options), "t", *(fields or ("id",)))
    return pages


@pytest.mark.parametrize(
    ("data", "place", "words"),
    [
        ("id,name\n1,ok\n2,Müller\n".encode("cp1252"), "a.csv, line 3", "not utf-8 (byte 4 of the line)"),
        ("id,größe\n1,ok\n".encode("cp1252"), "a.csv, line 1", "not utf-8 (byte 6 of the line)"),
        (b"id,name\n1,Acme\n2,B\n3", "a.csv, row 4", "last row has 1 columns instead of 2"),
        (b'id,name\n1,"Acme\n2,B\n3,C\n', "a.csv, line 2", "never closed"),
        (b"id,name,id\n1,Acme,2\n", "a.csv", "'id' more than once"),
        (b"id,,\n1,Acme,2\n", "a.csv", "columns without a name more than once"),
    ],
)
def test_a_file_that_cannot_be_trusted_stops_the_pull(folder: Any, data: bytes, place: str, words: str) -> None:
    with pytest.raises(DataError) as caught:
        pull(folder, data)
    assert caught.value.where == place
    assert words in caught.value.what
    assert caught.value.remedy
    assert "Müller" not in str(caught.value)


def test_a_broken_row_in_the_middle_is_set_aside(folder: Any, rows: Any) -> None:
    pages = pull(folder, "id,name\n1,Acme\n2,B,oops\n3,C\n")
    assert [row["id"] for row in rows(pages)] == ["1", "3"]
    assert pages[-1].unreadable == [Unreadable("a.csv, row 3", "3 columns instead of 2")]
    # Nobody knows which record that was, so nobody may take it for deleted.
    assert not pages[-1].complete


def test_quotes_inside_a_text_are_no_end_of_the_file(folder: Any, rows: Any) -> None:
    assert [row["name"] for row in rows(pull(folder, 'id,name\n1,5" pipe\n2,x\n', "name"))] == ['5" pipe', "x"]


@pytest.mark.parametrize("data", ["", "id,name", "id,name\n", "\ufeff"])
def test_an_empty_file_delivers_nothing_and_check_says_so(folder: Any, rows: Any, data: str) -> None:
    assert rows(pull(folder, data)) == []
    findings = folder.open(tables={"t": "a.csv"}).check()
    assert {finding.level for finding in findings} == {Level.WARNING}
    assert {finding.code for finding in findings} == {"W-EMPTY"}


def test_an_empty_usage_file_delivers_nothing_and_check_says_so(folder: Any, rows: Any) -> None:
    pq.write_table(pa.table({"tenant_id": pa.array([], pa.string())}), folder.root / "u.parquet")
    source = folder.open(tables={"usage": "*.parquet"})
    assert rows(folder.pull(source, "usage", "tenant_id")) == []
    assert [finding.code for finding in source.check()] == ["W-EMPTY", "W-EMPTY"]


@pytest.mark.parametrize("damage", ["cut", "text", "nothing"])
def test_a_damaged_parquet_file_is_named(folder: Any, damage: str) -> None:
    path = folder.root / "u.parquet"
    pq.write_table(pa.table({"id": ["1"] * 1000}), path)
    data = path.read_bytes()
    path.write_bytes({"cut": data[: len(data) // 2], "text": b"id\n1\n", "nothing": b""}[damage])
    source = folder.open(tables={"usage": "*.parquet"})
    with pytest.raises(DataError, match="cut off or damaged") as caught:
        folder.pull(source, "usage", "id")
    assert caught.value.where == "u.parquet"
    assert source.check()[0].level is Level.ERROR


def test_check_lists_each_table(folder: Any) -> None:
    folder.write("accounts.csv", "id,name\n1,Acme\n2,B\n")
    pq.write_table(pa.table({"tenant_id": ["1"] * 3}), folder.root / "u.parquet")
    findings = folder.open(tables={"accounts": "accounts.csv", "usage": "*.parquet", "tickets": "tickets.csv"}).check()
    assert [(finding.level, finding.what) for finding in findings[:2]] == [
        (Level.OK, "accounts: 1 file, 2 rows, columns id, name"),
        (Level.OK, "usage: 1 file, 3 rows, columns tenant_id"),
    ]
    assert findings[2].level is Level.ERROR
    assert "tickets" in findings[2].what
    assert folder.open(tables={}).check()[0].level is Level.ERROR


def test_an_unknown_encoding_is_refused_at_once(folder: Any) -> None:
    with pytest.raises(ValueError, match="no such encoding"):
        folder.open(tables={}, encoding="utf-99")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.text(st.sampled_from('id,name\n\r"; 1é\x00')).map(str.encode) | st.binary(max_size=60))
def test_any_bytes_are_rows_or_an_error_for_people(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + data)
    try:
        for batch in batches(path, "a.csv", Dialect(), ["id"], lambda row: None):
            assert batch.schema.names == ["id"]
    except CsconnectError as error:
        assert error.where.startswith("a.csv")  # noqa: PT017


def test_an_empty_file_among_others_wants_a_reason_once(folder: Any) -> None:
    source = folder.open(tables={"t": "days/*.csv"})
    folder.write("days/1.csv", "id\n1\n")
    folder.write("days/2.csv", "id\n")
    first = folder.pull(source, "t", "id")[-1].cursor  # empty from the start: nothing is missed
    assert folder.pull(source, "t", "id", cursor=first) == []
    folder.write("days/3.csv", "id\n")
    with pytest.raises(GuardError, match="has 0 rows") as caught:
        folder.pull(source, "t", "id", cursor=first)
    assert (caught.value.where, caught.value.error_code) == ("days/3.csv", "E-PULL-SHRANK")
    request = PullRequest("t", ("id",), first, because="a holiday")
    then = list(source.pull(request))[-1].cursor
    assert folder.pull(source, "t", "id", cursor=then) == []
    folder.write("days/1.csv", "id\n")
    with pytest.raises(GuardError):
        folder.pull(source, "t", "id", cursor=then)
