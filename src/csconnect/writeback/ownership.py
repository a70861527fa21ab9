"""Law 5: only fields under ``write`` of the mapping are ever written, and on records that do not carry our key only score fields."""

from __future__ import annotations

from collections.abc import Iterable

from csconnect.connectors.protocols import WantedField
from csconnect.errors import PlanError
from csconnect.mapping.spec import Mapping
from csconnect.model.values import Action, Change, FieldKind
from csconnect.writeback.wire import Writer, Writers

_CREATED = ("opportunity", "task")


def wanted_fields(mappings: Iterable[Mapping]) -> list[WantedField]:
    """What `Target.provision` is asked for: every owned field that has a label. Fields without one are the system's own."""
    return [
        WantedField(
            object=mapping.object,
            name=owned.to,
            type=owned.type,
            label=owned.label,
            help=owned.help,
            length=owned.length or 255,
            scale=owned.scale or 0,
            choices=tuple(owned.choices.values()),
        )
        for mapping in mappings
        for owned in mapping.write.values()
        if owned.to and owned.label
    ]


def check_owned(changes: Iterable[Change], writers: Writers) -> None:
    """Raise `PlanError` (E-NOT-OURS) on the first change that is not ours to make. Makes no call."""
    for change in changes:
        writer = writers.of_change(change)
        reason = _objection(change, writer) if writer else f"no mapping of this connection writes {change.entity}"
        if reason:
            raise PlanError(
                f"Change '{change.id}' is not ours to make: {reason}",
                where=change.connection,
                remedy="Make a new plan with 'csconnect plan'",
                code="E-NOT-OURS",
            )


def _objection(change: Change, writer: Writer) -> str:
    if change.object != writer.target_object:
        return f"the mapping of {change.entity} writes '{writer.target_object}'"
    strangers = sorted(set(change.values) - _allowed(change, writer))
    if strangers:
        return f"'{strangers[0]}' is not under 'write' of mapping '{writer.mapping.name}'"
    if change.entity in _CREATED and (change.key or not _scored(change, writer)):
        return _keyed(change, writer)
    if change.action is not Action.UPDATE or not change.record_id or change.links:
        return "what others made is only updated, never made, closed or linked"
    return ""


def _scored(change: Change, writer: Writer) -> bool:
    """Whether it says something about a renewal, whoever made it, and touches nothing that the renewal says itself."""
    owned = [writer.fields.get(name) for name in change.values]
    scores = all(field is not None and field.kind is not FieldKind.BUSINESS for field in owned)
    return change.entity == "opportunity" and change.action is Action.UPDATE and scores


def _allowed(change: Change, writer: Writer) -> set[str]:
    closes = change.entity in _CREATED and change.action is not Action.CREATE
    closing = set(writer.mapping.closing) if closes else set()
    return set(writer.fields) | closing


def _keyed(change: Change, writer: Writer) -> str:
    field = writer.key_field
    if field is None:
        return f"mapping '{writer.mapping.name}' has no key field"
    if not change.key or change.key_field != field:
        return "it does not name our key"
    if field in change.values and change.values[field] != change.key:
        return "it would write another key"
    if change.action is Action.CREATE:
        if change.record_id or field not in change.values:
            return "a record we create carries our key"
        owned_links = {owned.link for owned in writer.mapping.write.values() if owned.link}
        return "" if set(change.links) <= owned_links else "it links an object that the mapping does not"
    if change.links:
        return "only what we create is linked"
    return "" if change.record_id else "it names no record"
