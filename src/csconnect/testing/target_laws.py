"""The laws of write-back (docs/architecture.md, section 6) through the core's own diff, apply and undo."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from csconnect.connectors.protocols import Source
from csconnect.mapping import read_page
from csconnect.model.values import Outcome, Plan
from csconnect.testing.bench import Bench
from csconnect.testing.desk import Desk, at_desk, closed
from csconnect.testing.journal import MemoryJournal
from csconnect.testing.picking import Kit, needs
from csconnect.testing.replica import Replica
from csconnect.testing.samples import values_of
from csconnect.testing.verdict import demand
from csconnect.writeback import ApplyResult, Desired, Existing, State

Wants = dict[str, dict[str, object] | None]
"""Entity -> values by the core's names; None for a record that is not wanted."""


class LawTests(Kit):
    """Plans over random wants, applied once, twice, interrupted and undone."""

    def test_law_1_applying_twice_is_applying_once_and_the_next_plan_is_empty(self, bench: Bench) -> None:
        with at_desk(bench) as desk:

            @self.tries()
            @given(_wants(self, desk), _wants(self, desk))
            def law(first: Wants, second: Wants) -> None:
                account = bench.make("account", "law 1")
                for wants in (first, second):
                    desired = _desired(desk, account, wants)
                    plan = desk.plan(desired)
                    _complete(desk.apply(plan), plan)
                    before = bench.state()
                    desk.journal = MemoryJournal()  # even without any memory of the first time
                    again = desk.apply(plan)
                    outcomes = {receipt.outcome.value for receipt in again.receipts}
                    demand(
                        bench.state() == before and outcomes <= {"unchanged"},
                        f"Applying a plan a second time said {sorted(outcomes)} and the system "
                        f"{'is as before' if bench.state() == before else 'changed'}",
                        why=_LAW_1,
                        do="existing() that reads back what push() wrote",
                    )
                    _nothing_to_do(desk.plan(desired))

            law()

    @needs("reads")
    def test_law_1_a_pull_after_applying_plans_nothing(self, bench: Bench) -> None:
        with at_desk(bench) as desk:
            if not isinstance(desk.target, Source):
                return  # a Target of its own; its Source is pulled by another connector
            ids = [bench.make("account", f"pulled {number}") for number in range(3)]
            wants: Wants = {"account": {"health_score": 54, "because": 'it\'s "so" 因为'}}
            wants |= {entity: {} for entity in self.capabilities.creates}
            desired = [want for id in ids for want in _desired(desk, id, wants)]
            plan = desk.plan(desired)
            _complete(desk.apply(plan), plan)
            _nothing_to_do(desk.plan(desired, existing=_pulled(desk, {want.account for want in desired})))

    def test_batches_side_by_side_come_to_the_same(self, bench: Bench) -> None:
        with at_desk(bench) as desk:
            ids = [bench.make("account", f"side by side {number}") for number in range(12)]
            wants: Wants = {"account": {"health_score": 7}, **{entity: {} for entity in self.capabilities.creates}}
            desired = [want for id in ids for want in _desired(desk, id, wants)]
            plan = desk.plan(desired)
            _complete(desk.apply(plan, batch=2), plan)
            _nothing_to_do(desk.plan(desired))

    @needs("creates")
    def test_law_2_a_create_that_is_applied_twice_makes_one_record(self, bench: Bench, made: str) -> None:
        account = bench.make("account", "once")
        with at_desk(bench) as desk:
            plan = desk.plan(_desired(desk, account, {made: {}}))
            for _ in range(2):
                desk.journal = MemoryJournal()
                _complete(desk.apply(plan), plan)
            _one(desk, made, account)

    @needs("creates", "lose_answer")
    def test_law_2_a_lost_answer_makes_no_second_record(self, bench: Bench, made: str) -> None:
        account = bench.make("account", "lost answer")
        with at_desk(bench) as desk:
            plan = desk.plan(_desired(desk, account, {"account": {"health_score": 3}, made: {}}))
            creates = [change for change in plan.changes if change.entity == made]
            with bench.lose_answer():
                desk.apply(Plan.of(creates, **plan.model_dump(exclude={"changes", "fingerprint"})))
            _complete(desk.apply(plan), plan)
            said = {receipt.outcome for _, receipt in desk.journal.receipts(plan.run_id)}
            _one(desk, made, account)
            demand(
                said <= {Outcome.WRITTEN, Outcome.UNCHANGED, Outcome.UNKNOWN} and Outcome.WRITTEN in said,
                f"Receipts of a create whose answer was lost say {said}",
                why="what is not known as ours is never undone or closed",
                do="an UnreachableError with code E-UNKNOWN-OUTCOME when no answer came, and a look-up by key that finds it",
            )
            _nothing_to_do(desk.plan(_desired(desk, account, {"account": {"health_score": 3}, made: {}})))

    @needs("lose_answer")
    def test_law_2_a_lost_answer_of_an_update_is_found_out(self, bench: Bench) -> None:
        account = bench.make("account", "lost update")
        with at_desk(bench) as desk:
            plan = desk.plan(_desired(desk, account, {"account": {"health_score": 61}}))
            with bench.lose_answer():
                desk.apply(plan)
            _complete(desk.apply(plan), plan)
            _nothing_to_do(desk.plan(_desired(desk, account, {"account": {"health_score": 61}})))

    def test_law_3_undo_restores_what_nobody_changed_and_closes_what_we_made(self, bench: Bench) -> None:
        with at_desk(bench) as desk:

            @self.tries()
            @given(_wants(self, desk), _wants(self, desk), st.booleans())
            def law(before: Wants, wants: Wants, meddled: bool) -> None:
                account = bench.make("account", "law 3")
                desk.apply(desk.plan(_desired(desk, account, {"account": before.get("account")})))
                old = dict(bench.read("account", account) or {})
                plan = desk.plan(_desired(desk, account, wants))
                result = desk.apply(plan)
                if meddled:
                    bench.edit("account", account, {bench.label_field("account"): "a person's work"})
                    old[bench.label_field("account")] = "a person's work"
                undone = desk.undo(plan)
                _restored(desk, account, old, plan)
                _withdrawn(desk, plan, result)
                demand(
                    undone.applied.complete and not desk.undo(plan).plan.changes,
                    f"An undo left {undone.left}; another one finds more to do",
                    why="undo is the reason why people dare to say yes",
                    do="push() that writes null and CLOSE like any other change",
                )

            law()


