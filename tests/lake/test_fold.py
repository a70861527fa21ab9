"""Folding changes no view; it only makes the lake smaller, and says so where history is gone."""

from __future__ import annotations

import pytest

from csconnect.errors import DataError
from csconnect.lake import store
from csconnect.lake.schema import ATTRIBUTES, ROLLUP, USAGE

TABLES = (*ATTRIBUTES, USAGE, ROLLUP, "account_link", "identity_finding", "delivery")


def history(feed, make):
    """Three runs with everything in them: changes, deletions, merges, replaced days, quarantine, cursors."""
    day = make.start.date()

    def account(bare, name, key):
        return {"id": f"sf:{bare}", "name": name, "match_key": key}

    def ticket(bare, account):
        return {"id": f"sf:{bare}", "account_id": f"sf:{account}", "opened_at": make.start}

    def use(*users):
        return "rows", "usage", USAGE, [make.usage("usage:K", day.replace(month=m), u, ["m"]) for m, u in users]

    feed.run(
        ("rows", "sf", "account", [account("1", "one", "K"), account("2", "two", "L"), account("3", "three", None)]),
        ("rows", "sf", "ticket", [ticket("a", "1"), ticket("b", "2"), ticket("c", "9")]),
        ("rows", "hs", "account", [{"id": "hs:1", "name": "h", "match_key": "L"}]),
        use((1, "u"), (2, "u"), (2, "v")),
        ("cursor", "sf", "Account", "c1"),
        ("reject", "sf", "account", ["7"]),
    )
    feed.run(
        ("rows", "sf", "account", [account("1", "uno", "K")]),
        ("gone", "sf", "account", [("2", "1")]),
        ("pulled", "hs", "ticket"),
        use((2, "w")),
    )
    feed.run(("gone", "sf", "ticket", [("a", None)]), ("cursor", "sf", "Account", "c3"))


def outside(lake):
    return lake.cursors("sf"), lake.mapping_digests("sf"), lake.counts(), lake.pulls(), lake.quarantine().to_pylist()


@pytest.mark.parametrize("keep_history", [True, False])
def test_no_view_changes(feed, make, keep_history) -> None:
    history(feed, make)
    lake, now = feed.lake, feed.view(*TABLES)
    assert all(now[table] for table in ("account", "ticket", USAGE, ROLLUP, "identity_finding", "delivery"))
    past = {n: feed.view(*TABLES, known=feed.moment(n)) for n in (1, 2)} if keep_history else {}
    known = outside(lake)
    for _ in range(2):
        lake.fold(keep_history=keep_history)
        lake.sweep()
        assert feed.view(*TABLES) == now
        assert outside(lake) == known
    assert {n: feed.view(*TABLES, known=feed.moment(n)) for n in past} == past
    assert len(lake.manifests()) == 1


def test_history_that_was_dropped_is_refused_not_invented(feed, make) -> None:
    history(feed, make)
    feed.lake.fold()
    assert feed.view("ticket", known=feed.moment(3)) == feed.view("ticket")
    with pytest.raises(DataError, match="folded without its history"):
        feed.view("ticket", known=feed.moment(2))
    feed.lake.fold(keep_history=True)
    with pytest.raises(DataError, match="folded without its history"):
        feed.view("ticket", known=feed.moment(2))


@pytest.mark.parametrize(("keep_history", "run"), [(True, 1), (False, 3)])
def test_the_lake_says_since_when_it_can_tell_what_was_known(feed, make, keep_history, run) -> None:
    assert feed.lake.known_since() is None
    history(feed, make)
    assert feed.lake.known_since() == feed.moment(1)
    feed.lake.fold(keep_history=keep_history)
    assert feed.lake.known_since() == feed.moment(run)
    assert feed.view("account", known=feed.lake.known_since())["account"]


def test_a_folded_lake_goes_on_as_if_it_were_not(feed, make) -> None:
    history(feed, make)
    feed.lake.fold()
    again = feed.run(("rows", "sf", "account", [{"id": "sf:1", "name": "uno", "match_key": "K"}]))
    assert again.counts["sf"]["account"].written == 0
    feed.run(("rows", "usage", USAGE, [make.usage("usage:K", make.start.date(), "z")]))
    assert sorted(row["user"] for row in feed.view(USAGE)[USAGE]) == ["w", "z"]


def test_folding_leaves_one_file_per_entity_and_connection_and_sweep_the_rest(feed, make) -> None:
    history(feed, make)
    manifest = feed.lake.fold()
    records = [(file.entity, file.connection) for file in manifest.files if file.entity not in (USAGE, ROLLUP)]
    assert len(records) == len(set(records))
    gone = feed.lake.sweep()
    assert any(path.startswith("manifests/") for path in gone)
    root = feed.lake.root
    there = {path.relative_to(root).as_posix() for path in root.glob("facts/*/*")}
    assert there == manifest.referenced()
    assert feed.lake.sweep() == []


def test_readers_at_work_are_not_disturbed_by_a_fold_and_a_sweep(feed, make) -> None:
    history(feed, make)
    with feed.lake.snapshot(until=make.start.date(), homes=["sf"], match={"usage": "id"}) as snapshot:
        feed.lake.fold()
        feed.lake.sweep()
        assert snapshot.table("account").num_rows == 2
        assert snapshot.table(USAGE).num_rows == 1


def test_a_reader_whose_files_are_swept_away_reads_the_folded_ones(feed, make, monkeypatch) -> None:
    history(feed, make)
    now, build = feed.view("account", USAGE), store.make_snapshot

    def overtaken(*args, **options):
        if len(feed.lake.manifests()) > 1:
            feed.lake.fold()
            feed.lake.sweep()
        return build(*args, **options)

    monkeypatch.setattr(store, "make_snapshot", overtaken)
    assert feed.view("account", USAGE) == now
    assert len(feed.lake.manifests()) == 1


def test_an_empty_lake_folds_to_nothing(feed) -> None:
    assert feed.lake.fold() is None
    assert feed.view("account") == {"account": []}
