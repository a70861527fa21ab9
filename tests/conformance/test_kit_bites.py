"""The kit fails connectors that are broken, each by the test that is meant for it, and says so in words."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
from hypothesis import Phase, settings

from csconnect.connectors.protocols import ObjectSchema
from csconnect.errors import AuthError, MissingFieldError, UnreachableError
from csconnect.mapping import MappingSet, load_mappings
from csconnect.model.values import Action, Finding, Level, Outcome, Page, Receipt, Record, Tombstone
from csconnect.testing.memory import MEMORY_MAPPINGS, MemorySystem
from csconnect.testing.memory_bench import MEMORY_CAPABILITIES, MemoryBench
from csconnect.testing.source_kit import SourceKit
from csconnect.testing.target_kit import TargetKit

SECRET = "hunter2-of-the-bench"
BROKEN = {}


class Bench(MemoryBench):
    """Keeps a secret, hears addresses, and can lock the door."""

    secrets = (SECRET,)

    def heard(self):
        return self.system.addresses

    def denied(self):
        return self.system.locked()


class Quick:
    """Any failing example will do."""

    def tries(self):
        return settings(super().tries(), phases=[Phase.generate])


class Reads(Quick, SourceKit):
    capabilities, bench_class = MEMORY_CAPABILITIES, Bench


class Writes(Quick, TargetKit):
    capabilities, bench_class = MEMORY_CAPABILITIES, Bench
    entities = ("account", "opportunity", "task")


class Scoped(Bench):
    """Only accounts that pay are wanted."""

    mappings = MappingSet(
        tuple(
            replace(mapping, where="pays") if mapping.entity == "account" else mapping
            for mapping in MemoryBench().mappings
        )
    )

    def leave(self, entity, id):
        self.edit(entity, id, {"industry": "left"})


class ReadsScoped(Quick, SourceKit):
    capabilities, bench_class = MEMORY_CAPABILITIES, Scoped


class Locked(MemorySystem):
    """Lets nobody in."""

    def org(self):
        raise AuthError("the token is not accepted", remedy="Renew it")

    def check(self):
        return [Finding(level=Level.ERROR, code="E-AUTH", what="the token is not accepted", remedy="Renew it")]


class Sound(MemorySystem):
    """What the broken ones are broken variants of."""

    def __init__(self):
        super().__init__(capabilities=MEMORY_CAPABILITIES, page_size=10)
        self.addresses = []

    def locked(self):
        return Locked()

    def pull(self, request):
        self.addresses.append(f"GET {request.object}")
        for page in super().pull(request):
            rows = [row for row in page.rows if not request.where or self.pays(request, row["id"])]
            yield replace(page, rows=rows, tombstones=[*page.tombstones, *self.left(request, page)])

    def pays(self, request, id):
        return self.tables[request.object][id].values.get("industry") != "left"

    def left(self, request, page):
        return [Tombstone(row["id"]) for row in page.rows if request.where and not self.pays(request, row["id"])]

    def existing(self, lookup):
        self.addresses.append(f"POST {lookup.object}/read")
        return super().existing(lookup)

    def push(self, batch):
        self.addresses.append(f"POST {batch[0].object}")
        return super().push(batch)


def fails(kit, name, **more):
    """The variant must fail this test of the kit."""

    def note(system):
        BROKEN[system.__name__] = (system, kit, name, more)
        return system

    return note


@fails(ReadsScoped, "test_a_record_that_leaves_the_condition_is_reported")
class FiltersOnly(Sound):
    """What most authors write first: the condition goes into the query, and that is all."""

    def left(self, request, page):
        return []


@fails(Reads, "test_nothing_is_lost_at_a_boundary_timestamp", entity="account")
class DropsBoundaryRecords(Sound):
    def pull(self, request):
        for page in super().pull(request):
            since = int(request.cursor or -1)
            rows = [row for row in page.rows if self.tables[request.object][row["id"]].version > since]
            yield replace(page, rows=rows)


@fails(Reads, "test_a_full_pull_delivers_every_record_once_with_the_asked_fields", entity="account")
class RepeatsRecords(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, rows=[*page.rows, *page.rows[:1]])


@fails(Reads, "test_a_full_pull_delivers_every_record_once_with_the_asked_fields", entity="account")
class SkipsTheLastOfAPage(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, rows=page.rows[:-1])


@fails(Reads, "test_a_full_pull_delivers_every_record_once_with_the_asked_fields", entity="account")
class LeavesOutEmptyFields(Sound):
    def pull(self, request):
        for page in super().pull(replace(request, fields=(*request.fields, "csc_nothing"))):
            yield replace(page, rows=[{n: v for n, v in row.items() if n == "id"} for row in page.rows])


@fails(Reads, "test_the_core_can_read_the_rows", entity="account")
class YieldsObjects(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, rows=[{**row, "name": ("a", "tuple")} for row in page.rows])


@fails(Reads, "test_a_pull_from_the_last_cursor_delivers_what_changed_since", entity="account")
class SeesOnlyNewRecords(Sound):
    def pull(self, request):
        for page in super().pull(request):
            made = int(request.cursor or 0)
            rows = [row for row in page.rows if int(row["id"][1:]) > made]
            yield replace(page, rows=rows)


@fails(Reads, "test_resuming_from_the_cursor_of_any_page_loses_nothing")
class HandsOutTheLastCursorAtOnce(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, cursor=str(self._clock))


@fails(Reads, "test_a_slow_pull_loses_nothing_of_what_happens_meanwhile")
class EndsAtTheLatestEdit(Sound):
    def pull(self, request):
        yield from super().pull(request)
        yield Page(cursor=str(self._clock))


@fails(Reads, "test_a_deletion_is_not_lost_when_a_pull_breaks_off")
class TellsDeletionsLast(Sound):
    def pull(self, request):
        pages = list(super().pull(request))
        stones = [stone for page in pages for stone in page.tombstones]
        for page in pages[:-1]:
            yield replace(page, tombstones=())
        yield replace(pages[-1], tombstones=stones)


@fails(Reads, "test_a_deleted_record_is_reported", entity="account")
class ForgetsTombstones(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, tombstones=())


@fails(Reads, "test_a_merged_record_is_reported_with_its_survivor")
class ForgetsSurvivors(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, tombstones=[replace(stone, merged_into=None) for stone in page.tombstones])


@fails(Reads, "test_a_pull_that_says_it_is_complete_is", entity="account")
class IsAlwaysComplete(Sound):
    def pull(self, request):
        yield from super().pull(request)
        yield Page(complete=True)


@fails(Reads, "test_the_org_is_the_same_each_time")
class HasManyNames(Sound):
    def org(self):
        self._made += 1
        return (f"org-{self._made}", "Memory", False)


@fails(Reads, "test_check_finds_everything_fine_and_writes_nothing")
class ChecksByWriting(Sound):
    def check(self):
        self.put("accounts", {"name": "may I?"})
        return super().check()


@fails(Reads, "test_check_finds_everything_fine_and_writes_nothing")
class IsNotFine(Sound):
    def check(self):
        return [Finding(level=Level.ERROR, code="E", what="no")]


@fails(Reads, "test_describe_shows_every_field_that_a_record_has", entity="account")
class HidesFields(Sound):
    def describe(self, object):
        schema = super().describe(object)
        return ObjectSchema(object, object, {name: info for name, info in schema.fields.items() if name != "name"})


@fails(Reads, "test_an_unknown_object_is_a_missing_field_error")
class LeaksKeyErrors(Sound):
    def describe(self, object):
        assert self.fields[object] is not None
        return super().describe(object)


@fails(Reads, "test_an_unknown_object_is_a_missing_field_error")
class TakesUnknownForEmpty(Sound):
    def describe(self, object):
        return super().describe(object) if object in self.tables else ObjectSchema(object, object, {})


@fails(Reads, "test_calls_counts_what_the_system_counted")
class DoesNotCountCalls(Sound):
    def calls(self):
        return 0


@fails(Writes, "test_receipts_keep_length_and_order_whatever_row_is_bad")
class AnswersOutOfOrder(Sound):
    def push(self, batch):
        return sorted(super().push(batch), key=lambda receipt: receipt.outcome is not Outcome.WRITTEN)


@fails(Writes, "test_receipts_keep_length_and_order_whatever_row_is_bad")
class LeavesRefusalsOut(Sound):
    def push(self, batch):
        return [receipt for receipt in super().push(batch) if receipt.outcome is Outcome.WRITTEN]


@fails(Writes, "test_receipts_keep_length_and_order_whatever_row_is_bad")
class SaysYesToRefusals(Sound):
    def push(self, batch):
        return [receipt.model_copy(update={"outcome": Outcome.WRITTEN}) for receipt in super().push(batch)]


@fails(Writes, "test_receipts_keep_length_and_order_whatever_row_is_bad")
class StopsAtTheFirstRefusal(Sound):
    def push(self, batch):
        done, refused = [], False
        for change in batch:
            if refused:
                done.append(Receipt(change_id=change.id, outcome=Outcome.REFUSED, message="not tried"))
            else:
                done += super().push([change])
                refused = done[-1].outcome is not Outcome.WRITTEN
        return done


@fails(Writes, "test_a_full_batch_is_taken")
class PromisesTooLargeBatches(Sound):
    def push(self, batch):
        return super().push(batch[:3])


@fails(Writes, "test_an_update_writes_the_listed_fields_and_nothing_else")
class WritesAnExtraField(Sound):
    def push(self, batch):
        return super().push([c.model_copy(update={"values": {**c.values, "touched_by": "us"}}) for c in batch])


@fails(Writes, "test_a_value_can_be_cleared")
class KeepsWhatShouldBeCleared(Sound):
    def push(self, batch):
        kept = [{name: value for name, value in c.values.items() if value is not None} for c in batch]
        return super().push([c.model_copy(update={"values": v}) for c, v in zip(batch, kept, strict=True)])


@fails(Writes, "test_values_survive_the_round_trip")
class SpeaksLatin(Sound):
    def push(self, batch):
        def latin(value):
            return value.encode("latin-1", "replace").decode("latin-1") if isinstance(value, str) else value

        spelt = [{name: latin(value) for name, value in c.values.items()} for c in batch]
        return super().push([c.model_copy(update={"values": v}) for c, v in zip(batch, spelt, strict=True)])


@fails(Writes, "test_texts_of_what_we_create_survive", made="task")
class CutsLines(Sound):
    def put(self, object, values, id=None):
        cut = {name: value.split("\n")[0] if isinstance(value, str) else value for name, value in values.items()}
        return super().put(object, cut, id)


@fails(Writes, "test_closing_withdraws_and_never_deletes", made="task")
class DeletesInsteadOfClosing(Sound):
    def push(self, batch):
        receipts = super().push(batch)
        for change in batch if batch[0].action is Action.CLOSE else ():
            if change.record_id in self.tables[change.object]:
                self.remove(change.object, change.record_id)
        return receipts


@fails(Writes, "test_what_is_no_id_never_becomes_part_of_an_address")
class PastesIds(Sound):
    def push(self, batch):
        self.addresses.append(f"PATCH {batch[0].object}/{batch[0].record_id}")
        return super().push(batch)


@fails(Writes, "test_a_record_that_is_gone_is_a_receipt")
class BringsBackTheDead(Sound):
    def push(self, batch):
        return [
            Receipt(change_id=c.id, outcome=Outcome.WRITTEN, record_id=self.put(c.object, c.values, c.record_id))
            for c in batch
        ]


@fails(Writes, "test_records_are_found_by_id_and_those_that_are_not_there_are_left_out")
class FindsWhatIsNotThere(Sound):
    def existing(self, lookup):
        found = {record.id: record for record in super().existing(lookup)}
        return iter(
            [found.get(value, Record(lookup.object, value, dict.fromkeys(lookup.fields))) for value in lookup.values]
        )


@fails(Writes, "test_records_are_found_by_our_key_at_once", made="task")
class LooksIntoALaggingIndex(Sound):
    def existing(self, lookup):
        return iter(()) if lookup.field == "csc_key" else super().existing(lookup)


@fails(Writes, "test_law_2_a_create_that_is_applied_twice_makes_one_record", made="opportunity")
class DoublesOnRepeatedCreate(LooksIntoALaggingIndex):
    pass


@fails(Writes, "test_law_2_a_lost_answer_makes_no_second_record", made="task")
class RepeatsACreateBlindly(Sound):
    def push(self, batch):
        try:
            return super().push(batch)
        except UnreachableError:
            return super().push(batch)


@fails(Writes, "test_records_are_found_by_their_parent_whoever_made_them", made="opportunity")
class SeesOnlyItsOwn(Sound):
    def existing(self, lookup):
        ours = self.tables[lookup.object]
        return (r for r in super().existing(lookup) if lookup.field == "id" or ours[r.id].values.get("csc_key"))


@fails(Writes, "test_law_1_applying_twice_is_applying_once_and_the_next_plan_is_empty")
class RoundsScores(Sound):
    def put(self, object, values, id=None):
        return super().put(object, {n: v // 2 if isinstance(v, int) else v for n, v in values.items()}, id)


@fails(Writes, "test_law_1_a_pull_after_applying_plans_nothing")
class PullsStaleValues(Sound):
    def pull(self, request):
        for page in super().pull(request):
            yield replace(page, rows=[{**row, "csc_health": None} for row in page.rows])


@fails(Writes, "test_batches_side_by_side_come_to_the_same")
class ForgetsEverySecondPush(Sound):
    def push(self, batch):
        self.hostility.ignore = lambda change: self.pushes % 2 == 0
        return super().push(batch)


@fails(Writes, "test_law_3_undo_restores_what_nobody_changed_and_closes_what_we_made")
class CannotClose(Sound):
    def push(self, batch):
        if batch[0].action is Action.CLOSE:
            return [Receipt(change_id=change.id, outcome=Outcome.REFUSED, message="no") for change in batch]
        return super().push(batch)


@fails(Writes, "test_provisioning_twice_makes_nothing_the_second_time")
class AlwaysSaysCreated(Sound):
    def provision(self, wanted, *, apply):
        return [
            replace(step, state="created" if apply else step.state) for step in super().provision(wanted, apply=apply)
        ]


@fails(Writes, "test_provisioning_twice_makes_nothing_the_second_time")
class ProvisionsWhenLooking(Sound):
    def provision(self, wanted, *, apply):
        super().provision(wanted, apply=True)
        return super().provision(wanted, apply=apply)


@fails(Writes, "test_the_export_names_every_field_and_stays_in_its_folder")
class ExportsElsewhere(Sound):
    def export(self, wanted):
        return {f"../{name}": text for name, text in super().export(wanted).items()}


@fails(Writes, "test_the_forecast_covers_what_applying_spends")
class ForecastsNothing(Sound):
    def cost(self, changes):
        return 0


@fails(Writes, "test_a_connector_shows_no_secret")
class ShowsItsSecret(Sound):
    def __repr__(self):
        return f"ShowsItsSecret({SECRET})"


@fails(Reads, "test_a_connector_shows_no_secret")
class TellsItsSecretInErrors(Sound):
    def describe(self, object):
        try:
            return super().describe(object)
        except MissingFieldError:
            raise MissingFieldError(f"no {object} at https://user:{SECRET}@example.org") from None


@fails(Reads, "test_wrong_credentials_are_an_auth_error_without_the_credentials")
class TakesTheLockForANetwork(Sound):
    def locked(self):
        locked = Locked()
        locked.org = lambda: list(self.pull(None))
        return locked


@fails(Writes, "test_wrong_credentials_are_an_auth_error_without_the_credentials")
class ShowsTheWrongToken(Sound):
    def locked(self):
        locked = Locked()
        locked.check = lambda: [
            Finding(level=Level.ERROR, code="E-AUTH", what=f"{SECRET} is not accepted", remedy="Renew it")
        ]
        return locked


@fails(Writes, "test_provisioned_fields_can_be_read_at_once")
class RemembersAnOldSchema(Sound):
    def existing(self, lookup):
        for record in super().existing(lookup):
            yield replace(record, values={n: v for n, v in record.values.items() if not n.startswith("csc_")})


@fails(Writes, "test_law_2_a_lost_answer_of_an_update_is_found_out")
class DiesWithItsConnection(Sound):
    dead = False

    def push(self, batch):
        try:
            return super().push(batch)
        except UnreachableError:
            self.dead = True
            raise

    def existing(self, lookup):
        if self.dead:
            raise UnreachableError("the connection is closed", remedy="Open another")
        return super().existing(lookup)


@fails(Reads, "test_it_is_a_source_and_says_what_the_kit_was_told")
class ReadsOtherwiseThanTold(Sound):
    def __init__(self):
        super().__init__()
        self.capabilities = replace(self.capabilities, tombstones=False)


@fails(Writes, "test_it_is_a_target_and_says_what_the_kit_was_told")
class WritesOtherwiseThanTold(Sound):
    def __init__(self):
        super().__init__()
        self.capabilities = replace(self.capabilities, write_batch=7)


def run(system, kit, name, more):
    test = getattr(kit(), name)
    assert set(inspect.signature(test).parameters) == {"bench", *more}
    test(kit.bench_class(system()), **more)


@pytest.mark.parametrize("broken", sorted(BROKEN))
def test_the_kit_fails(broken):
    system, kit, name, more = BROKEN[broken]
    with pytest.raises(AssertionError, match="Why it matters") as caught:
        run(system, kit, name, more)
    assert "Write next: " in str(caught.value)
    run(Sound, kit, name, more)


def test_every_check_of_the_kit_has_a_connector_that_fails_it():
    checks = {
        name for kit in (ReadsScoped, Writes) for name in dir(kit) if name.startswith("test_") and getattr(kit, name)
    }
    assert checks == {name for _, _, name, _ in BROKEN.values()}


def test_a_mapping_without_the_word_for_withdrawing_is_told_where_to_say_it(tmp_path):
    text = (MEMORY_MAPPINGS / "opportunity.yaml").read_text("utf-8")
    (tmp_path / "opportunity.yaml").write_text(text.replace("stage: withdrawn", "stage: $void_stage"), "utf-8")

    class Unsaid(Bench):
        mappings = load_mappings([MEMORY_MAPPINGS, tmp_path])

    with pytest.raises(AssertionError, match=r"load_mappings\(folders, settings\).*'void_stage'"):
        Writes().test_it_is_a_target_and_says_what_the_kit_was_told(Unsaid(Sound()))


def test_what_a_system_cannot_do_is_not_asked_of_it():
    class Modest(TargetKit):
        capabilities, bench_class = replace(MEMORY_CAPABILITIES, creates=frozenset()), Bench

    class Forgetful(SourceKit):
        capabilities, bench_class = replace(MEMORY_CAPABILITIES, tombstones=False), Bench

    assert Modest.test_law_2_a_create_that_is_applied_twice_makes_one_record is None
    assert Modest.test_a_value_can_be_cleared is not None
    assert Forgetful.test_a_deleted_record_is_reported is None
    with pytest.raises(TypeError, match="bench_class"):
        type("Unfinished", (SourceKit,), {"capabilities": MEMORY_CAPABILITIES})
