"""Reading right before writing, verifying right after, and telling each record's fate."""

from __future__ import annotations

import itertools

import pytest

from csconnect.connectors.protocols import Capabilities
from csconnect.errors import AuthError, PlanError, QuotaReservedError, UnreachableError
from csconnect.model.values import Change, Outcome, Receipt
from csconnect.testing.memory import MemorySystem
from csconnect.writeback import apply_plan


def outcomes(result):
    return [(receipt.outcome.value, receipt.code) for receipt in result.receipts]


@pytest.fixture
def planned(world):
    """A world with a plan for one account, one task, one renewal."""
    world.account("a1", csc_health=10, csc_band="Red")
    return world, world.plan([world.score("a1"), world.task("a1"), world.renewal("a1")])


def test_a_record_that_somebody_changed_since_the_plan_is_left_alone(planned):
    world, plan = planned
    world.crm.put("accounts", {"csc_health": 99}, "a1")
    result = world.apply(plan)
    assert ("conflict", "CHANGED") in outcomes(result)
    assert world.crm.tables["accounts"]["a1"].values["csc_health"] == 99
    assert result.exit_code == 3


def test_a_record_that_says_so_already_is_not_written(planned):
    world, plan = planned
    world.crm.put(
        "accounts", {"csc_health": "54.0", "csc_band": "Yellow", "csc_scored_on": "2026-11-22T00:00:00Z"}, "a1"
    )
    result = world.apply(plan)
    assert outcomes(result)[0] == ("unchanged", "")
    assert world.crm.tables["accounts"]["a1"].values["csc_health"] == "54.0"
    assert result.exit_code == 0


def test_other_fields_of_the_record_may_change_meanwhile(planned):
    world, plan = planned
    world.crm.put("accounts", {"name": "Renamed"}, "a1")
    assert world.apply(plan).complete


def test_a_record_that_has_gone_is_told(planned):
    world, plan = planned
    world.crm.remove("accounts", "a1")
    assert outcomes(world.apply(plan))[0] == ("gone", "GONE")


def test_a_create_whose_key_exists_makes_no_second_record(planned):
    world, plan = planned
    task = next(change for change in plan.changes if change.entity == "task")
    id = world.crm.put("tasks", dict(task.values))
    receipt = next(receipt for receipt in world.apply(plan).receipts if receipt.change_id == task.id)
    assert (receipt.outcome, receipt.record_id) == (Outcome.UNCHANGED, id)
    assert len(world.crm.tables["tasks"]) == 1


def test_a_record_that_lost_our_key_is_not_ours_any_more(world):
    world.account("a1")
    world.apply(world.plan([world.task("a1")]))
    plan = world.plan([world.task("a1", stage="2")], "run-2")
    (id,) = world.crm.tables["tasks"]
    world.crm.put("tasks", {"csc_key": None}, id)
    assert outcomes(world.apply(plan)) == [("conflict", "NOT-OURS")]


def test_one_refused_record_does_not_stop_the_others(planned):
    world, plan = planned
    world.crm.hostility.refuse = lambda change: "VALIDATION" if change.entity == "account" else ""
    result = world.apply(plan)
    assert sorted(outcomes(result)) == [("refused", "VALIDATION"), ("written", ""), ("written", "")]
    assert result.exit_code == 3


def test_a_yes_that_changed_nothing_is_found_out(planned):
    world, plan = planned
    world.crm.hostility.ignore = lambda change: True
    assert [code for _, code in outcomes(world.apply(plan))] == ["NO-EFFECT", "NOT-FOUND", "NOT-FOUND"]


def test_a_value_that_the_system_bends_is_told(planned):
    world, plan = planned

    def bend(step):
        if step == "answer":
            world.crm.put("accounts", {"csc_health": 50}, "a1")

    world.crm.hostility.step = bend
    receipt = world.apply(plan).receipts[0]
    assert (receipt.outcome, receipt.code) == (Outcome.WRITTEN, "NOT-KEPT")
    assert "csc_health" in receipt.message


def test_without_verify_all_only_what_is_in_doubt_is_read_back(planned):
    world, plan = planned
    twin = world.twin()
    world.apply(plan)
    twin.apply(plan, verify_all=False)
    assert twin.crm.calls() < world.crm.calls()
    assert twin.shape() == world.shape()


