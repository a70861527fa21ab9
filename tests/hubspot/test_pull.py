"""Reading an emulated portal: nothing is lost, nothing is made up, and a pull goes on from every page."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from csconnect.connectors.protocols import PullRequest
from csconnect.errors import DataError

START = datetime(2024, 1, 15, 12, tzinfo=UTC)


def companies(first: int, last: int, at: datetime = START - timedelta(days=30), **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": str(n), "name": f"c{n}", "createdate": at.isoformat(), "hs_lastmodifieddate": at.isoformat(), **more}
        for n in range(first, last)
    ]


def test_a_first_pull_reads_everything_and_goes_on_from_any_page(emulated: Any) -> None:
    emulated.load("companies", *companies(1, 251))
    whole = emulated.pull("companies", "hs_object_id", "name")
    assert sorted(map(int, whole.ids)) == list(range(1, 251))
    assert whole.rows[0] == {"hs_object_id": whole.ids[0], "name": f"c{whole.ids[0]}"}
    assert whole.gone == {}
    assert [page.complete for page in whole.pages] == [False, False, False, True]
    for place, page in enumerate(whole.pages[:-1]):
        if page.cursor:
            rest = emulated.pull("companies", "hs_object_id", "name", cursor=page.cursor)
            assert rest.ids == [row["hs_object_id"] for later in whole.pages[place + 1 :] for row in later.rows]
            assert not any(page.complete for page in rest.pages)


def test_a_later_pull_reads_what_changed_since_the_overlap_inclusive(emulated: Any) -> None:
    emulated.load("companies", *companies(1, 20))
    first = emulated.pull("companies", "hs_object_id")
    edge = START - timedelta(minutes=10)
    emulated.load("companies", *companies(30, 31, edge), *companies(31, 32, edge - timedelta(milliseconds=1)))
    emulated.store.update("hubspot", "companies", "7", {"name": "new"})
    emulated.wait(minutes=1)
    second = emulated.pull("companies", "hs_object_id", "name", cursor=first.cursor)
    assert second.ids == ["7", "30"]
    emulated.wait(hours=1)
    third = emulated.pull("companies", "hs_object_id", cursor=second.cursor)
    assert emulated.pull("companies", "hs_object_id", cursor=third.cursor).ids == []


def test_a_bulk_edit_beyond_the_search_limit_loses_nothing(emulated: Any) -> None:
    emulated.limits["search_cap"] = 200
    first = emulated.pull("companies", "hs_object_id")
    emulated.load("companies", *companies(1, 1002, START))
    emulated.wait(minutes=1)
    second = emulated.pull("companies", "hs_object_id", cursor=first.cursor)
    assert second.ids == [str(n) for n in range(1, 1002)]
    rest = emulated.pull("companies", "hs_object_id", cursor=second.cursors[1])
    assert rest.ids == [str(n) for n in range(401, 1002)]


def test_what_the_index_shows_late_comes_with_the_next_pull(emulated: Any) -> None:
    emulated.limits["search_lag_ms"] = 60_000
    first = emulated.pull("companies", "hs_object_id")
    emulated.wait(minutes=30)
    emulated.store.insert("hubspot", "companies", "5", {"name": "late"})
    second = emulated.pull("companies", "hs_object_id", cursor=first.cursor)
    assert second.ids == []
    emulated.wait(minutes=5)
    assert emulated.pull("companies", "hs_object_id", cursor=second.cursor).ids == ["5"]


def test_deleted_records_are_reported_once_they_are_news(emulated: Any) -> None:
    emulated.load("companies", *companies(1, 6))
    emulated.store.delete("hubspot", "companies", "1")
    emulated.wait(hours=1)
    first = emulated.pull("companies", "hs_object_id")
    assert (first.ids, first.gone) == (["2", "3", "4", "5"], {})
    emulated.wait(minutes=1)
    emulated.store.delete("hubspot", "companies", "3")
    emulated.wait(minutes=1)
    second = emulated.pull("companies", "hs_object_id", cursor=first.cursor)
    assert (second.ids, second.gone) == ([], {"3": None})


def test_deletions_are_looked_for_as_far_back_as_changes(emulated: Any) -> None:
    first = emulated.pull("companies", "hs_object_id")
    edge = START - timedelta(minutes=10)
    emulated.load("companies", *companies(1, 2, edge, archived=True))
    emulated.load("companies", *companies(2, 3, edge - timedelta(milliseconds=1), archived=True))
    assert emulated.pull("companies", "hs_object_id", cursor=first.cursor).gone == {"1": None}


def test_a_merged_record_points_to_its_survivor(emulated: Any) -> None:
    emulated.load("companies", *companies(1, 6))
    first = emulated.pull("companies", "hs_object_id")
    path = emulated.hub.portal.paths.objects("companies", "merge")
    emulated.hub.portal.post(path, {"primaryObjectId": "2", "objectIdToMerge": "4"})
    emulated.wait(minutes=1)
    second = emulated.pull("companies", "hs_object_id", cursor=first.cursor)
    assert (second.ids, second.gone) == (["2"], {"4": "2"})
    assert emulated.pull("companies", "hs_object_id").gone == {"4": "2"}


def test_a_record_that_leaves_the_condition_is_gone(emulated: Any) -> None:
    emulated.load("companies", *companies(1, 4, lifecyclestage="customer"), *companies(4, 6, lifecyclestage="lead"))
    where = "lifecyclestage=customer"
    first = emulated.pull("companies", "hs_object_id", where=where)
    assert first.ids == ["1", "2", "3"]
    emulated.store.update("hubspot", "companies", "2", {"lifecyclestage": "other"})
    emulated.store.update("hubspot", "companies", "5", {"lifecyclestage": "customer"})
    emulated.wait(minutes=1)
    second = emulated.pull("companies", "hs_object_id", cursor=first.cursor, where=where)
    assert (second.ids, second.gone) == (["5"], {"2": None})
    assert set(second.rows[0]) == {"hs_object_id"}


class TestRelations:
    FIELDS = ("hs_object_id", "associations.companies")

    def test_the_primary_company_wins_else_the_lowest_id(self, emulated: Any) -> None:
        emulated.load("companies", *companies(1, 12))
        emulated.load("deals", {"id": "100"}, {"id": "101"}, {"id": "102"})
        for company in ("2", "9", "11"):
            emulated.link("deals", "100", "companies", company)
            emulated.link("deals", "101", "companies", company)
        emulated.link("deals", "101", "companies", "11", "primary")
        rows = {row["hs_object_id"]: row["associations.companies"] for row in emulated.pull("deals", *self.FIELDS).rows}
        assert rows == {"100": "2", "101": "11", "102": None}

    def test_paths_go_on_behind_a_relation(self, emulated: Any) -> None:
        emulated.load("companies", *companies(1, 2))
        emulated.load("deals", {"id": "100", "deal_nature": "renewal"})
        emulated.load("line_items", {"id": "7", "name": "seat"}, {"id": "8", "name": "loose"})
        emulated.link("deals", "100", "companies", "1")
        emulated.link("line_items", "7", "deals", "100")
        beyond = ("associations.deals.deal_nature", "associations.deals.associations.companies")
        rows = emulated.pull("line_items", "name", "associations.deals", *beyond).rows
        assert rows == [
            {"name": "seat", "associations.deals": "100", beyond[0]: "renewal", beyond[1]: "1"},
            {"name": "loose", "associations.deals": None, beyond[0]: None, beyond[1]: None},
        ]

    def test_a_change_behind_a_relation_brings_the_rows_that_show_it(self, emulated: Any) -> None:
        long_ago = {"createdate": "2023-01-01T00:00:00Z"}
        emulated.load("companies", *companies(1, 3))
        emulated.load("deals", *({"id": id, "amount": "1", **long_ago} for id in ("100", "101")))
        emulated.load("line_items", *({"id": id, "name": "seat", **long_ago} for id in ("7", "8", "9")))
        for item, deal in (("7", "100"), ("8", "100"), ("9", "101")):
            emulated.link("line_items", item, "deals", deal)
        emulated.link("deals", "101", "companies", "2")
        shown = ("hs_object_id", "associations.deals.amount", "associations.deals.associations.companies.name")
        cursor = emulated.pull("line_items", *shown).cursor
        emulated.wait(hours=1)
        assert emulated.pull("line_items", *shown, cursor=cursor).rows == []
        emulated.store.update("hubspot", "deals", "100", {"amount": "5"})
        emulated.store.update("hubspot", "companies", "2", {"name": "New"})
        emulated.wait(minutes=1)
        second = emulated.pull("line_items", *shown, cursor=cursor)
        assert sorted(second.rows, key=lambda row: row["hs_object_id"]) == [
            {"hs_object_id": "7", shown[1]: "5", shown[2]: None},
            {"hs_object_id": "8", shown[1]: "5", shown[2]: None},
            {"hs_object_id": "9", shown[1]: "1", shown[2]: "New"},
        ]
        # Not for ever again (once more within the overlap), and not where only the id of the other record is shown.
        emulated.wait(hours=1)
        third = emulated.pull("line_items", *shown, cursor=second.cursor)
        assert emulated.pull("line_items", *shown, cursor=third.cursor).rows == []
        assert emulated.pull("line_items", "associations.deals", cursor=cursor).rows == []

    def test_a_changed_association_comes_with_the_weekly_sweep(self, emulated: Any) -> None:
        emulated.load("companies", *companies(1, 3))
        emulated.load("tickets", {"id": "50", "createdate": "2023-01-01T00:00:00Z"})
        emulated.link("tickets", "50", "companies", "1")
        first = emulated.pull("tickets", *self.FIELDS)
        emulated.store.associations.remove("hubspot", [("tickets", "50", "companies", "1")], any_label=True)
        emulated.link("tickets", "50", "companies", "2")
        emulated.wait(days=6)
        second = emulated.pull("tickets", *self.FIELDS, cursor=first.cursor)
        assert second.rows == []
        emulated.wait(days=1)
        third = emulated.pull("tickets", *self.FIELDS, cursor=second.cursor)
        assert third.rows == [{"hs_object_id": "50", "associations.companies": "2"}]
        emulated.wait(days=1)
        assert emulated.pull("tickets", *self.FIELDS, cursor=third.cursor).rows == []

    def test_more_associations_than_one_answer_holds_are_all_read(self, emulated: Any) -> None:
        from csconnect_hubspot.associations import related

        emulated.load("companies", *companies(1, 2))
        emulated.load("deals", *({"id": str(n)} for n in range(1000, 1700)))
        for n in range(1000, 1700):
            emulated.link("companies", "1", "deals", str(n))
        assert related(emulated.hub.portal, "companies", "deals", ["1"]) == {"1": [str(n) for n in range(1000, 1700)]}


def test_owners_come_whole_each_time_with_their_names_put_together(emulated: Any) -> None:
    emulated.load("owners", {"id": "1", "firstName": "伟", "lastName": "张"}, {"id": "2", "email": "b@x.example"})
    emulated.load("owners", {"id": "3", "firstName": "Old", "lastName": "Hand", "archived": True})
    first = emulated.pull("owners", "id", "name.full", "archived")
    assert first.rows == [
        {"id": "1", "name.full": "张伟", "archived": False},
        {"id": "2", "name.full": "b@x.example", "archived": False},
        {"id": "3", "name.full": "Old Hand", "archived": True},
    ]
    assert emulated.pull("owners", "id", "name.full", "archived", cursor=first.cursor).rows == first.rows


def test_contacts_are_asked_by_their_own_stamp(emulated: Any) -> None:
    emulated.load("contacts", {"id": "1", "firstname": "Ada", "lastname": "L", "createdate": "2023-01-01T00:00:00Z"})
    first = emulated.pull("contacts", "hs_object_id", "name.full")
    assert first.rows == [{"hs_object_id": "1", "name.full": "Ada L"}]
    emulated.wait(hours=1)
    emulated.store.update("hubspot", "contacts", "1", {"lastname": "Byron"})
    emulated.wait(minutes=1)
    second = emulated.pull("contacts", "hs_object_id", "name.full", cursor=first.cursor)
    assert second.rows == [{"hs_object_id": "1", "name.full": "Ada Byron"}]


def test_hundreds_of_properties_do_not_overflow_the_address(emulated: Any) -> None:
    from csconnect_emulator.fields import FieldDef

    names = [f"a_rather_long_property_name_number_{n:04}" for n in range(200)]
    for name in names:
        emulated.store.add_field("hubspot", "companies", FieldDef(name, name))
    emulated.load("companies", *({"id": str(n), names[7]: "x"} for n in range(1, 103)))
    rows = emulated.pull("companies", "hs_object_id", *names).rows
    assert {row["hs_object_id"] for row in rows} == {str(n) for n in range(1, 103)}
    assert len(rows) == 102
    assert {row[names[7]] for row in rows} == {"x"}
    assert len(rows[0]) == 201


def test_a_search_out_of_order_is_an_error_not_a_loss(script: Any, open_portal: Any) -> None:
    script.properties("companies", "name", "hs_object_id")
    script.on("GET", "/crm/objects/", (200, {"results": []}))
    hub = open_portal()
    (done,) = [page.cursor for page in hub.pull(PullRequest("companies", ("name",)))][-1:]
    results = [{"id": "10", "properties": {}}, {"id": "9", "properties": {}}]
    script.on("POST", "/search$", (200, {"results": results}))
    with pytest.raises(DataError, match="order of ids"):
        list(hub.pull(PullRequest("companies", ("name",), cursor=done)))


def test_a_fast_clock_of_ours_skips_nothing(script: Any, open_portal: Any, clock: Any) -> None:
    script.properties("companies", "name")
    script.on("GET", "/crm/objects/", (200, {"results": []}))
    theirs = {"Date": "Sun, 22 Nov 2026 11:00:00 GMT"}
    script.on("GET", "/account-info/.*/details$", (200, {"portalId": 1}, theirs))
    (page,) = [page for page in open_portal().pull(PullRequest("companies", ("name",))) if page.cursor]
    assert '"since":"2026-11-22T11:00:00Z"' in str(page.cursor)
    assert clock.now().hour == 12


@pytest.mark.parametrize("seed", range(4))
def test_a_replica_kept_by_pulls_equals_the_portal(emulated: Any, seed: int) -> None:
    """Random creates, edits, deletes and merges between pulls, some of which are cut off and taken up again."""
    dice, store, replica = random.Random(seed), emulated.store, dict[str, Any]()
    emulated.limits.update(enforced=0, search_cap=200)
    emulated.load("companies", *companies(1, 230))
    cursor = None
    for _ in range(6):
        for _ in range(dice.randrange(1, 12)):
            alive = [record.id for record in store.query("hubspot", "companies")]
            one, other = dice.sample(alive, 2)
            match dice.randrange(4):
                case 0:
                    store.insert("hubspot", "companies", str(dice.randrange(10**6, 10**7)), {"name": "new"})
                case 1:
                    store.update("hubspot", "companies", one, {"name": f"n{dice.random()}"})
                case 2:
                    store.delete("hubspot", "companies", one)
                case _:
                    path = emulated.hub.portal.paths.objects("companies", "merge")
                    emulated.hub.portal.post(path, {"primaryObjectId": one, "objectIdToMerge": other})
            emulated.wait(seconds=dice.randrange(1, 400))
        emulated.wait(seconds=2)
        stop = dice.randrange(1, 4)
        for place, page in enumerate(
            emulated.hub.pull(PullRequest("companies", ("hs_object_id", "name"), cursor=cursor))
        ):
            replica |= {row["hs_object_id"]: row["name"] for row in page.rows}
            for stone in page.tombstones:
                replica.pop(stone.id, None)
            cursor = page.cursor or cursor
            if place == stop and page.cursor:
                break
    for page in emulated.hub.pull(PullRequest("companies", ("hs_object_id", "name"), cursor=cursor)):
        replica |= {row["hs_object_id"]: row["name"] for row in page.rows}
        for stone in page.tombstones:
            replica.pop(stone.id, None)
    assert replica == {record.id: record.data.get("name") for record in store.query("hubspot", "companies")}


def test_deals_know_which_pipelines_and_stages_there_are(emulated: Any) -> None:
    fields = emulated.hub.describe("deals").fields
    assert fields["pipeline"].choices == ("default",)
    assert fields["dealstage"].choices[-1] == "withdrawn"
    assert emulated.hub.describe("tickets").fields["hs_pipeline_stage"].choices == ()
    spent = emulated.hub.portal.calls
    assert emulated.hub.describe("deals").fields == fields
    assert emulated.hub.portal.calls == spent, "a sync describes at every step"
