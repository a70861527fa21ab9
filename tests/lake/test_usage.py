"""Usage is rolled up at the end of the pull, and a delivered day replaces that day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect.lake import usage as usage_module

D1, D2, D3 = (date(2026, 3, n) for n in (1, 2, 3))
ACCOUNT = ("rows", "sf", "account", [{"id": "sf:1", "name": "a", "match_key": "K"}])


def rows(*deliveries, connection="usage"):
    return "rows", connection, "usage_day", list(deliveries)


def seen(feed, **when):
    view = feed.view("usage_day", **when)["usage_day"]
    return sorted((row["day"], row["user"], row["logins"]) for row in view)


def test_rows_of_one_user_and_day_become_one(feed, make) -> None:
    feed.run(
        ACCOUNT, rows(make.usage("usage:K", D1, "u", ["b", "a"], 2)), rows(make.usage("usage:K", D1, "u", ["c", "a"]))
    )
    view = feed.view("usage_day", "usage_module_day")
    (row,) = view["usage_day"]
    assert (row["account_id"], row["modules"], row["logins"]) == ("sf:1", ["a", "b", "c"], 3)
    assert sorted((row["module"], row["users"]) for row in view["usage_module_day"]) == [("a", 1), ("b", 1), ("c", 1)]


def test_a_delivered_day_replaces_that_day_of_that_connection_only(feed, make) -> None:
    other = rows(make.usage("more:K", D1, "z"), connection="more")
    feed.run(ACCOUNT, rows(make.usage("usage:K", D1, "u"), make.usage("usage:K", D2, "u")), other)
    feed.run(rows(make.usage("usage:K", D1, "v")))
    match = {"usage": "id", "more": "id"}
    with feed.lake.snapshot(until=D3, homes=["sf"], match=match) as snapshot:
        now = sorted((row["day"], row["user"]) for row in snapshot.table("usage_day").to_pylist())
    assert now == [(D1, "v"), (D1, "z"), (D2, "u")]
    assert seen(feed, known=feed.moment(1)) == [(D1, "u", 1), (D2, "u", 1)]


def test_counts_follow_the_days(feed, make) -> None:
    feed.run(ACCOUNT, rows(*(make.usage("usage:K", D1, user) for user in "abc"), make.usage("usage:K", D2)))
    feed.run(rows(make.usage("usage:K", D1)))
    assert feed.lake.counts()["usage"]["usage_day"].live == 2
    feed.run(rows(make.usage("usage:K", D3)), ("complete", "usage", "usage_day"))
    count = feed.lake.counts()["usage"]["usage_day"]
    assert (count.delivered, count.deleted, count.live) == (1, 2, 1)
    assert seen(feed) == [(D3, "u", 1)]
    assert len(seen(feed, known=feed.moment(2))) == 2


def test_usage_lies_within_the_horizon(feed, make) -> None:
    feed.run(ACCOUNT, rows(*(make.usage("usage:K", D1 + timedelta(days=n)) for n in range(10))))
    with feed.lake.snapshot(
        until=D1 + timedelta(days=7), homes=["sf"], match={"usage": "id"}, horizon_days=3
    ) as snapshot:
        for table in ("usage_day", "usage_module_day"):
            days = {row["day"] for row in snapshot.table(table).to_pylist()}
            assert days <= {D1 + timedelta(days=n) for n in (5, 6, 7)}
        assert snapshot.table("usage_day").num_rows == 3


def test_two_names_of_one_account_are_one_user_base(feed, make) -> None:
    match = {"usage": "id", "more": "id"}
    feed.run(
        ACCOUNT,
        rows(make.usage("usage:K", D1, "u", ["m"])),
        rows(make.usage("more:K", D1, "u", ["m"]), make.usage("more:K", D1, "v", ["m"]), connection="more"),
    )
    with feed.lake.snapshot(until=D3, homes=["sf"], match=match) as snapshot:
        users = sorted((row["user"], row["logins"]) for row in snapshot.table("usage_day").to_pylist())
        (module,) = snapshot.table("usage_module_day").to_pylist()
    assert users == [("u", 2), ("v", 1)]
    assert module["users"] == 2


@settings(max_examples=3, deadline=None)
@given(
    deliveries=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from("uvw"), st.sets(st.sampled_from("abc"))), min_size=1, max_size=20
    ),
    chunk=st.integers(1, 10),
)
def test_neither_chunks_nor_order_change_the_roll_up(deliveries, chunk, feed_of, make, tmp_path_factory) -> None:
    def views(size, order):
        feed = feed_of(tmp_path_factory.mktemp("lake") / "lake")
        usage_module.CHUNK, kept = size, usage_module.CHUNK
        try:
            feed.run(ACCOUNT, rows(*(make.usage("usage:K", D1 + timedelta(days=n), u, m) for n, u, m in order)))
        finally:
            usage_module.CHUNK = kept
        return feed.view("usage_day", "usage_module_day")

    whole = views(10_000, deliveries)
    assert views(chunk, deliveries[::-1]) == whole
    users = {(row["day"], row["user"]) for row in whole["usage_day"]}
    assert users == {(D1 + timedelta(days=n), user) for n, user, _ in deliveries}
    for row in whole["usage_module_day"]:
        assert row["users"] == sum(row["module"] in u["modules"] for u in whole["usage_day"] if u["day"] == row["day"])
