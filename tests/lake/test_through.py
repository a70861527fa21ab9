"""How far a source has told: what lets a signal tell "none lately" from "it fell silent"."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

ACCOUNT = ("rows", "sf", "account", [{"id": "sf:1", "name": "a", "match_key": "K"}])
FAR = date(2030, 1, 1)


def through(feed, *, until=FAR, known=None, account="sf:1", match=None):
    """Entity -> the day up to which it was told."""
    match = {"usage": "id", "more": "id"} if match is None else match
    with feed.lake.snapshot(until=until, known=known, homes=["sf", "hs"], match=match, horizon_days=4000) as snapshot:
        rows = snapshot.table("delivery").to_pylist()
    assert len(rows) == len({(row["account_id"], row["entity"]) for row in rows}), "one row an account and entity"
    return {row["entity"]: row["through"] for row in rows if row["account_id"] == account}


def used(make, *days, connection="usage", modules=("m",)):
    return "rows", connection, "usage_day", [make.usage(f"{connection}:K", day, modules=modules) for day in days]


def day(feed, run):
    return feed.moment(run).date()


def test_records_are_told_up_to_the_day_of_the_newest_delivery(feed) -> None:
    feed.run(ACCOUNT, ("pulled", "sf", "ticket"))
    feed.run(("pulled", "sf", "account"))
    assert through(feed) == {"account": day(feed, 2), "ticket": day(feed, 1)}


def test_usage_is_told_up_to_its_newest_day_however_often_it_is_pulled(feed, make) -> None:
    """The pull runs every night; the export it reads stopped. The newest day says so, the date of the pull would not."""
    last = date(2025, 11, 3)
    feed.run(ACCOUNT, used(make, last - timedelta(days=1), last))
    feed.run(("pulled", "usage", "usage_day"))
    feed.run(used(make, last - timedelta(days=1)))
    told = through(feed)
    assert (told["usage_day"], told["usage_module_day"]) == (last, last)


def test_a_day_that_a_complete_delivery_left_out_was_told_by_nobody(feed, make) -> None:
    first, second = date(2025, 11, 3), date(2025, 11, 4)
    feed.run(ACCOUNT, used(make, first, second))
    feed.run(used(make, first), ("complete", "usage", "usage_day"))
    assert through(feed)["usage_day"] == first
    assert through(feed, known=feed.moment(1))["usage_day"] == second


def test_it_is_the_connection_that_tells_not_the_account(feed, make) -> None:
    """An account that nobody used last month is not one of which nobody tells."""
    other = ("rows", "sf", "account", [{"id": "sf:2", "name": "b", "match_key": "L"}])
    late = date(2025, 12, 3)
    feed.run(ACCOUNT, other, used(make, date(2025, 11, 3)))
    feed.run(("rows", "usage", "usage_day", [make.usage("usage:L", late)]))
    assert through(feed)["usage_day"] == late


@pytest.mark.parametrize("until", [date(2025, 11, 3), date(2026, 1, 2)])
def test_nothing_is_told_of_days_after_the_one_that_is_judged(feed, make, until) -> None:
    feed.run(ACCOUNT, used(make, date(2025, 11, 3), date(2026, 1, 20)))
    feed.run(("pulled", "sf", "account"))
    assert through(feed, until=until)["account"] == min(until, day(feed, 2))
    assert through(feed, until=until)["usage_day"] == date(2025, 11, 3)


def test_usage_that_begins_later_reaches_nowhere(feed, make) -> None:
    feed.run(ACCOUNT, used(make, date(2026, 1, 20), modules=()))
    assert through(feed, until=date(2026, 1, 10), match={"usage": "match_key"}) == {"account": day(feed, 1)}
    bare = ("rows", "sf", "usage_day", [make.usage("sf:1", date(2026, 1, 20))])
    feed.run(bare)
    assert through(feed, until=date(2026, 1, 10))["usage_day"] is None


def test_the_one_of_two_connections_that_told_last_counts(feed, make) -> None:
    feed.run(
        ACCOUNT,
        ("rows", "hs", "account", [{"id": "hs:1", "name": "h", "match_key": "K"}]),
        ("pulled", "sf", "ticket"),
        used(make, date(2025, 11, 3)),
        used(make, date(2025, 11, 9), connection="more", modules=()),
    )
    feed.run(("pulled", "hs", "ticket"))
    told = through(feed)
    assert told["ticket"] == day(feed, 2)
    assert told["usage_day"] == date(2025, 11, 9)
    assert told["usage_module_day"] == date(2025, 11, 3), "the other one names no modules"


def runs(feed):
    """Three deliveries of tickets, the second of accounts as well."""
    feed.run(ACCOUNT, ("pulled", "sf", "ticket"))
    feed.run(("pulled", "sf", "account"), ("pulled", "sf", "ticket"))
    feed.run(("pulled", "sf", "ticket"))


@pytest.mark.parametrize("times", [0, 1, 2])
def test_as_known_only_what_was_delivered_by_then(feed, times) -> None:
    runs(feed)
    for _ in range(times):
        feed.lake.fold(keep_history=True)
    found = [through(feed, known=feed.moment(n) + timedelta(hours=1)) for n in (1, 2, 3)]
    assert [told["ticket"] for told in found] == [day(feed, n) for n in (1, 2, 3)]
    assert [told["account"] for told in found] == [day(feed, n) for n in (1, 2, 2)]


def test_a_fold_without_history_keeps_the_newest_and_a_later_run_goes_on(feed) -> None:
    runs(feed)
    feed.lake.fold()
    feed.lake.sweep()
    assert through(feed) == {"account": day(feed, 2), "ticket": day(feed, 3)}
    (folded,) = feed.lake.manifests()
    assert folded.folded.told == {"sf": {"account": (feed.moment(2),), "ticket": (feed.moment(3),)}}
    feed.run(("pulled", "sf", "account"))
    assert through(feed) == {"account": day(feed, 4), "ticket": day(feed, 3)}


def test_several_runs_on_one_day_are_kept_as_one(feed) -> None:
    feed.moment = on_one_day
    runs(feed)
    feed.lake.fold(keep_history=True)
    (folded,) = feed.lake.manifests()
    assert folded.folded.told["sf"]["ticket"] == (on_one_day(1),)


def on_one_day(number):
    return datetime(2026, 1, 1, number, tzinfo=UTC)


def test_of_a_lake_folded_before_this_was_kept_nothing_is_invented(feed, make) -> None:
    feed.run(ACCOUNT, ("pulled", "sf", "ticket"), used(make, date(2025, 11, 3)))
    feed.lake.fold()
    feed.lake.sweep()
    (path,) = (feed.lake.root / "manifests").glob("*.json")
    content = json.loads(path.read_text("utf-8"))
    del content["folded"]["told"]
    path.write_text(json.dumps(content), "utf-8")
    known = {"usage_day": date(2025, 11, 3), "usage_module_day": date(2025, 11, 3)}
    assert through(feed) == {"account": None, "ticket": None} | known
    feed.run(("pulled", "sf", "ticket"))
    assert through(feed) == {"account": None, "ticket": day(feed, 2)} | known
