"""One open task for one reason: it escalates, it closes itself when the reason goes, it keeps quiet when a person closed it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from csconnect.mapping.write import wire_value
from csconnect.model.values import Action, Change, FieldKind, Scalar
from csconnect.writeback.diff_fields import raw
from csconnect.writeback.diff_opportunities import creation, too_old
from csconnect.writeback.keys import rule_of, split_key, with_sequence
from csconnect.writeback.silence import age, next_sequence, silent
from csconnect.writeback.values import Desired, Existing, History, Options, State
from csconnect.writeback.wire import Writer

_CAUSE = "stage"
_BESIDE = ("subject", "body", "urgency", "due_on")
"""What an escalation renews. Not the owner or the status: a task that a person passed on or began stays so."""


def task_changes(
    writer: Writer,
    desired: Iterable[Desired],
    existing: Iterable[Existing],
    today: date,
    options: Options,
    history: History,
) -> list[Change]:
    """Creates, escalations and closes of our tasks; ``existing`` tasks without a key of ours are not looked at."""
    ours: dict[str, list[Existing]] = defaultdict(list)
    for item in existing:
        if parts := split_key(item.key):
            ours[parts[0]].append(item)
    changes: list[Change | None] = []
    wanted = {want.key: want for want in desired if want.key}
    for stem, want in wanted.items():
        changes.append(_for_reason(writer, stem, want, ours[stem], today, options, history))
    for stem, items in ours.items():
        if stem not in wanted:
            changes += [_close(writer, item, options, history) for item in items if item.status is State.OPEN]
    return [change for change in changes if change is not None]


def _for_reason(
    writer: Writer,
    stem: str,
    want: Desired,
    ours: Sequence[Existing],
    today: date,
    options: Options,
    history: History,
) -> Change | None:
    still_open = [item for item in ours if item.status is State.OPEN]
    if still_open:
        return _escalation(writer, want, max(still_open, key=age))
    if too_old(want, options) or silent(writer, stem, ours, today, options, history):
        return None
    number = next_sequence(writer, stem, ours, history)
    return creation(writer, want, with_sequence(stem, number))


def _escalation(writer: Writer, want: Desired, item: Existing) -> Change | None:
    before = raw(writer, item)
    wire = writer.wire(want)
    cause = writer.field_of(_CAUSE)
    if cause is None or cause not in wire or writer.same(cause, wire[cause], before.get(cause)):
        return None
    names = [cause, *(field for name in _BESIDE if (field := writer.field_of(name)))]
    moved = {name: wire[name] for name in names if name in wire and not writer.same(name, wire[name], before.get(name))}
    return _change(writer, Action.UPDATE, item, moved, before).model_copy(
        update={"label": want.label or item.label, "rule": want.rule, "why": want.why}
    )


def _close(writer: Writer, item: Existing, options: Options, history: History) -> Change | None:
    outside = options.scope is not None and item.account not in options.scope
    if outside and (writer.connection, item.key) not in history.made:
        return None  # the task of another ledger's customers
    before = raw(writer, item)
    values: dict[str, Scalar] = {
        name: value for name, value in writer.mapping.close.items() if not writer.same(name, value, before.get(name))
    }
    body = writer.field_of("body")
    if not values:
        return None
    note = options.gone_notes.get(item.account, options.gone_note)
    if body and body not in values and note:
        text = f"{note}\n\n{before.get(body) or ''}"
        values[body] = wire_value(writer.fields[body], text.rstrip())
    change = _change(writer, Action.CLOSE, item, values, before)
    return change.model_copy(update={"rule": rule_of(item.key), "why": "the reason has gone"})


def _change(
    writer: Writer, action: Action, item: Existing, values: dict[str, Scalar], before: dict[str, Scalar]
) -> Change:
    fields = writer.fields
    return Change(
        connection=writer.connection,
        action=action,
        entity=writer.entity,
        object=writer.target_object,
        record_id=item.record_id,
        key=item.key,
        key_field=writer.key_field,
        account=item.account,
        label=item.label,
        values=values,
        before={name: before.get(name) for name in values if name in fields},
        kinds={name: fields[name].kind if name in fields else FieldKind.SCORE for name in values},
    )