@pytest.mark.parametrize("unique_keys", [True, False])
def test_a_lost_answer_is_read_back_and_the_records_are_linked(worlds, unique_keys):
    world = worlds(crm=MemorySystem(unique_keys=unique_keys))
    world.account("a1")
    plan = world.plan([world.task("a1"), world.task("a2")])
    world.crm.hostility.break_after = lambda push: 1 if push == 1 else None
    first = world.apply(plan)
    assert sorted(outcomes(first)) == [("unknown", "E-UNKNOWN-OUTCOME"), ("written", "READ-BACK")]
    assert world.apply(plan).complete
    assert all(links == {"accounts": [key.split("|")[0][4:]]} for key, links in keyed(world))


def keyed(world):
    return [(values["csc_key"], links) for values, links in world.crm.state()["tasks"].values()]


def test_a_crash_between_making_and_linking_is_mended(worlds, crash):
    world = worlds()
    world.account("a1")
    plan = world.plan([world.task("a1")])

    def die(step):
        if step == "link":
            raise crash

    world.crm.hostility.step = die
    with pytest.raises(crash):
        world.apply(plan)
    assert keyed(world)[0][1] == {}
    world.crm.hostility.step = lambda step: None
    assert outcomes(world.apply(plan)) == [("written", "RESUMED")]
    assert keyed(world)[0][1] == {"accounts": ["a1"]}


def test_what_got_through_and_was_edited_afterwards_is_still_known_to_undo(planned, crash):
    world, plan = planned

    def die(step):
        if step == "answer":
            raise crash

    world.crm.hostility.step = die
    with pytest.raises(crash):
        world.apply(plan)
    world.crm.hostility.step = lambda step: None
    world.crm.put("accounts", {"csc_health": 99}, "a1")
    assert outcomes(world.apply(plan))[0] == ("written", "RESUMED")
    world.undo()
    values = world.crm.tables["accounts"]["a1"].values
    assert (values["csc_health"], values["csc_band"]) == (99, "Red")


def test_a_link_that_failed_at_first_is_made_good(planned):
    world, plan = planned
    push, cut = world.crm.push, iter([True])

    def unlinked(batch):
        bare = [
            change.model_copy(update={"links": {}}) if next(cut, False) and change.links else change for change in batch
        ]
        receipts = push(bare if batch[0].links else batch)
        lost = {"outcome": Outcome.UNKNOWN, "code": "NOT-LINKED"}
        return [r.model_copy(update=lost) if c is not b else r for r, b, c in zip(receipts, batch, bare, strict=True)]

    tasks = type(plan).of(
        [change for change in plan.changes if change.links],
        **{name: getattr(plan, name) for name in ("run_id", "made_at", "as_of", "config_hash")},
    )
    world.crm.push = unlinked
    result = world.apply(tasks)
    assert result.complete
    assert keyed(world)[0][1] == {"accounts": ["a1"]}


@pytest.mark.parametrize("error", [QuotaReservedError("enough for today"), AuthError("expired")])
@pytest.mark.parametrize("step", ["existing", "push"])
def test_quota_and_login_trouble_stops_cleanly_and_the_rest_follows_later(world, error, step):
    for number in range(12):
        world.account(f"a{number:02}")
    plan = world.plan([world.score(f"a{number:02}") for number in range(12)])
    seen = itertools.count(1)
    world.crm.hostility.fail = lambda name: error if name == step and next(seen) >= 2 else None
    result = world.apply(plan)
    assert result.stopped == {"crm": error}
    assert result.exit_code == 3
    assert result.count(Outcome.WRITTEN) < 12
    assert result.count(Outcome.UNKNOWN) == 0 or step == "push"
    world.crm.hostility.fail = lambda name: None
    assert world.apply(plan).complete
    assert {row.values["csc_health"] for row in world.crm.tables["accounts"].values()} == {54}