_LAW_1 = "pushing the same changes twice changes nothing the second time, or every day's run writes everything anew"


def _wants(kit: Kit, desk: Desk) -> st.SearchStrategy[Wants]:
    """Random wants for one account: its own fields, and perhaps a record of each kind that the connector makes."""
    given = desk.bench.given
    parts: dict[str, st.SearchStrategy[dict[str, object] | None]] = {
        entity: st.none() | values_of(desk.writer(entity), entity, given.get(entity, {}))
        for entity in sorted({"account", *kit.capabilities.creates})
    }
    return st.fixed_dictionaries(parts)


def _desired(desk: Desk, account: str, wants: Wants) -> list[Desired]:
    return [desk.want(entity, account, values) for entity, values in wants.items() if values is not None]


def _complete(result: ApplyResult, plan: Plan) -> None:
    bad = [
        each
        for each in result.receipts
        if each.outcome not in (Outcome.WRITTEN, Outcome.UNCHANGED) or each.code == "NOT-KEPT"
    ]
    demand(
        result.complete and not bad,
        f"A plan of {len(plan.changes)} changes was not carried out: {bad or [str(each) for each in result.stopped.values()]}",
        why="every value of these wants is one that a real run may write",
        do="the spelling of the value in push(), or its type in the mapping",
    )


def _nothing_to_do(plan: Plan) -> None:
    left = [(change.object, change.action.value, change.before, change.values) for change in plan.changes]
    demand(
        not left,
        f"Planning after applying is not empty: {left}",
        why=_LAW_1,
        do="values that compare as they were sent",
    )


def _one(desk: Desk, made: str, account: str) -> None:
    count = len(desk.children(made, account))
    demand(
        count == 1,
        f"There are {count} records where one {made} was wanted",
        why="two renewals of one contract are a scandal in any sales meeting",
        do="existing() by key that sees what was made a moment ago; an upsert by key where the system has it",
    )


def _restored(desk: Desk, account: str, old: dict[str, object], plan: Plan) -> None:
    now, writer = dict(desk.bench.read("account", account) or {}), desk.writer("account")
    touched = {name for change in plan.changes if change.entity == "account" for name in change.values}
    off = {
        name: (old.get(name), now.get(name))
        for name in {*old, *now}
        if (not writer.same(name, now.get(name), old.get(name)) if name in touched else now.get(name) != old.get(name))  # type: ignore[arg-type]
    }
    demand(not off, f"After undo these fields are not as before: {off}", why=_LAW_3, do="null as a value that clears")


_LAW_3 = "law 3: undo restores every field that nobody else changed since, and touches nothing else"


def _withdrawn(desk: Desk, plan: Plan, result: ApplyResult) -> None:
    ids = {receipt.change_id: receipt.record_id for receipt in result.receipts}
    for change in plan.changes:
        if change.entity == "account" or not desk.target.capabilities.closes:
            continue
        writer, id = desk.writer(change.entity), ids.get(change.id) or "?"
        found = desk.look(writer.target_object, "id", [id], tuple(writer.mapping.close))
        demand(
            found and closed(writer, found[0].values) and desk.bench.read(change.entity, id) is not None,
            f"After undo the {change.entity} that we made says {[record.values for record in found]}",
            why=_LAW_3,
            do="CLOSE as an update with the change's values; never a delete",
        )


def _pulled(desk: Desk, accounts: Collection[str]) -> list[Existing]:
    """What the system says of these accounts by a full pull and the mappings, as a run would see it."""
    return [item for writer in desk.writers for item in _of_pull(desk, writer.entity) if item.account in accounts]


def _of_pull(desk: Desk, entity: str) -> Iterator[Existing]:
    replica, mapping = Replica(desk.bench, entity), desk.bench.mapping(entity)
    available: Sequence[str] = replica.request(desk.target).fields
    for page in replica.pull(desk.target).pages:
        for row in read_page(mapping, page, desk.bench.connection, available).batch.to_pylist():
            account = row["id"] if entity == "account" else row["account_id"] or ""
            yield Existing(
                entity,
                desk.bench.connection,
                account,
                str(row["id"]).partition(":")[2],
                key=row.get("key"),
                owned=json.loads(row["_owned"] or "{}"),
                status=State(row.get("status") or "open"),
                closed_on=row["closed_at"].date() if row.get("closed_at") else None,
            )
