"""Records as they stand right now, and how they stand to a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from csconnect.connectors.protocols import Lookup, Target
from csconnect.model.values import Action, Change, Record
from csconnect.writeback.wire import Writers


class Standing(StrEnum):
    """What a live record says, seen from a change of it."""

    WANTED = "wanted"
    """What the change wants, whoever wrote it; for a create: a record with our key exists."""
    BEFORE = "before"
    """What the plan saw, or partly that and partly what is wanted."""
    OTHER = "other"
    """Something else: somebody has been there since."""
    FOREIGN = "foreign"
    """It does not carry our key, so it is not ours."""
    MISSING = "missing"


def read_live(
    target: Target, changes: Sequence[Change], ids: Mapping[str, str] | None = None, extra: Iterable[str] = ()
) -> dict[str, Record]:
    """The records that ``changes`` (of one object) are about, by change id; those that do not exist are left out.

    A create is looked up by its key, or by record id where ``ids`` (change id -> record id) knows it. The fields of the changes,
    our key and ``extra`` fields are read. Raises what the target raises.
    """
    known = dict(ids or {})
    by_id = {
        change.id: change.record_id or known[change.id] for change in changes if change.record_id or change.id in known
    }
    by_key = {change.id: change.key for change in changes if change.id not in by_id and change.key}
    asked = {name for change in changes for name in (*change.values, change.key_field or "") if name}
    fields = tuple(sorted(asked | set(extra)))
    found: dict[str, Record] = {}
    if by_id:
        records = {record.id: record for record in _lookup(target, changes[0].object, fields, "id", by_id.values())}
        found |= {change_id: records[record_id] for change_id, record_id in by_id.items() if record_id in records}
    key_field = next((change.key_field for change in changes if change.id in by_key), None)
    if by_key and key_field:
        keyed: dict[str, Record] = {}
        for record in _lookup(target, changes[0].object, fields, key_field, by_key.values()):
            # A person's clone carries the same key; the oldest id is the one we made.
            keyed.setdefault(str(record.values.get(key_field)), record)
        found |= {change_id: keyed[key] for change_id, key in by_key.items() if key in keyed}
    return found


def _lookup(
    target: Target, object: str, fields: tuple[str, ...], field: str, values: Iterable[str]
) -> Iterator[Record]:
    wanted = sorted(set(values))
    size = max(1, target.capabilities.lookup_batch)
    for start in range(0, len(wanted), size):
        lookup = Lookup(object, fields, field, tuple(wanted[start : start + size]))
        yield from sorted(target.existing(lookup), key=lambda record: record.id)


def standing(change: Change, record: Record | None, writers: Writers) -> Standing:
    """How ``record`` stands to ``change``; fields of which the plan does not know the former value are not judged by it."""
    writer = writers.of_change(change)
    if record is None or writer is None:
        return Standing.MISSING
    if change.action is Action.CREATE:
        return Standing.WANTED
    if change.key_field and record.values.get(change.key_field) != change.key:
        return Standing.FOREIGN
    if not unlike(change, record, writers):
        return Standing.WANTED
    moved = (
        name
        for name in unlike(change, record, writers)
        if name in change.before and not writer.same(name, record.values.get(name), change.before[name])
    )
    return Standing.OTHER if any(True for _ in moved) else Standing.BEFORE


def got_through(change: Change, record: Record | None, writers: Writers) -> bool:
    """Whether a change that was sent, and not answered, must have been written: nothing stands as before, something as wanted.

    What stands otherwise is what somebody wrote after us.
    """
    where = standing(change, record, writers)
    if record is None or where is not Standing.OTHER:
        return where is Standing.WANTED
    writer = writers.of_change(change)
    differ = unlike(change, record, writers)
    unmoved = [
        name
        for name in differ
        if writer and name in change.before and writer.same(name, record.values.get(name), change.before[name])
    ]
    return not unmoved and len(differ) < len(change.values)


def unlike(change: Change, record: Record, writers: Writers) -> list[str]:
    """Fields of ``record`` that do not say what ``change`` wants, sorted."""
    writer = writers.of_change(change)
    return sorted(
        name
        for name, value in change.values.items()
        if writer is None or not writer.same(name, record.values.get(name), value)
    )
