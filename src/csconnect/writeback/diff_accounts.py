"""What an account should say, and what one that is no customer any more still says of ours, which is taken back."""

from __future__ import annotations

from collections.abc import Iterable

from csconnect.model.values import Change, FieldKind, Scalar
from csconnect.writeback.diff_fields import field_update, raw, update
from csconnect.writeback.values import Desired, Existing, History
from csconnect.writeback.wire import Writer

LEFT = "left"
"""The rule of a change that takes our words back from an account that is no customer any more."""


def account_changes(
    writer: Writer, desired: Iterable[Desired], existing: Iterable[Existing], history: History
) -> list[Change]:
    """One update per account that says something else than it should.

    An account that is not among ``existing`` has gone since and is left alone.
    """
    there = {item.record_id: item for item in existing}
    wanted = {want.record_id: want for want in desired if want.record_id}
    changes = [
        field_update(writer, wanted[record_id], item, history)
        if record_id in wanted
        else _farewell(writer, item, history)
        for record_id, item in there.items()
    ]
    return [change for change in changes if change is not None]


def _farewell(writer: Writer, item: Existing, history: History) -> Change | None:
    """Empty our fields on an account that nothing is said about any more: a colour that nobody renews would stay in the lists.

    Only what this ledger wrote and nobody has touched since; what another hand put there is not ours to take.
    """
    said = raw(writer, item).items()
    before: dict[str, Scalar] = {name: value for name, value in said if not writer.same(name, value, None)}
    nothing = writer.wire(Desired("account", item.account, item.connection, dict.fromkeys(item.owned)))
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
    return update(writer, item, values, before, label=item.label, rule=LEFT, why="no customer of ours any more")
