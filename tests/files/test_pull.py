"""Pulling tables of files: whole, in parts, and again."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from csconnect.connectors.protocols import PullRequest, Source
from csconnect.errors import ConfigError, DataError, MissingFieldError
from csconnect.model.values import Page

Rows = Callable[[list[Page]], list[dict[str, Any]]]


def usage(path: Path, count: int, **extra: pa.Array) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "tenant_id": pa.array([f"T{index % 7}" for index in range(count)]),
        "user_hash": pa.array([f"u{index}" for index in range(count)]),
        "day": pa.array([date(2026, 1, 1)] * count, pa.date32()),
        "modules": pa.array([["order"]] * count, pa.list_(pa.string())),
    }
    pq.write_table(pa.table({**columns, **extra}), path, row_group_size=10_000)


def test_it_is_a_source_and_says_what_it_can(folder: Any) -> None:
    source = folder.open(tables={"accounts": "accounts.csv"})
    assert isinstance(source, Source)
    assert not source.capabilities.writes
    assert source.org()[0] == "files"
    assert source.calls() == 0


def test_a_csv_comes_as_text_with_empty_cells_null(folder: Any, rows: Rows) -> None:
    folder.write("accounts.csv", '\ufeffid,name,"note"\n001,Acme,"a\n""b"""\n2,,\n')
    pages = folder.pull(folder.open(tables={"accounts": "accounts.csv"}), "accounts", "id", "name", "note")
    assert rows(pages) == [{"id": "001", "name": "Acme", "note": 'a\n"b"'}, {"id": "2", "name": None, "note": None}]
    assert [page.complete for page in pages] == [False, True]
    assert [page.cursor is not None for page in pages] == [False, True]


@pytest.mark.parametrize(
    ("name", "settings", "text"),
    [
        ("a.csv", {"encoding": "gb18030"}, "id,name\n1,澜图科技\n"),
        ("a.csv", {"encoding": "utf-16"}, "id,name\n1,澜图科技\n"),
        ("a.csv", {"delimiter": ";"}, "id;name\n1;澜图科技\n"),
        ("a.tsv", {}, "id\tname\n1\t澜图科技\n"),
        ("a.csv.gz", {}, "id,name\n1,澜图科技\n"),
        ("a.csv", {}, "id,name\r\n1,澜图科技"),
    ],
)
def test_ways_in_which_a_csv_is_written(
    folder: Any, rows: Rows, name: str, settings: dict[str, str], text: str
) -> None:
    data = text.encode(settings.get("encoding", "utf-8"))
    folder.write(name, gzip.compress(data) if name.endswith("gz") else data)
    source = folder.open(tables={"t": name}, **settings)
    assert list(source.describe("t").fields) == ["id", "name"]
    assert rows(folder.pull(source, "t", "id", "name")) == [{"id": "1", "name": "澜图科技"}]


def test_decimal_commas_change_numbers_only(folder: Any, rows: Rows) -> None:
    folder.write("a.csv", 'v\n"1.234,50"\n-7\n"3,5"\n1.234\n"a,b"\n"1,2,3"\n2026.01.31\n')
    pages = folder.pull(folder.open(tables={"t": "a.csv"}, decimal=","), "t", "v")
    assert [row["v"] for row in rows(pages)] == ["1234.50", "-7", "3.5", "1234", "a,b", "1,2,3", "2026.01.31"]


def test_parquet_comes_in_pages_of_the_asked_for_columns(folder: Any, rows: Rows) -> None:
    usage(folder.root / "usage/usage-2026-01.parquet", 120_000)
    pages = folder.pull(folder.open(tables={"usage": "usage/*.parquet"}), "usage", "tenant_id", "day", "modules")
    sizes = [page.rows.num_rows for page in pages if isinstance(page.rows, pa.RecordBatch)]
    assert sum(sizes) == 120_000
    assert max(sizes) <= 50_000
    assert rows(pages)[1] == {"tenant_id": "T1", "day": date(2026, 1, 1), "modules": ["order"]}


def test_a_csv_comes_in_pages(folder: Any) -> None:
    folder.write("a.csv", "id,name\n" + "".join(f"{index},n\n" for index in range(120_001)))
    pages = folder.pull(folder.open(tables={"t": "a.csv"}), "t", "id")
    sizes = [page.rows.num_rows for page in pages if isinstance(page.rows, pa.RecordBatch)]
    assert sum(sizes) == 120_001
    assert max(sizes) <= 50_000


def test_a_large_file_is_streamed(folder: Any) -> None:
    folder.write("a.csv", "id,text\n" + "".join(f"{index},{'x' * 90}\n" for index in range(500_000)))
    source = folder.open(tables={"t": "a.csv"})
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    peak = 0
    for _ in source.pull(PullRequest("t", ("id", "text"))):
        peak = max(peak, pa.total_allocated_bytes() - before)
    assert peak < 60_000_000
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


def test_what_has_not_changed_is_not_read_again(folder: Any, rows: Rows) -> None:
    path = folder.write("accounts.csv", "id,name\n1,Acme\n")
    source = folder.open(tables={"accounts": "accounts.csv"})
    cursor = folder.pull(source, "accounts", "id")[-1].cursor
    assert folder.pull(source, "accounts", "id", cursor=cursor) == []
    folder.write("accounts.csv", "id,name\n2,Bcme\n")
    os.utime(path, ns=(0, 0))
    again = folder.pull(source, "accounts", "id", cursor=cursor)
    assert rows(again) == [{"id": "2"}]
    # The only file of the table was delivered whole: account 1 is gone.
    assert again[-1].complete
    assert folder.pull(source, "accounts", "id", cursor=again[-1].cursor) == []


