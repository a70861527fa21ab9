"""Score fields are compared and re-asserted; passengers travel only beside a real change (decisions 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterable

from csconnect.model.values import Action, Change, FieldKind, Scalar
from csconnect.writeback.values import Desired, Existing, History
from csconnect.writeback.wire import Writer

DRIFT = "drift"
"""The rule of a change that puts back what a person edited."""


def account_changes(
    writer: Writer, desired: Iterable[Desired], existing: Iterable[Existing], history: History
) -> list[Change]:
    """One update per account that says something else than it should.

    An account that is not among ``existing`` has gone since and is left alone.
    """
    there = {item.record_id: item for item in existing}
    changes = (
        _update(writer, want, there[want.record_id], history)
        for want in desired
        if want.record_id and want.record_id in there
    )
    return [change for change in changes if change is not None]


def _update(writer: Writer, want: Desired, item: Existing, history: History) -> Change | None:
    before = raw(writer, item)
    wire = writer.wire(want)
    moved = {name: value for name, value in wire.items() if not writer.same(name, value, before.get(name))}
    causes = [name for name in moved if writer.fields[name].kind is FieldKind.SCORE]
    if not causes:
        return None
    values = {name: value for name, value in moved.items() if writer.fields[name].kind is not FieldKind.BUSINESS}
    edited = _edited(writer, item, causes, before, history)
    return Change(
        connection=writer.connection,
        action=Action.UPDATE,
        entity=writer.entity,
        object=writer.target_object,
        record_id=item.record_id,
        account=want.account,
        label=want.label or item.label,
        values=values,
        before={name: before.get(name) for name in values},
        kinds={name: writer.fields[name].kind for name in values},
        rule=DRIFT if edited else want.rule,
        why=_because(edited, want.why),
    )


def raw(writer: Writer, item: Existing) -> dict[str, Scalar]:
    """What the record says, by the system's field names, spelt as the system spells it."""
    return {field: value for name, value in item.owned.items() if (field := writer.field_of(name))}


def _edited(
    writer: Writer, item: Existing, fields: Iterable[str], before: dict[str, Scalar], history: History
) -> list[str]:
    """Fields that no longer say what we wrote last, so that somebody else has written them."""
    places = {name: (writer.connection, writer.target_object, item.record_id, name) for name in fields}
    return sorted(
        name
        for name, place in places.items()
        if place in history.written and not writer.same(name, history.written[place], before.get(name))
    )


def _because(edited: list[str], why: str) -> str:
    note = f"edited by hand: {', '.join(edited)}" if edited else ""
    return "; ".join(part for part in (note, why) if part)
