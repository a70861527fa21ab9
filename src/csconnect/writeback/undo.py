"""Taking a run back: fields as they were wherever our value still stands, our records withdrawn, everything else left alone."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from csconnect.connectors.protocols import Target
from csconnect.model.values import Action, Change, FieldKind, Outcome, Plan, Receipt, Record, Scalar
from csconnect.writeback.apply import ApplyResult, Progress, apply_plan
from csconnect.writeback.journal import Journal, is_undo, undo_run_id
from csconnect.writeback.live import Standing, read_live, standing
from csconnect.writeback.wire import Writer, Writers

_UNDONE = "undo"


@dataclass(frozen=True)
class Left:
    """Something undo did not touch, and why."""

    change_id: str
    field: str
    """Empty when it is the whole record."""
    why: str


@dataclass(frozen=True)
class UndoResult:
    """``plan`` is what undo wrote, ``applied`` what became of it, ``left`` what was left alone, ``held`` the accounts on hold."""

    plan: Plan
    applied: ApplyResult
    left: tuple[Left, ...]
    held: tuple[str, ...]


@dataclass(frozen=True)
class _Written:
    change: Change
    record_id: str | None
    sure: bool = True
    """False for what was intended and never answered."""
    record: Record | None = None
    later: str = ""
    """The run, no undo, that wrote to the record since."""


@dataclass(frozen=True)
class _Reverse:
    change: Change | None
    left: tuple[Left, ...] = ()


def undo_run(
    run_id: str,
    targets: Mapping[str, Target],
    journal: Journal,
    writers: Writers,
    *,
    made_at: datetime,
    as_of: date,
    progress: Progress | None = None,
    threads: int = 4,
    timer: Callable[[], float] = time.perf_counter,
) -> UndoResult:
    """Undo what the plan of ``run_id`` wrote, and hold its accounts. Doing it twice does nothing the second time.

    Raises what a target raises while the records are read; nothing is written by then but the holds.
    """
    plan, left, held = plan_undo(run_id, targets, journal, writers, made_at=made_at, as_of=as_of)
    journal.hold(held, run_id, f"undo of run {run_id}")
    # Built from what the CRM says now, so an earlier receipt of the same undo is no reason to skip anything.
    applied = apply_plan(plan, targets, journal, writers, progress=progress, threads=threads, resume=False, timer=timer)
    _settle(plan, journal, targets, writers)
    return UndoResult(plan, applied, left, held)


def plan_undo(
    run_id: str,
    targets: Mapping[str, Target],
    journal: Journal,
    writers: Writers,
    *,
    made_at: datetime,
    as_of: date,
) -> tuple[Plan, tuple[Left, ...], tuple[str, ...]]:
    """What undo would write, what it would leave alone, and which accounts it would hold. Reads, writes nothing."""
    written = _written(journal, run_id)
    live = _overwritten(_live(written, targets, writers), journal, run_id)
    reverses = [_reverse(item, writers, targets) for item in live]
    plan = Plan.of(
        [item.change for item in reverses if item.change],
        run_id=undo_run_id(run_id),
        made_at=made_at,
        as_of=as_of,
        config_hash="",
    )
    left = tuple(
        sorted((left for item in reverses for left in item.left), key=lambda item: (item.change_id, item.field))
    )
    return plan, left, tuple(sorted({item.change.account for item in written if item.change.account}))


def _written(journal: Journal, run_id: str) -> list[_Written]:
    """Every change of the run that ever got through, or may have."""
    found = {
        receipt.change_id: _Written(change, receipt.record_id or change.record_id)
        for change, receipt in journal.receipts(run_id)
        if change is not None and receipt.outcome is Outcome.WRITTEN
    }
    for item in _pending(journal, run_id):
        found.setdefault(item.change.id, item)
    return [found[change_id] for change_id in sorted(found)]


def _pending(journal: Journal, run_id: str) -> list[_Written]:
    return [_Written(change, change.record_id, sure=False) for change in journal.pending(run_id)]


def _live(written: Sequence[_Written], targets: Mapping[str, Target], writers: Writers) -> list[_Written]:
    """The same with the records as they stand now."""
    piles: dict[tuple[str, str], list[_Written]] = defaultdict(list)
    for item in written:
        piles[item.change.connection, item.change.object].append(item)
    found: list[_Written] = []
    for (connection, _), pile in sorted(piles.items()):
        writer = writers.of_change(pile[0].change)
        if writer is None or connection not in targets:
            found += pile
            continue
        ids = {item.change.id: item.record_id for item in pile if item.record_id}
        changes = [item.change for item in pile]
        live = read_live(targets[connection], changes, ids, writer.mapping.closing)
        found += [replace(item, record=live.get(item.change.id)) for item in pile]
    return found


def _overwritten(written: Sequence[_Written], journal: Journal, run_id: str) -> list[_Written]:
    """The same, each with the later run that wrote over it."""
    places = sorted({(item.change.connection, item.change.object) for item in written})
    last = {place: journal.last_writers(*place) for place in places}
    return [replace(item, later=_later(item, last, run_id)) for item in written]


def _later(item: _Written, last: Mapping[tuple[str, str], Mapping[str, str]], run_id: str) -> str:
    run = last[item.change.connection, item.change.object].get(item.record_id or "", run_id)
    return "" if run == run_id or is_undo(run) else run


def _reverse(item: _Written, writers: Writers, targets: Mapping[str, Target]) -> _Reverse:
    change, record, writer = item.change, item.record, writers.of_change(item.change)
    if writer is None or change.connection not in targets:
        return _whole(change, "nothing writes to its connection any more")
    if record is None:
        return _whole(change, "the record does not exist any more") if item.sure else _Reverse(None)
    if change.key_field and record.values.get(change.key_field) != change.key:
        return _whole(change, "the record does not carry our key any more")
    if change.action is Action.CREATE:
        return _withdrawn(change, record, writer, targets[change.connection])
    return _restored(item, record, writer)


def _whole(change: Change, why: str) -> _Reverse:
    return _Reverse(None, (Left(change.id, "", why),))


def _restored(item: _Written, record: Record, writer: Writer) -> _Reverse:
    change = item.change
    values: dict[str, Scalar] = {}
    left: list[Left] = []
    for name, wrote in change.values.items():
        now = record.values.get(name)
        if name not in change.before:
            left.append(Left(change.id, name, "what stood there before is not known"))
        elif writer.same(name, now, change.before[name]):
            continue
        elif writer.same(name, now, wrote):
            values[name] = change.before[name]
        else:
            since = (
                f"run {item.later} wrote to the record since: undo that run, then this one again" if item.later else ""
            )
            left.append(Left(change.id, name, since or "somebody changed it since"))
    update = _based_on(change, Action.UPDATE, record, values) if values else None
    return _Reverse(update, tuple(left))


def _withdrawn(change: Change, record: Record, writer: Writer, target: Target) -> _Reverse:
    close = writer.mapping.close
    if not close or not target.capabilities.closes:
        return _whole(change, "the connection does not know how to withdraw it")
    values = {name: value for name, value in close.items() if not writer.same(name, record.values.get(name), value)}
    moved = [
        name
        for name in values
        if name in change.values and not writer.same(name, record.values.get(name), change.values[name])
    ]
    if moved:
        return _Reverse(None, (Left(change.id, moved[0], "somebody works with it: it is no longer as we made it"),))
    return _Reverse(_based_on(change, Action.CLOSE, record, values) if values else None)


def _based_on(change: Change, action: Action, record: Record, values: dict[str, Scalar]) -> Change:
    return change.model_copy(
        update={
            "action": action,
            "record_id": record.id,
            "values": values,
            "before": {name: record.values.get(name) for name in values},
            "kinds": {name: change.kinds.get(name, FieldKind.SCORE) for name in values},
            "links": {},
            "rule": _UNDONE,
            "why": f"undo: {change.why}" if change.why else _UNDONE,
        }
    )


def _settle(plan: Plan, journal: Journal, targets: Mapping[str, Target], writers: Writers) -> None:
    """Give a receipt to what an earlier, killed undo intended and this one found done already."""
    now = {change.id for change in plan.changes}
    rest = [item for item in _pending(journal, plan.run_id) if item.change.id not in now]
    done = [
        (
            item.change,
            Receipt(change_id=item.change.id, outcome=Outcome.WRITTEN, record_id=item.record_id, code="RESUMED"),
        )
        for item in _live(rest, targets, writers)
        if standing(item.change, item.record, writers) is Standing.WANTED
    ]
    if done:
        journal.record(plan.run_id, done)
