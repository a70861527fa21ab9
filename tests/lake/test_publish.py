"""What a run adds: only news, all of it or nothing of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from csconnect.errors import DataError, TransientError
from csconnect.lake import Lake

ANN = {"id": "sf:1", "name": "Ann", "_version": "1"}


def accounts(*rows):
    return "rows", "sf", "account", list(rows)


def test_an_unchanged_row_is_not_written_again(feed) -> None:
    feed.run(accounts(ANN))
    again = feed.run(accounts({**ANN, "_version": "2"}))
    assert again.files == ()
    assert again.counts["sf"]["account"].model_dump() == {"delivered": 1, "written": 0, "deleted": 0, "live": 1}


@pytest.mark.parametrize("news", [{"name": "Anne"}, {"industry": "law"}, {"_owned": '{"health_score": 7}'}])
def test_any_change_of_a_column_or_of_our_own_fields_is_written(feed, news) -> None:
    feed.run(accounts(ANN))
    assert feed.run(accounts({**ANN, **news})).counts["sf"]["account"].written == 1
    (row,) = feed.view("account")["account"]
    assert row.items() >= news.items()


def test_a_value_that_changed_and_changed_back_is_the_old_value(feed) -> None:
    for name in ("Ann", "Eve", "Ann"):
        feed.run(accounts({**ANN, "name": name}))
    names = [feed.view("account", known=feed.moment(n))["account"][0]["name"] for n in (1, 2, 3)]
    assert names == ["Ann", "Eve", "Ann"]


def test_text_null_is_not_no_value(feed) -> None:
    feed.run(accounts({**ANN, "industry": "null"}))
    assert feed.run(accounts({**ANN, "industry": None})).counts["sf"]["account"].written == 1


def test_the_newest_version_in_a_run_wins_whatever_the_order(feed) -> None:
    feed.run(accounts({**ANN, "name": "new", "_version": "2"}), accounts({**ANN, "name": "old", "_version": "1"}))
    assert feed.view("account")["account"][0]["name"] == "new"


def test_a_deletion_counts_unless_the_record_came_after_it(feed) -> None:
    gone = ("gone", "sf", "account", [("1", None)])
    feed.run(accounts(ANN), gone)
    assert feed.view("account") == {"account": []}
    feed.run(gone, accounts(ANN))
    assert len(feed.view("account")["account"]) == 1
    feed.run(gone)
    assert feed.view("account") == {"account": []}
    assert len(feed.view("account", known=feed.moment(2))["account"]) == 1


def test_a_record_that_comes_back_unchanged_is_back(feed) -> None:
    gone = ("gone", "sf", "account", [("1", None)])
    feed.run(accounts(ANN))
    feed.run(gone)
    feed.run(accounts(ANN))
    feed.run(accounts(ANN), gone)
    there = [len(feed.view("account", known=feed.moment(n))["account"]) for n in (1, 2, 3, 4)]
    assert there == [1, 0, 1, 0]
    assert feed.lake.counts()["sf"]["account"].live == 0


def test_deleting_what_nobody_knows_leaves_nothing(feed) -> None:
    assert feed.run(("gone", "sf", "account", [("9", None)])).files == ()


def test_complete_deletes_what_did_not_come_but_not_what_was_set_aside(feed) -> None:
    feed.run(accounts(*({"id": f"sf:{n}", "name": "x"} for n in range(1, 5))), ("rows", "hs", "account", []))
    feed.run(accounts({"id": "sf:1", "name": "x"}), ("reject", "sf", "account", ["2"]), ("complete", "sf", "account"))
    assert [row["id"] for row in feed.view("account")["account"]] == ["sf:1", "sf:2"]
    assert feed.lake.counts()["sf"]["account"].live == 2


def test_complete_leaves_other_connections_alone(feed) -> None:
    feed.run(accounts(ANN), ("rows", "hs", "account", [{"id": "hs:1", "name": "h"}]))
    feed.run(("complete", "sf", "account"))
    assert [row["id"] for row in feed.view("account")["account"]] == ["hs:1"]


def test_events_are_seen_up_to_and_with_the_day_in_utc(feed, make) -> None:
    day = make.start.replace(hour=0)
    minutes = {"first": -1, "start": 0, "end": 24 * 60 - 1, "next": 24 * 60}
    at = {f"sf:{name}": day + timedelta(minutes=offset) for name, offset in minutes.items()}
    feed.run(("rows", "sf", "ticket", [{"id": bare, "opened_at": opened} for bare, opened in at.items()]))
    feed.run(("rows", "sf", "contract", [{"id": "sf:undated"}, {"id": "sf:later", "signed_on": date(2030, 1, 1)}]))
    view = feed.view("ticket", "contract", until=day.date())
    assert {row["id"] for row in view["ticket"]} == {"sf:first", "sf:start", "sf:end"}
    assert [row["id"] for row in view["contract"]] == ["sf:undated"]


def test_deleted_tasks_are_shown_to_write_back_with_their_last_values(feed) -> None:
    task = {"id": "sf:t", "account_id": "sf:1", "key": "k", "status": "open", "_owned": "{}"}
    feed.run(accounts(ANN), ("rows", "sf", "task", [task]))
    feed.run(("gone", "sf", "task", [("t", None)]))
    with feed.lake.snapshot(until=feed.moment(9).date(), homes=["sf"], match={}) as snapshot:
        assert snapshot.table("task").num_rows == snapshot.existing("task").num_rows == 0
        (row,) = snapshot.existing("task", gone=True).to_pylist()
    assert (row["_deleted"], row["key"], row["_record"], row["account_id"]) == (True, "k", "t", "sf:1")
    assert row["_known_at"] == feed.moment(2)


def test_existing_accounts_are_the_homes_with_our_fields(feed) -> None:
    feed.run(
        accounts({**ANN, "match_key": "K", "_owned": '{"health_score": 7}'}),
        ("rows", "hs", "account", [{"id": "hs:5", "name": "h", "match_key": "K"}]),
        ("rows", "hs", "opportunity", [{"id": "hs:o", "account_id": "hs:5", "status": "open"}]),
    )
    with feed.lake.snapshot(until=feed.moment(9).date(), homes=["sf", "hs"], match={}) as snapshot:
        (account,) = snapshot.existing("account").to_pylist()
        (opportunity,) = snapshot.existing("opportunity").to_pylist()
        with pytest.raises(DataError, match="writes no records"):
            snapshot.existing("ticket")
    assert (account["_connection"], account["_record"], account["_owned"]) == ("sf", "1", '{"health_score": 7}')
    assert (opportunity["_connection"], opportunity["_record"], opportunity["account_id"]) == ("hs", "o", "sf:1")


def test_a_record_leaves_the_quarantine_when_it_comes_fine_even_unchanged(feed) -> None:
    def aside():
        return [row["source_id"] for row in feed.lake.quarantine().to_pylist()]

    feed.run(accounts(ANN))
    feed.run(("reject", "sf", "account", ["1", "2"]), ("reject", "hs", "account", ["1"]))
    assert aside() == ["1", "1", "2"]
    feed.run(("reject", "sf", "account", ["2"]))
    assert aside() == ["1", "1", "2"]
    feed.run(accounts(ANN))
    assert aside() == ["1", "2"]
    feed.run(("gone", "sf", "account", [("2", None)]))
    assert [row["_connection"] for row in feed.lake.quarantine().to_pylist()] == ["hs"]


def test_cursors_and_digests_are_published_with_the_rows_and_never_before(feed) -> None:
    feed.run(accounts(ANN), ("cursor", "sf", "Account", "c1"))
    with feed.begin(accounts({**ANN, "name": "Eve"}), ("cursor", "sf", "Account", "c2")):
        assert feed.lake.cursors("sf") == {"Account": "c1"}
    assert feed.lake.cursors("sf") == {"Account": "c1"}
    feed.run(("cursor", "sf", "Contact", "c3"))
    assert feed.lake.cursors("sf") == {"Account": "c1", "Contact": "c3"}
    assert feed.lake.mapping_digests("sf") == {"sf-account": "digest"}
    assert feed.lake.pulls() == {"sf": "r3"}


def test_the_order_of_runs_is_the_order_of_instants_even_if_the_clock_stands_still(feed) -> None:
    lake, now = feed.lake, datetime(2026, 1, 1, tzinfo=UTC)
    moments = []
    for number, skew in enumerate((0, 0, -3600)):
        with lake.begin(f"run{number}", now + timedelta(seconds=skew)) as run:
            run.cursor("sf", "Account", str(number))
            moments.append(run.publish().known_at)
    assert moments == sorted(set(moments))


def test_only_one_writes(feed) -> None:
    with feed.begin(accounts(ANN)) as run:
        with pytest.raises(TransientError, match=r"process \d+"):
            Lake(feed.lake.root).begin("other", feed.moment(5))
        run.publish()
    with feed.begin() as run:
        run.publish()


@pytest.mark.parametrize("name", ["../up", "a/b", "a:b", "", ".hidden", "a b"])
def test_names_that_would_not_stay_in_their_place_are_refused(feed, name) -> None:
    with feed.begin() as run, pytest.raises(DataError, match="letters, digits"):
        run.pulled(name, "account", "m", "d")
    with pytest.raises(DataError, match="letters, digits"):
        feed.lake.begin(name, feed.moment(9))
    feed.run()


@pytest.mark.parametrize("entity", ["usage_module_day", "unknown"])
def test_entities_that_nobody_can_deliver_are_refused(feed, entity) -> None:
    with feed.begin() as run, pytest.raises(DataError, match="cannot be delivered"):
        run.pulled("sf", entity, "m", "d")


def test_a_batch_of_another_shape_is_refused_and_nothing_becomes_visible(feed, make) -> None:
    wrong = make.batch("ticket", [{"id": "sf:1", "opened_at": make.start}])
    with feed.begin(accounts(ANN)) as run, pytest.raises(DataError, match="does not fit"):
        run.append("sf", "account", wrong, "m", "d")
    assert feed.lake.manifests() == ()
