"""What is damaged is said in one sentence with a remedy; nothing is guessed."""

from __future__ import annotations

import errno

import duckdb
import pyarrow as pa
import pytest

from csconnect.errors import DataError
from csconnect.lake import Lake, open_engine
from csconnect.lake.engine import translated
from csconnect.lake.schema import STATEMENT, fact_schema

ROW = ("rows", "sf", "account", [{"id": "sf:1", "name": "secret name"}])


def only(feed, pattern):
    (path,) = feed.lake.root.glob(pattern)
    return path


def test_a_missing_file(feed) -> None:
    feed.run(ROW)
    only(feed, "facts/account/*").unlink()
    with pytest.raises(DataError, match=r"missing.*Restore") as caught:
        feed.view("account")
    assert caught.value.error_code == "E-LAKE-FILE"


def test_a_file_cut_short(feed) -> None:
    feed.run(ROW)
    path = only(feed, "facts/account/*")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"cut short.*Restore"):
        feed.view("account")


def test_a_file_with_other_bytes(feed) -> None:
    feed.run(ROW)
    path = only(feed, "facts/account/*")
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(DataError, match="restore a damaged file") as caught:
        feed.view("account")
    assert "secret name" not in str(caught.value)


def scribbled(text):
    """Damaged within: the footer still stands."""
    return text[:4] + b"x" * (len(text) // 2) + text[4 + len(text) // 2 :]


@pytest.mark.parametrize(
    "damage", [scribbled, lambda text: text[:-10], lambda text: b"x" * len(text), lambda text: b""]
)
def test_a_statement_that_was_damaged(feed, damage) -> None:
    rows = pa.Table.from_pylist([{"digest": "secret name"}], schema=fact_schema(STATEMENT).remove(8))
    with feed.begin() as run:
        run.state(STATEMENT, rows)
        run.publish()
    path = only(feed, f"facts/{STATEMENT}/*")
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"(?i)restore") as caught:
        feed.lake.stated(STATEMENT)
    assert caught.value.error_code == "E-LAKE-FILE"
    assert path.name in str(caught.value)
    assert "secret name" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", '{"format": 2}', "[]"])
def test_an_unreadable_manifest(feed, text) -> None:
    feed.run(ROW)
    only(feed, "manifests/*").write_text(text)
    with pytest.raises(DataError, match="manifest cannot be read"):
        feed.view("account")
    with pytest.raises(DataError, match="manifest cannot be read"):
        feed.begin()
    with pytest.raises(DataError):
        feed.begin()


def test_a_gap_in_the_manifests(feed) -> None:
    for name in ("a", "b", "c"):
        feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": name}]))
    sorted(feed.lake.root.glob("manifests/*"))[1].unlink()
    with pytest.raises(DataError, match="before number 3 is missing"):
        feed.view("account")


def test_a_foreign_file_in_the_folder_of_facts_is_nobodys(feed) -> None:
    feed.run(ROW)
    (feed.lake.root / "facts" / "account" / "stray.parquet").write_bytes(b"not parquet")
    assert len(feed.view("account")["account"]) == 1
    assert feed.lake.sweep() == ["facts/account/stray.parquet"]


def test_a_folder_whose_name_is_a_pattern_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="pattern"):
        Lake(tmp_path / "a[1]")


def test_too_little_memory_is_said_in_a_sentence(tmp_path) -> None:
    engine = open_engine("20MB", temp=tmp_path)
    with translated("a test"), pytest.raises(DataError, match=r"more memory.*Raise"), translated("a test"):
        engine.execute("SELECT list(i::VARCHAR || repeat('x', 50)) FROM range(5000000) r(i)").fetchall()
    engine.close()


def test_the_engine_means_only_what_a_query_says() -> None:
    engine = open_engine(threads=1)
    bystander = [1]  # noqa: F841
    with pytest.raises(DataError, match="refused a statement"), translated("a test"):
        engine.execute("SELECT * FROM bystander").fetchall()
    (row,) = engine.execute("SELECT TIMESTAMPTZ '2026-01-01 23:30:00+00'::DATE::VARCHAR").fetchall()
    assert row == ("2026-01-01",)
    engine.close()


def test_a_snapshot_is_cut_off_from_files(feed) -> None:
    feed.run(ROW)
    path = only(feed, "facts/account/*")
    with feed.lake.snapshot(until=feed.moment(9).date(), homes=["sf"], match={}) as snapshot:
        with pytest.raises(Exception, match="disabled"):
            snapshot.connection.execute(f"SELECT * FROM '{path}'")
        assert snapshot.table("account").num_rows == 1


def test_rows_of_an_older_model_are_read_with_todays_columns(feed, monkeypatch) -> None:
    """A column that was added later is empty in old rows; one that was dropped is not seen."""
    import pyarrow.parquet as pq

    feed.run(ROW)
    path = only(feed, "facts/account/*")
    old = pq.read_table(path)
    pq.write_table(old.drop_columns(["industry"]).append_column("dropped", old["name"]), path)
    manifest = only(feed, "manifests/*")
    size = feed.lake.manifests()[0].files[0].size
    manifest.write_text(manifest.read_text().replace(f'"size": {size}', f'"size": {path.stat().st_size}'))
    with feed.lake.snapshot(until=feed.moment(9).date(), homes=["sf"], match={}) as snapshot:
        table = snapshot.table("account")
    assert table["industry"].to_pylist() == [None]
    assert "dropped" not in table.column_names
    feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": "secret name", "industry": "law"}]))
    assert feed.view("account")["account"][0]["industry"] == "law"


@pytest.mark.parametrize(
    "said",
    [
        duckdb.IOException(
            'IO Error: Async write failed [3]: {"exception_type":"IO","m":"x.parquet: No space left on device"}'
        ),
        OSError(errno.ENOSPC, "No space left on device", "x.parquet"),
    ],
)
def test_a_full_disk_is_said_in_words(said) -> None:
    with pytest.raises(DataError) as caught, translated("publishing run r1"):
        raise said
    assert "(No space left on device)" in caught.value.what