def test_trouble_of_one_connection_does_not_stop_another(world, worlds):
    other = MemorySystem()
    world.account("a1")
    plan = world.plan([world.score("a1")])
    both = type(plan).of(
        [*plan.changes, plan.changes[0].model_copy(update={"connection": "zweite"})],
        **{name: getattr(plan, name) for name in ("run_id", "made_at", "as_of", "config_hash")},
    )
    other.put("accounts", {"name": "A"}, "a1")
    world.crm.hostility.fail = lambda step: AuthError("expired")
    mapping = world.writers.get("crm", "account")
    writers = type(world.writers)([mapping, type(mapping)("zweite", mapping.mapping)])
    result = apply_plan(both, {"crm": world.crm, "zweite": other}, world.journal, writers)
    assert set(result.stopped) == {"crm"}
    assert other.tables["accounts"]["a1"].values["csc_health"] == 54


def test_a_plan_for_a_connection_without_a_target_raises_before_any_call(planned):
    world, plan = planned
    with pytest.raises(PlanError, match="cannot be written"):
        apply_plan(plan, {}, world.journal, world.writers)
    assert world.journal.entries == []


def test_receipts_that_do_not_fit_the_batch_are_not_believed(world):
    world.account("a1")
    plan = world.plan([world.score("a1"), world.renewal("a1")])
    push = world.crm.push
    world.crm.push = lambda batch: [*push(batch), Receipt(change_id="x", outcome=Outcome.WRITTEN)]
    result = world.apply(plan)
    assert {code for _, code in outcomes(result)} == {"READ-BACK"}
    assert result.complete


def test_a_connector_without_the_ability_is_not_asked(worlds):
    able = Capabilities(writes=True, creates=frozenset({"task"}), closes=False)
    world = worlds(crm=MemorySystem(capabilities=able))
    world.account("a1")
    assert sorted(outcomes(world.apply(world.plan([world.task("a1"), world.renewal("a1")])))) == [
        ("refused", "CANNOT-CREATE"),
        ("written", ""),
    ]
    assert outcomes(world.apply(world.plan([], "run-2"))) == [("refused", "CANNOT-CLOSE")]
    assert any(left.why.startswith("the connection does not know") for left in world.undo().left)


def test_interrupting_keeps_the_books_straight(planned):
    world, plan = planned
    seen = itertools.count(1)

    def interrupt(step):
        if step == "push" and next(seen) == 2:
            raise KeyboardInterrupt

    world.crm.hostility.step = interrupt
    result = world.apply(plan)
    assert result.interrupted
    assert result.exit_code == 3
    assert len(result.receipts) == 1
    world.crm.hostility.step = lambda step: None
    assert world.apply(plan).complete


def test_progress_and_the_window_between_reading_and_writing_are_told(planned):
    world, plan = planned
    ticks = itertools.count()
    seen = []
    result = world.apply(plan, progress=lambda done, of: seen.append((done, of)), timer=lambda: float(next(ticks)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert result.windows == (1.0, 1.0, 1.0)


def test_many_batches_on_many_threads_write_everything_once(worlds):
    able = Capabilities(writes=True, write_batch=7, write_threads=8, lookup_batch=7)
    world = worlds(crm=MemorySystem(capabilities=able))
    for number in range(300):
        world.account(f"a{number:03}")
    writes: list[Change] = []
    world.crm.hostility.refuse = lambda change: writes.append(change) or ""
    plan = world.plan([world.score(f"a{number:03}") for number in range(300)])
    assert world.apply(plan, threads=8).complete
    assert sorted(change.id for change in writes) == sorted(change.id for change in plan.changes)


def test_when_nothing_can_be_read_back_all_of_the_batch_stays_in_doubt(planned):
    world, plan = planned
    down = itertools.count(1)
    lost = UnreachableError("gone", code="E-UNKNOWN-OUTCOME")
    world.crm.hostility.lose_answer = lambda push: True
    world.crm.hostility.fail = lambda step: lost if step == "existing" and next(down) > 1 else None
    result = world.apply(plan)
    assert outcomes(result) == [("unknown", "E-UNKNOWN-OUTCOME")]
    assert len(world.journal.pending("run-1")) == 1
    world.crm.hostility = type(world.crm.hostility)()
    assert outcomes(world.apply(plan))[0] == ("written", "RESUMED")