def test_other_settings_read_the_same_file_again(folder: Any) -> None:
    folder.write("a.csv", "id,name\n1,2\n")
    cursor = folder.pull(folder.open(tables={"t": "a.csv"}), "t", "id")[-1].cursor
    assert folder.pull(folder.open(tables={"t": "a.csv"}, decimal=","), "t", "id", cursor=cursor)


def test_a_table_of_parts_reads_only_new_and_changed_ones(folder: Any) -> None:
    for month in (1, 2):
        usage(folder.root / f"usage/2026-0{month}.parquet", month)
    source = folder.open(tables={"usage": "usage"})
    first = folder.pull(source, "usage", "tenant_id")
    assert not any(page.complete for page in first)
    usage(folder.root / "usage/2026-02.parquet", 5)
    usage(folder.root / "usage/2026-03.parquet", 6)
    (folder.root / "usage/2026-01.parquet").unlink()
    second = folder.pull(source, "usage", "tenant_id", cursor=first[-1].cursor)
    assert [page.rows.num_rows for page in second if isinstance(page.rows, pa.RecordBatch)] == [5, 6]
    assert folder.notes == ["usage: usage/2026-01.parquet is no longer there; what it delivered stays"]
    assert folder.pull(source, "usage", "tenant_id", cursor=second[-1].cursor) == []


def test_a_pull_that_broke_off_goes_on_after_the_last_whole_file(folder: Any) -> None:
    usage(folder.root / "usage/a.parquet", 3)
    usage(folder.root / "usage/b.parquet", 4)
    source = folder.open(tables={"usage": "usage"})
    pages = source.pull(PullRequest("usage", ("tenant_id",)))
    cursor = next(page.cursor for page in pages if page.cursor)
    rest = folder.pull(source, "usage", "tenant_id", cursor=cursor)
    assert [page.rows.num_rows for page in rest if isinstance(page.rows, pa.RecordBatch)] == [4]


def test_a_cursor_that_is_no_cursor_reads_everything(folder: Any, rows: Rows) -> None:
    folder.write("a.csv", "id\n1\n")
    for cursor in ("", "2026-01-01", "[1]", "null"):
        assert rows(folder.pull(folder.open(tables={"t": "a.csv"}), "t", "id", cursor=cursor)) == [{"id": "1"}]


def test_files_on_their_way_are_left_alone(folder: Any, rows: Rows) -> None:
    folder.write("in/a.csv", "id\n1\n")
    for name in ("in/.b.csv", "in/_c.csv", "in/d.csv.part", "in/e.csv.tmp", "in/README"):
        folder.write(name, "id\n9\n")
    for pattern in ("in", "in/*", ["in/a.csv", "in"]):
        assert rows(folder.pull(folder.open(tables={"t": pattern}), "t", "id")) == [{"id": "1"}]


def test_an_absolute_path_is_taken_as_it_is(folder: Any, rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "a.csv").write_text("id\n1\n")
    for pattern in (elsewhere / "a.csv", elsewhere, elsewhere / "*.csv"):
        assert rows(folder.pull(folder.open(tables={"t": str(pattern)}), "t", "id")) == [{"id": "1"}]


def test_a_column_that_only_some_parts_have_is_null_in_the_others(folder: Any, rows: Rows) -> None:
    usage(folder.root / "usage/a.parquet", 1)
    usage(folder.root / "usage/b.parquet", 1, logins=pa.array([7]))
    source = folder.open(tables={"usage": "usage"})
    assert "logins" in source.describe("usage").fields
    assert [row["logins"] for row in rows(folder.pull(source, "usage", "tenant_id", "logins"))] == [None, 7]
    assert folder.notes == ["usage/a.parquet has no column logins"]


def test_a_missing_column_is_named_with_those_there_are(folder: Any) -> None:
    folder.write("a.csv", "id;name\n1;Acme\n")
    with pytest.raises(MissingFieldError, match="no column id, name") as caught:
        folder.pull(folder.open(tables={"t": "a.csv"}), "t", "id", "name")
    assert "There are: id;name" in str(caught.value)
    assert "delimiter" in str(caught.value)


def test_tables_that_are_not_configured_and_files_that_are_not_there(folder: Any) -> None:
    source = folder.open(tables={"accounts": "accounts.csv"})
    with pytest.raises(MissingFieldError, match="no table 'tickets'"):
        source.describe("tickets")
    with pytest.raises(DataError, match="no file for the table 'accounts'"):
        source.describe("accounts")
    with pytest.raises(DataError, match="no file for the table 'accounts'"):
        folder.pull(source, "accounts", "id")


def test_conditions_are_refused(folder: Any) -> None:
    folder.write("a.csv", "id\n1\n")
    with pytest.raises(ConfigError, match="no conditions"):
        list(folder.open(tables={"t": "a.csv"}).pull(PullRequest("t", ("id",), where="id = 1")))


def test_a_file_that_changes_under_the_reader_is_noticed(folder: Any) -> None:
    folder.write("a.csv", "id\n1\n")
    pages = folder.open(tables={"t": "a.csv"}).pull(PullRequest("t", ("id",)))
    next(pages)
    folder.write("a.csv", "id\n1\n2\n")
    with pytest.raises(DataError, match="changed while it was being read"):
        list(pages)
