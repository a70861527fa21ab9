"""Who is who: by declared key, never by name; what fits nobody or two is listed, not guessed."""

from __future__ import annotations

from datetime import date

import pytest

from csconnect.errors import ConfigError

DAY = date(2026, 3, 1)


def accounts(connection, **keys):
    """Accounts of a connection: id=match key."""
    return (
        "rows",
        connection,
        "account",
        [{"id": f"{connection}:{bare}", "name": "same name", "match_key": key} for bare, key in keys.items()],
    )


def tickets(connection, **to):
    """Tickets of a connection: id=account (bare)."""
    return (
        "rows",
        connection,
        "ticket",
        [
            {"id": f"{connection}:{bare}", "account_id": account and f"{connection}:{account}", "opened_at": None}
            for bare, account in to.items()
        ],
    )


def who(feed, *, homes=("sf", "hs"), match=None):
    """Homes, ticket -> account, findings, links."""
    with feed.lake.snapshot(until=DAY, homes=homes, match={"usage": "id"} if match is None else match) as snapshot:
        rows = {
            name: snapshot.table(name).to_pylist() for name in ("account", "ticket", "identity_finding", "account_link")
        }
    return (
        sorted(row["id"] for row in rows["account"]),
        {row["id"]: row["account_id"] for row in rows["ticket"]},
        {(row["account_id"], row["reason"]): row["rows"] for row in rows["identity_finding"]},
        {row["source_account_id"]: row["account_id"] for row in rows["account_link"]},
    )


def test_accounts_with_one_key_are_one_customer_at_home_in_the_first_connection(feed) -> None:
    feed.run(accounts("sf", s="K"), accounts("hs", h="K", other=None), tickets("hs", t="h", u="other"))
    homes, to, findings, links = who(feed)
    assert homes == ["hs:other", "sf:s"]
    assert to == {"hs:t": "sf:s", "hs:u": "hs:other"}
    assert findings == {}
    assert links == {"sf:s": "sf:s", "hs:h": "sf:s", "hs:other": "hs:other"}
    assert who(feed, homes=("hs", "sf"))[0] == ["hs:h", "hs:other"]


def test_a_name_never_joins(feed) -> None:
    feed.run(accounts("sf", s=None), accounts("hs", h=""))
    assert who(feed)[0] == ["hs:h", "sf:s"]


def test_a_key_carried_twice_at_home_joins_nothing_and_is_listed(feed, make) -> None:
    feed.run(
        accounts("sf", a="K", b="K"),
        accounts("hs", h="K"),
        tickets("sf", t="a"),
        tickets("hs", u="h"),
        ("rows", "usage", "usage_day", [make.usage("usage:K", DAY), make.usage("usage:K", DAY, "v")]),
    )
    homes, to, findings, _ = who(feed)
    assert homes == ["hs:h", "sf:a", "sf:b"]
    assert to == {"sf:t": "sf:a", "hs:u": "hs:h"}
    assert findings == {
        ("usage:K", "ambiguous"): 2,
        ("sf:a", "ambiguous"): 0,
        ("sf:b", "ambiguous"): 0,
        ("hs:h", "ambiguous"): 0,
    }


def test_a_key_carried_twice_elsewhere_does_not_harm_the_home(feed, make) -> None:
    feed.run(
        accounts("sf", s="K"),
        accounts("hs", a="K", b="K"),
        ("rows", "usage", "usage_day", [make.usage("usage:K", DAY)]),
    )
    homes, _, findings, links = who(feed)
    assert homes == ["hs:a", "hs:b", "sf:s"]
    assert links["usage:K"] == "sf:s"
    assert set(findings) == {("hs:a", "ambiguous"), ("hs:b", "ambiguous")}


def test_rows_that_name_nobody_are_left_out_and_counted(feed, make) -> None:
    feed.run(
        accounts("sf", s="K"),
        tickets("sf", t="s", lost="9", free=None),
        ("rows", "usage", "usage_day", [make.usage("usage:X", DAY), make.usage("usage:X", DAY, "v")]),
    )
    _, to, findings, _ = who(feed)
    assert to == {"sf:t": "sf:s", "sf:free": None}
    assert findings == {("sf:9", "unmatched"): 1, ("usage:X", "unmatched"): 2}


def test_an_account_of_a_connection_without_homes_needs_a_match(feed) -> None:
    feed.run(accounts("sf", s="K"), accounts("desk", d="K", e="L"), tickets("desk", t="d", u="e"))
    homes, to, findings, _ = who(feed, homes=("sf",))
    assert homes == ["sf:s"]
    assert to == {"desk:t": "sf:s"}
    assert findings == {("desk:e", "unmatched"): 2}


