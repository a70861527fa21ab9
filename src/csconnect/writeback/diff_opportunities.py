"""A renewal opportunity is made once, and only where none is; what it says afterwards is the salesperson's (decisions 5, 8), save the
score fields that we say of every open one, whoever made it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from csconnect.model.values import Action, Change, FieldKind
from csconnect.writeback.diff_fields import farewell, field_update
from csconnect.writeback.keys import split_key, with_sequence
from csconnect.writeback.values import Desired, Existing, History, Options, State
from csconnect.writeback.wire import Writer

UNSERVED = "unserved"
"""The rule of a change that takes our words back from a renewal that stands for no term any more."""


def opportunity_changes(
    writer: Writer, desired: Iterable[Desired], existing: Iterable[Existing], options: Options, history: History
) -> list[Change]:
    """One create for each wanted renewal that nobody, human or machine, has made yet, and one update for each open one of which something
    else is to be said (`Desired` without a key).

    A renewal of one's own may name no contract, as HubSpot's deals do not: of the account's terms that nothing else serves, it serves
    the one that ends nearest to its close date (`Desired.window`).
    """
    existing, desired = list(existing), list(desired)
    by_stem: dict[str, list[Existing]] = defaultdict(list)
    by_contract: dict[str, list[Existing]] = defaultdict(list)
    by_record = {item.record_id: item for item in existing if item.connection == writer.connection}
    for item in existing:
        if parts := split_key(item.key):
            by_stem[parts[0]].append(item)
        if item.parent:
            by_contract[_bare(item.parent)].append(item)
    wanted = {want.key: want for want in desired if want.key and not too_old(want, options)}
    open_ended = {
        stem: want
        for stem, want in wanted.items()
        if not _named(want, by_record, writer, history)
        and not _has_one(want, by_stem[stem], by_contract[_bare(want.links.get("contract_id", ""))], writer, history)
    }
    changes: list[Change] = []
    served = _served_by_others(open_ended, existing, writer, history)
    for stem, want in open_ended.items():
        number = None if stem in served else next_number(writer, stem, by_stem[stem], history)
        if number is not None:
            changes.append(creation(writer, want, with_sequence(stem, number)))
    return [*changes, *_field_changes(writer, desired, by_record, history)]


def _field_changes(
    writer: Writer, desired: Iterable[Desired], by_record: Mapping[str, Existing], history: History
) -> Iterator[Change]:
    """What is said of each open renewal, and no more of one that stands for nothing any more."""
    said = {want.record_id: want for want in desired if want.record_id and not want.key}
    for record_id, item in by_record.items():
        if item.status is not State.OPEN:
            continue
        if record_id in said:
            change = field_update(writer, said[record_id], item, history)
        else:
            change = farewell(writer, item, history, rule=UNSERVED, why="it renews no term that we know")
        if change is not None:
            yield change


def _served_by_others(
    wanted: Mapping[str, Desired], existing: Iterable[Existing], writer: Writer, history: History
) -> set[str]:
    """The stems of ``wanted`` that a renewal serves which names neither our key nor a contract."""
    of_account: dict[str, list[tuple[str, Desired]]] = defaultdict(list)
    for stem, want in sorted(wanted.items()):
        of_account[want.account].append((stem, want))
    served: set[str] = set()
    loose = (item for item in existing if item.kind == "renewal" and not item.key and not item.parent and item.close_on)
    for item in sorted(loose, key=lambda item: (str(item.close_on), item.connection, item.record_id)):
        near = [
            (abs((item.close_on - want.ended_on).days), stem)
            for stem, want in of_account[item.account]
            if item.close_on and want.ended_on and want.window and want.window[0] <= item.close_on <= want.window[1]
            if stem not in served and _counts(item, want) and not undone(item, writer, history)
        ]
        if near:
            served.add(min(near)[1])
    return served


def too_old(want: Desired, options: Options) -> bool:
    """Work about a term that ended long before csconnect came is not made."""
    return bool(want.ended_on and options.no_work_before and want.ended_on < options.no_work_before)


def _bare(key: str) -> str:
    return key.partition(":")[2] or key


def _named(want: Desired, by_record: Mapping[str, Existing], writer: Writer, history: History) -> bool:
    """Whether the term or its contract names a renewal, and it is not the one of the term before. One that was not pulled counts."""
    if not want.record_id:
        return False
    item = by_record.get(want.record_id)
    return item is None or (_counts(item, want) and not undone(item, writer, history))


def _has_one(
    want: Desired, ours: Sequence[Existing], beside: Sequence[Existing], writer: Writer, history: History
) -> bool:
    if any(not undone(item, writer, history) for item in ours):
        return True
    return any(_counts(item, want) and not undone(item, writer, history) for item in beside)


def _counts(item: Existing, want: Desired) -> bool:
    if item.kind not in (None, "renewal"):
        return False
    if item.status is State.OPEN:
        return True
    if split_key(item.key):
        return False  # one of ours says itself which term it was for: another one
    closed_since = bool(want.since and item.closed_on and item.closed_on >= want.since)
    return item.status in (State.WON, State.LOST) and closed_since


def undone(item: Existing, writer: Writer, history: History) -> bool:
    """Whether it was csconnect itself that withdrew the record; then it does not stand in the way of a new one."""
    return (
        item.status is not State.OPEN and (item.connection, writer.target_object, item.record_id) in history.withdrawn
    )


def next_number(writer: Writer, stem: str, ours: Iterable[Existing], history: History) -> int | None:
    """The sequence after all that exist; None when one that we made is missing from the CRM, deleted or not yet pulled."""
    taken = [parts[1] for item in ours if (parts := split_key(item.key))]
    number = max(taken, default=0) + 1
    return None if (writer.connection, with_sequence(stem, number)) in history.made else number


def creation(writer: Writer, want: Desired, key: str) -> Change:
    """The create that makes ``want`` under ``key``; empty values are not sent."""
    field = writer.key_field
    wire = {name: value for name, value in writer.wire(want).items() if value is not None}
    values = {**wire, field: key} if field else wire
    return Change(
        connection=writer.connection,
        action=Action.CREATE,
        entity=writer.entity,
        object=writer.target_object,
        key=key,
        key_field=field,
        account=want.account,
        label=want.label,
        values=values,
        kinds={name: writer.fields[name].kind if name in writer.fields else FieldKind.BUSINESS for name in values},
        links=writer.links(want),
        rule=want.rule,
        why=want.why,
    )
