"""Score fields are compared and re-asserted; passengers travel only beside a real change (decisions 5 and 6)."""

from __future__ import annotations

from collections.abc import Iterable

from csconnect.model.values import Action, Change, FieldKind, Scalar
from csconnect.writeback.values import Desired, Existing, History
from csconnect.writeback.wire import Writer

DRIFT = "drift"
"""The rule of a change that puts back what a person edited."""


def field_update(writer: Writer, want: Desired, item: Existing, history: History) -> Change | None:
    """The update that makes the score fields of ``item`` say what ``want`` does; None where they do."""
    before = raw(writer, item)
    wire = writer.wire(want)
    moved = {name: value for name, value in wire.items() if not writer.same(name, value, before.get(name))}
    causes = [name for name in moved if writer.fields[name].kind is FieldKind.SCORE]
    if not causes:
        return None
    values = {name: value for name, value in moved.items() if writer.fields[name].kind is not FieldKind.BUSINESS}
    edited = _edited(writer, item, causes, before, history)
    rule = DRIFT if edited else want.rule
    return update(
        writer, item, values, before, label=want.label or item.label, rule=rule, why=_because(edited, want.why)
    )


def farewell(writer: Writer, item: Existing, history: History, *, rule: str, why: str) -> Change | None:
    """Empty our score fields on a record that nothing is said about any more: a colour that nobody renews would stay in the lists.

    Only what this ledger wrote and nobody has touched since; what another hand put there is not ours to take.
    """
    scores = {
        name: value for name, value in raw(writer, item).items() if writer.fields[name].kind is not FieldKind.BUSINESS
    }
    before: dict[str, Scalar] = {name: value for name, value in scores.items() if not writer.same(name, value, None)}
    nothing = writer.wire(Desired(item.entity, item.account, item.connection, dict.fromkeys(item.owned)))
    place = (writer.connection, writer.target_object, item.record_id)
    ours = [
        name
        for name, value in before.items()
        if name in nothing
        and (*place, name) in history.written
        and writer.same(name, history.written[*place, name], value)
    ]
    if not ours:
        return None
    beside = [name for name in before if writer.fields[name].kind is FieldKind.PASSENGER]
    values = {name: nothing[name] for name in (*ours, *beside) if name in nothing}
    return update(writer, item, values, before, label=item.label, rule=rule, why=why)


def update(
    writer: Writer,
    item: Existing,
    values: dict[str, Scalar],
    before: dict[str, Scalar],
    *,
    label: str,
    rule: str,
    why: str,
) -> Change:
    """The change of ``item`` to ``values``, whose fields said ``before``."""
    return Change(
        connection=writer.connection,
        action=Action.UPDATE,
        entity=writer.entity,
        object=writer.target_object,
        record_id=item.record_id,
        account=item.account,
        label=label,
        values=values,
        before={name: before.get(name) for name in values},
        kinds={name: writer.fields[name].kind for name in values},
        rule=rule,
        why=why,
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
