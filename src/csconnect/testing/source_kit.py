"""What every `Source` must keep to, as tests. Subclass `SourceKit` as docs/connectors.md shows."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from csconnect.connectors.protocols import PullRequest, Source
from csconnect.errors import MissingFieldError
from csconnect.mapping import read_page
from csconnect.model.values import Level
from csconnect.testing.bench import Bench
from csconnect.testing.discreet import DiscreetTests
from csconnect.testing.picking import Kit, needs
from csconnect.testing.replica import Replica
from csconnect.testing.source_where import ConditionTests
from csconnect.testing.verdict import demand, refusal

PLAIN = (str, int, float, bool, list, date, datetime, Decimal, type(None))
NOWHERE = "csconnect_no_such_object"
FACTS = "scores stand on facts; one that was never delivered is wrong for ever, and nobody sees it"


class SourceKit(ConditionTests, DiscreetTests, Kit):
    """The tests of the reading half; see `csconnect.testing.picking.Kit` for what a subclass sets."""

    def test_it_is_a_source_and_says_what_the_kit_was_told(self, bench: Bench) -> None:
        with bench.opened() as source:
            demand(
                isinstance(source, Source) and source.capabilities.reads,
                "What the bench opens is not a Source that reads",
                why="the core asks for check, org, describe, pull, calls and close",
                do="the missing methods, with `capabilities.reads`",
            )
            demand(
                source.capabilities == self.capabilities,
                f"The connector says {source.capabilities}, the test class {self.capabilities}",
                why="the kit picks its tests by the class, the core its ways by the connector",
                do="one constant that both use",
            )

    def test_check_finds_everything_fine_and_writes_nothing(self, bench: Bench) -> None:
        bench.make("account", "checked")
        before = bench.state()
        with bench.opened() as source:
            findings = source.check()
        bad = [each for each in findings if each.level in (Level.ERROR, Level.WARNING)]
        demand(findings and not bad, f"check() found {bad or 'nothing at all'}", why=_LOOKED_AT, do=_FINDINGS)
        demand(bench.state() == before, "check() changed the system", why=_LOOKED_AT, do="a check that only reads")

    def test_the_org_is_the_same_each_time(self, bench: Bench) -> None:
        found = []
        for _ in range(2):
            with bench.opened() as source:
                found += [source.org(), source.org()]
        id, name, production = found[0]
        demand(
            len(set(found)) == 1 and id and name and isinstance(production, bool),
            f"org() says {found[0]} and then {found[1:]}",
            why="connections and plans are pinned to the org's id, so that no other org is ever written to",
            do="org() -> (id, name, is production) from the system's own identity, never from the settings",
        )

    def test_describe_shows_every_field_that_a_record_has(self, bench: Bench, entity: str) -> None:
        record = bench.read(entity, bench.make(entity, "described")) or {}
        with bench.opened() as source:
            object = bench.mapping(entity).object
            schema = source.describe(object)
        hidden = sorted(set(record) - set(schema.fields))
        misnamed = [name for name, info in schema.fields.items() if info.name != name or not info.type]
        demand(
            not hidden and not misnamed,
            f"describe('{object}') leaves out {hidden} and misnames {misnamed}",
            why="a mapped field that is not described is an error, or silently null where it is optional",
            do="describe() with every field that the credentials can see, custom ones too",
        )

    def test_an_unknown_object_is_a_missing_field_error(self, bench: Bench) -> None:
        why = "an optional mapping skips an object that is not there; any other error stops the whole run"
        with bench.opened() as source:
            with refusal(MissingFieldError, "describe() of an unknown object", why=why, do="a MissingFieldError"):
                source.describe(NOWHERE)
            with refusal(MissingFieldError, "pull() of an unknown object", why=why, do="a MissingFieldError"):
                list(source.pull(PullRequest(NOWHERE, ("id",))))

    def test_a_full_pull_delivers_every_record_once_with_the_asked_fields(self, bench: Bench, entity: str) -> None:
        made = {bench.make(entity, f"whole {number}"): f"whole {number}" for number in range(5)}
        replica = Replica(bench, entity)
        with bench.opened() as source:
            asked = set(replica.request(source).fields)
            pull = replica.pull(source)
        counts = Counter(str(row.get(bench.id_field(entity))) for row in pull.rows)
        off = {id: counts[id] for id in made if counts[id] != 1} | {id: n for id, n in counts.items() if n > 1}
        demand(
            not off,
            f"A full pull delivered records so often: {off}",
            why=FACTS,
            do="pages that neither skip nor repeat",
        )
        partial = [sorted(asked - set(row)) for row in pull.rows if not asked <= set(row)]
        demand(
            not partial,
            f"{len(partial)} rows lack fields that were asked for, such as {partial[:1]}",
            why="rows are stored whole; a key that is sometimes absent cannot be told from one that is hidden",
            do="every asked field in every row, None where the record has no value",
        )
        wrong = {id: replica.label(id) for id, label in made.items() if replica.label(id) != label}
        demand(
            not wrong,
            f"A full pull delivered other names than were written: {wrong}",
            why=FACTS,
            do="rows as they stand",
        )

    def test_the_core_can_read_the_rows(self, bench: Bench, entity: str) -> None:
        id = bench.make(entity, "mapped 客户 ✓")
        replica, mapping, known = Replica(bench, entity), bench.mapping(entity), set[str]()
        with bench.opened() as source:
            available = set(source.describe(mapping.object).fields)
            pull = replica.pull(source)
        odd = {type(value).__name__ for row in pull.rows for value in row.values() if not isinstance(value, PLAIN)}
        demand(not odd, f"Rows hold values of {odd}", why="transforms know plain values only", do="plain Python values")
        for page in pull.pages:
            mapped = read_page(mapping, page, bench.connection, available)
            bad = [each for each in mapped.rejects if each.source_id == id]
            do = "a mapping that fits the rows, or a Bench.create that fills in what every such record has"
            demand(not bad, f"A record made by the bench is set aside: {bad}", why=FACTS, do=do)
            known |= set(mapped.batch.column("id").to_pylist())
        demand(
            any(str(key).endswith(id) for key in known),
            "The mapped rows lack a record",
            why=FACTS,
            do="the id's mapping",
        )

    @needs("incremental")
    def test_a_pull_from_the_last_cursor_delivers_what_changed_since(self, bench: Bench, entity: str) -> None:
        old, quiet = bench.make(entity, "old"), bench.make(entity, "quiet")
        replica = Replica(bench, entity)
        with bench.opened() as source:
            replica.pull(source)
        demand(
            replica.cursor and json.loads(json.dumps(replica.cursor)) == replica.cursor,
            f"After a whole pull the cursor is {replica.cursor!r}",
            why="it is stored as text beside the rows; without one everything is read anew each day",
            do="Page(cursor=...) on the last page at the latest, short and text",
        )
        bench.edit(entity, old, {bench.label_field(entity): "renamed"})
        new = bench.make(entity, "new")
        with bench.opened() as source:
            replica.pull(source)
        found = {id: replica.label(id) for id in (old, new, quiet)}
        demand(
            found == {old: "renamed", new: "new", quiet: "quiet"},
            f"After the second pull a reader believes {found}",
            why=FACTS,
            do="a cursor that another object of the connector can go on from, and whole rows of what is new or changed",
        )

    @needs("incremental", "still")
    def test_nothing_is_lost_at_a_boundary_timestamp(self, bench: Bench, entity: str) -> None:
        one, two = bench.make(entity, "one"), bench.make(entity, "two")
        replica = Replica(bench, entity)
        with bench.opened() as source:
            with bench.still():
                replica.pull(source)
                bench.edit(entity, one, {bench.label_field(entity): "one later"})
                replica.pull(source)
                bench.edit(entity, two, {bench.label_field(entity): "two later"})
                third = bench.make(entity, "three")
                replica.pull(source)
                bench.edit(entity, one, {bench.label_field(entity): "one at last"})
            replica.pull(source)
        found = {id: replica.label(id) for id in (one, two, third)}
        demand(
            found == {one: "one at last", two: "two later", third: "three"},
            f"Edits with one timestamp on both sides of a cursor: a reader believes {found}",
            why="a bulk edit gives thousands of records one timestamp, and commits become visible late",
            do="`changed >= cursor`, never `>`, and some overlap; delivering a row twice is harmless",
        )

    @needs("incremental", "pages")
    def test_resuming_from_the_cursor_of_any_page_loses_nothing(self, bench: Bench) -> None:
        replica, key = Replica(bench), bench.label_field("account")
        ids = [bench.make("account", f"paged {number}") for number in range(self.records)]
        with bench.opened() as source:
            first = replica.pull(source)
            demand(
                len(first.pages) > 2,
                f"{self.records} records fill only {len(first.pages)} pages",
                why=_PAGES,
                do=_MORE,
            )

        @self.tries()
        @given(st.integers(0, len(first.pages)), st.booleans(), st.sets(st.sampled_from(ids), min_size=1), st.uuids())
        def any_page(stop: int, from_scratch: bool, edited: set[str], mark: object) -> None:
            replica.cursor = None if from_scratch else replica.cursor
            for id in ids:
                bench.edit("account", id, {key: f"{id} before {mark}"})
            with bench.opened() as source:
                replica.pull(source, pages=stop)
                for id in edited:
                    bench.edit("account", id, {key: f"{id} after {mark}"})
                for _ in range(2):  # one to end what was broken off, one for what changed meanwhile
                    replica.pull(source)
            wrong = [id for id in ids if replica.label(id) != bench.label("account", id)]
            demand(
                not wrong,
                f"Broken off after {stop} pages of {'a full' if from_scratch else 'an incremental'} pull and resumed: "
                f"{len(wrong)} of {len(ids)} records are not as the system has them",
                why="a run can die after any page; its cursor is stored with that page's rows, so it is a promise",
                do="a cursor only where everything before it is delivered, deletions included",
            )

        any_page()

    @needs("incremental", "pages", "wait")
    def test_a_slow_pull_loses_nothing_of_what_happens_meanwhile(self, bench: Bench) -> None:
        for anew in (False, True):
            ids, replica, behind = [bench.make("account", "slow 0")], Replica(bench), list[str]()

            def meanwhile(_: int, ids: list[str] = ids, replica: Replica = replica, behind: list[str] = behind) -> None:
                key = bench.label_field("account")
                seen = [id for id in ids if replica.label(id) is not None]
                if behind or not 1 < len(seen) < len(ids):
                    return
                behind += seen
                bench.edit("account", seen[0], {key: "edited behind the reader"})
                if self.capabilities.tombstones and "delete" in bench.hands():
                    bench.delete("account", seen[-1])
                bench.wait(2 * 3600)
                bench.edit("account", next(id for id in ids if id not in seen), {key: "edited before the reader"})

            with bench.opened() as source:
                if not anew:
                    replica.pull(source)
                    replica.rows.clear()
                ids += [bench.make("account", f"slow {number}") for number in range(self.records)]
                replica.pull(source, between=meanwhile)
                replica.pull(source)
            wrong = {id: replica.label(id) for id in ids[1:] if replica.label(id) != bench.label("account", id)}
            demand(behind, "The pull did not have its records on several pages", why=_PAGES, do=_MORE)
            demand(
                not wrong,
                f"What happened during a {'full' if anew else 'later'} pull of two hours is lost after the next: {wrong}",
                why="a first pull takes hours, and people do not stop working",
                do="a cursor that is never later than the moment when the pull began, by the system's own clock",
            )

    def test_a_pull_that_says_it_is_complete_is(self, bench: Bench, entity: str) -> None:
        ids = [bench.make(entity, f"complete {number}") for number in range(3)]
        replica = Replica(bench, entity)
        with bench.opened() as source:
            for _ in range(2):
                bench.edit(entity, ids[0], {bench.label_field(entity): f"moved {replica.cursor is None}"})
                pull = replica.pull(source)
                rows = {str(row.get(bench.id_field(entity))) for row in pull.rows}
                demand(
                    not pull.complete or rows.issuperset(ids),
                    "A pull said it was complete and left records out",
                    why="the core takes every record that a complete pull does not mention for gone",
                    do="complete=True only on the last page of a pull that began at the very beginning",
                )
            if "delete" in bench.hands():
                bench.delete(entity, ids[1])
                pull = replica.pull(source)
                demand(
                    not pull.complete or replica.label(ids[1]) is None,
                    "A pull said it was complete and delivered a deleted record",
                    why=FACTS,
                    do="complete=True only for what is there now",
                )

    @needs("tombstones", "delete")
    def test_a_deleted_record_is_reported(self, bench: Bench, entity: str) -> None:
        lost, kept = bench.make(entity, "lost"), bench.make(entity, "kept")
        replica = Replica(bench, entity)
        with bench.opened() as source:
            replica.pull(source)
            bench.delete(entity, lost)
            pull = replica.pull(source)
        demand(
            replica.label(lost) is None and replica.survivors.get(lost, "?") is None and replica.label(kept) == "kept",
            f"After a deletion a reader believes {replica.label(lost)!r} of it; tombstones: {len(pull.gone)}",
            why="a customer who left would be scored for ever",
            do="Page(tombstones=[Tombstone(id)]) from the system's bin or its feed of deletions",
        )

    @needs("tombstones", "delete", "incremental", "pages")
    def test_a_deletion_is_not_lost_when_a_pull_breaks_off(self, bench: Bench) -> None:
        ids = [bench.make("account", f"broken off {number}") for number in range(self.records)]
        replica = Replica(bench)
        with bench.opened() as source:
            replica.pull(source)
            for stop in (1, 2):
                bench.delete("account", ids[stop])
                for id in ids[stop + 1 :]:
                    bench.edit("account", id, {bench.label_field("account"): f"{id} {stop}"})
                replica.pull(source, pages=stop)
                replica.pull(source)
                demand(
                    replica.label(ids[stop]) is None,
                    f"A deletion is lost when the pull after it breaks off after page {stop}",
                    why="the cursor of that page is stored, so nobody looks for older deletions again",
                    do="deletions first, or cursors that keep the place of the deletions apart",
                )

    @needs("tombstones", "merge")
    def test_a_merged_record_is_reported_with_its_survivor(self, bench: Bench) -> None:
        loser, winner = bench.make("account", "loser"), bench.make("account", "winner")
        replica = Replica(bench)
        with bench.opened() as source:
            replica.pull(source)
            bench.merge("account", loser, winner)
            replica.pull(source)
        demand(
            replica.survivors.get(loser) == winner and replica.label(winner) and replica.label(loser) is None,
            f"After a merge into {winner} the loser is known as merged into {replica.survivors.get(loser)!r}",
            why="tickets and contracts of the loser would hang on an account that is no more",
            do="Tombstone(loser, merged_into=winner)",
        )

    def test_calls_counts_what_the_system_counted(self, bench: Bench) -> None:
        bench.make("account", "counted")
        with bench.opened() as source:
            heard, counted = len(bench.heard()), source.calls()
            source.org()
            Replica(bench).pull(source)
            spent, seen = source.calls() - counted, len(bench.heard()) - heard
        demand(
            spent == seen,
            f"calls() grew by {spent}, the system counted {seen}",
            why="quota is shared with people; what we do not count, we cannot leave to them",
            do="calls() that counts every request against the quota, repeats included",
        )


_LOOKED_AT = "people run csconnect check before they trust us with anything"
_FINDINGS = "check() -> a Finding of level ok for each thing that was looked at"
_PAGES = "this is about what happens between pages"
_MORE = "a larger `records` in the test class, or a smaller page size in the bench"