def test_merged_records_are_their_survivors_wherever_they_are_named(feed) -> None:
    feed.run(
        accounts("sf", a=None, b=None, c=None),
        tickets("sf", t="a"),
        ("rows", "sf", "contact", [{"id": f"sf:{n}", "account_id": "sf:a", "reports_to_id": "sf:y"} for n in "xyz"]),
    )
    feed.run(
        ("gone", "sf", "account", [("a", "b")]),
        ("gone", "sf", "account", [("b", "c")]),
        ("gone", "sf", "contact", [("y", "z")]),
    )
    homes, to, findings, _ = who(feed)
    assert (homes, to, findings) == (["sf:c"], {"sf:t": "sf:c"}, {})
    contacts = feed.view("contact")["contact"]
    assert [(row["id"], row["reports_to_id"], row["account_id"]) for row in contacts] == [
        ("sf:x", "sf:z", "sf:c"),
        ("sf:z", "sf:z", "sf:c"),
    ]
    before = feed.view("ticket", known=feed.moment(1))["ticket"]
    assert before[0]["account_id"] == "sf:a"


def test_an_id_that_comes_back_to_life_is_itself_again(feed) -> None:
    feed.run(accounts("sf", a=None, b=None), tickets("sf", t="a"))
    feed.run(("gone", "sf", "account", [("a", "b")]))
    feed.run(accounts("sf", a=None))
    assert who(feed)[:3] == (["sf:a", "sf:b"], {"sf:t": "sf:a"}, {})


def test_a_circle_of_merges_ends(feed) -> None:
    feed.run(accounts("sf", a=None, b=None), tickets("sf", t="a"))
    feed.run(("gone", "sf", "account", [("a", "b"), ("b", "a")]))
    assert who(feed)[:3] == ([], {}, {("sf:a", "unmatched"): 1})


def test_the_key_of_a_merged_account_leads_to_its_survivor(feed, make) -> None:
    """Usage and the other CRM go on naming the old key."""
    feed.run(
        accounts("sf", a="K", b="L"),
        accounts("hs", h="K"),
        tickets("hs", t="h"),
        ("rows", "usage", "usage_day", [make.usage("usage:K", DAY)]),
    )
    feed.run(("gone", "sf", "account", [("a", "b")]))
    homes, to, findings, links = who(feed)
    assert (homes, to, findings) == (["sf:b"], {"hs:t": "sf:b"}, {})
    assert links["usage:K"] == "sf:b"
    feed.run(accounts("sf", c="K"))
    assert who(feed)[3]["usage:K"] == "sf:c"


def test_delivery_tells_none_from_nobody_told_us(feed, make) -> None:
    feed.run(
        accounts("sf", s="K", silent="L"),
        accounts("hs", h=None),
        ("pulled", "sf", "ticket"),
        ("rows", "usage", "usage_day", [make.usage("usage:K", DAY, modules=["order"])]),
        ("rows", "bare", "usage_day", [make.usage("bare:L", DAY)]),
    )
    with feed.lake.snapshot(until=DAY, homes=("sf", "hs"), match={"usage": "id", "bare": "id"}) as snapshot:
        told = {(row["account_id"], row["entity"]) for row in snapshot.table("delivery").to_pylist()}
    assert told == {
        ("sf:s", "account"),
        ("sf:s", "ticket"),
        ("sf:s", "usage_day"),
        ("sf:s", "usage_module_day"),
        ("sf:silent", "account"),
        ("sf:silent", "ticket"),
        ("sf:silent", "usage_day"),
        ("hs:h", "account"),
    }, "an export that names no modules does not say that none was used"
    feed.run(("pulled", "hs", "ticket"))
    feed.lake.fold(keep_history=True)
    for known, expected in ((feed.moment(1), False), (None, True)):
        assert (
            ("hs:h", "ticket")
            in {(row["account_id"], row["entity"]) for row in feed.view("delivery", known=known)["delivery"]}
        ) is expected


def test_one_module_named_by_two_connections_is_one_module(feed) -> None:
    for connection, name in (("sf", "old"), ("hs", "new")):
        feed.run(("rows", connection, "module", [{"id": "crm", "name": name, "core": True}]))
    (module,) = feed.view("module")["module"]
    assert module["name"] == "new"


def test_an_unknown_way_to_match_is_refused(feed) -> None:
    with pytest.raises(ConfigError, match="match_key or id"):
        who(feed, match={"usage": "name"})


def test_a_home_connection_may_name_its_accounts_by_match_key(feed, make) -> None:
    """A folder of exports: accounts by record id, usage by customer number. An account's id always goes before a key."""
    feed.run(
        accounts("sf", s="K", K2="other", t="K2"),
        tickets("sf", one="s", two="K", three="K2", four="nobody"),
        ("rows", "sf", "usage_day", [make.usage("sf:K", DAY)]),
    )
    with feed.lake.snapshot(until=DAY, homes=("sf",), match={}) as snapshot:
        used = {row["account_id"] for row in snapshot.table("usage_day").to_pylist()}
    _, to, findings, _ = who(feed, homes=("sf",), match={})
    assert to == {"sf:one": "sf:s", "sf:two": "sf:s", "sf:three": "sf:K2"}
    assert used == {"sf:s"}
    assert findings == {("sf:nobody", "unmatched"): 1}
