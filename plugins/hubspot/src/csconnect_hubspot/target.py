"""The writing half: live reads of few records, and one batch of changes at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from math import ceil
from typing import Any

from csconnect.connectors.protocols import Capabilities, Lookup, ObjectSchema, ProvisionStep, WantedField
from csconnect.errors import MissingFieldError
from csconnect.model.values import Action, Change, Outcome, Receipt, Record
from csconnect_hubspot.associations import BATCH, associate, link_types, related
from csconnect_hubspot.export import export_files
from csconnect_hubspot.portal import Portal
from csconnect_hubspot.problem import Problem, Refused
from csconnect_hubspot.properties import KEY, RELATION, is_relation
from csconnect_hubspot.provision import provision
from csconnect_hubspot.reading import RawRecord, by_values, search
from csconnect_hubspot.receipts import TRACE, Batch, done, refusal, refused_whole
from csconnect_hubspot.rows import RowMaker
from csconnect_hubspot.source import CAPABILITIES
from csconnect_hubspot.spelling import DAY, spell

CONFLICT = "CONFLICT"
CALLS_PER_BATCH = 3
"""Read before, write, read back."""

Send = Callable[[Sequence[Change]], list[Receipt]]


class HubSpotTarget:
    """Implements `csconnect.connectors.protocols.Target`."""

    capabilities: Capabilities = CAPABILITIES

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self._link_types: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def existing(self, lookup: Lookup) -> Iterator[Record]:
        """By id or unique property straight from the database; by parent over its associations.

        A property that is not unique can only be asked of the search index, which lags some seconds behind. Our key is
        never looked up there: `MissingFieldError` unless it is a unique identifier.
        """
        self.portal.verify()
        maker = RowMaker(
            self.portal, lookup.object, lookup.fields, also=() if lookup.field == "id" else (lookup.field,)
        )
        for records in self._found(lookup, maker):
            for record, row in zip(records, maker.rows(records), strict=True):
                yield Record(lookup.object, str(record["id"]), row)

    def push(self, batch: Sequence[Change]) -> list[Receipt]:
        """A create carries its associations with it, so that no crash can leave a record without its company.

        HubSpot refuses a whole call for one bad value; such a batch is halved until the bad ones stand alone.
        """
        self.portal.verify()
        if not batch:
            return []
        schema = self.portal.schema(batch[0].object)
        unfit = {change.id: receipt for change in batch if (receipt := self._unfit(change, schema))}
        fit = [change for change in batch if change.id not in unfit]
        send = self._create if batch[0].action is Action.CREATE else self._update
        sent = dict(zip([change.id for change in fit], self._halving(fit, send), strict=True))
        return [unfit.get(change.id) or sent[change.id] for change in batch]

    def provision(self, wanted: Sequence[WantedField], *, apply: bool) -> list[ProvisionStep]:
        self.portal.verify()
        return provision(self.portal, wanted, apply=apply)

    def export(self, wanted: Sequence[WantedField]) -> dict[str, str]:
        return export_files(wanted, self.portal.settings.language, self.portal.settings.version)

    def cost(self, changes: Sequence[Change]) -> int:
        """Each batch: a live read before, the write, a read back; once for each kind of link its association type, and once
        the portal's time zone, for days that are written as instants."""
        batches = Counter((change.object, change.action) for change in changes)
        links = {(change.object, other) for change in changes for other in change.links}
        days = any(DAY.match(str(value)) for change in changes for value in change.values.values())
        once = len(links) + int(days and not self.portal.known)
        return once + sum(CALLS_PER_BATCH * ceil(count / BATCH) for count in batches.values())

    def _found(self, lookup: Lookup, maker: RowMaker) -> Iterator[list[RawRecord]]:
        object, field, asked = lookup.object, lookup.field, maker.properties
        if field == "id":
            yield by_values(self.portal, object, asked, lookup.values)
        elif is_relation(field):
            children = related(self.portal, field.removeprefix(RELATION), object, lookup.values)
            yield by_values(self.portal, object, asked, [id for many in children.values() for id in many])
        elif self.portal.schema(object).fields[field].unique:
            yield by_values(self.portal, object, asked, lookup.values, unique=field)
        elif field == KEY:
            raise not_unique(object)
        else:
            for start in range(0, len(lookup.values), BATCH):
                values = list(lookup.values[start : start + BATCH])
                yield from search(
                    self.portal, object, asked, [{"propertyName": field, "operator": "IN", "values": values}]
                )

    def _unfit(self, change: Change, schema: ObjectSchema) -> Receipt | None:
        """A change that is known to be refused is not sent: it would take the whole batch down with it."""
        missing = sorted(set(change.values) - set(schema.fields))
        if missing:
            text = f"{schema.name} have no property {', '.join(missing)}; run csconnect provision"
            return refusal(change, Problem(code=MissingFieldError.code, message=text))
        if change.action is not Action.CREATE and not change.record_id:
            return refusal(change, Problem(code="NO_ID", message="the change does not say which record it is about"))
        key = schema.fields.get(change.key_field or "")
        if change.action is Action.CREATE and (not change.key or key is None or not key.unique):
            return refusal(change, Problem(code=MissingFieldError.code, message=str(not_unique(schema.name))))
        return None

    def _halving(self, changes: Sequence[Change], send: Send) -> list[Receipt]:
        if not changes:
            return []
        try:
            return send(changes)
        except Refused as error:
            if len(changes) == 1:
                return [refused_whole(changes[0], error)]
        middle = len(changes) // 2
        return [*self._halving(changes[:middle], send), *self._halving(changes[middle:], send)]

    def _update(self, changes: Sequence[Change]) -> list[Receipt]:
        """Values first, then links; a change without values only links (the core mends a create that was cut off)."""
        valued = [change for change in changes if change.values]
        inputs = [{"id": change.record_id, **self._input(change)} for change in valued]
        path = self.portal.paths.objects(changes[0].object, "batch", "update")
        receipts = Batch(valued, self.portal.post(path, {"inputs": inputs})).receipts() if valued else []
        written = {receipt.change_id: receipt for receipt in receipts}
        result = {change.id: written.get(change.id) or done(change) for change in changes}
        linked = [change for change in changes if change.links and result[change.id].outcome is Outcome.WRITTEN]
        return [*(result | self._associated(linked)).values()]

    def _associated(self, changes: Sequence[Change]) -> dict[str, Receipt]:
        """Make the links of records that exist; the receipts of those that were refused, by change id."""
        refused: dict[str, Receipt] = {}
        for other in sorted({other for change in changes for other in change.links}):
            pairs = {change.id: (str(change.record_id), change.links.get(other, "")) for change in changes}
            problems = associate(self.portal, changes[0].object, other, [pair for pair in pairs.values() if pair[1]])
            for change in changes:
                if pairs[change.id] in problems:
                    refused[change.id] = refusal(change, problems[pairs[change.id]])
        return refused

    def _create(self, changes: Sequence[Change]) -> list[Receipt]:
        """Not repeated after a lost answer: the core reads back by key first, and so learns which records are ours."""
        inputs = [{**self._input(change), "associations": self._links(change)} for change in changes]
        path = self.portal.paths.objects(changes[0].object, "batch", "create")
        try:
            answer = self.portal.post(path, {"inputs": inputs}, idempotent=False)
        except Refused as error:
            if len(changes) > 1:
                raise
            return self._taken(changes, [refused_whole(changes[0], error)])
        return self._taken(changes, Batch(changes, answer).receipts())

    def _taken(self, changes: Sequence[Change], receipts: list[Receipt]) -> list[Receipt]:
        """Creates refused because the key exists are no failures: the record is there, whoever was faster."""
        keys = [
            str(change.key)
            for change, receipt in zip(changes, receipts, strict=True)
            if receipt.outcome is Outcome.REFUSED
        ]
        if not keys:
            return receipts
        field = str(changes[0].key_field)
        records = by_values(self.portal, changes[0].object, [field], keys, unique=field)
        there = {str((record.get("properties") or {}).get(field)): str(record["id"]) for record in records}
        return [
            Receipt(change_id=change.id, outcome=Outcome.UNCHANGED, record_id=there[str(change.key)], code=CONFLICT)
            if receipt.outcome is Outcome.REFUSED and str(change.key) in there
            else receipt
            for change, receipt in zip(changes, receipts, strict=True)
        ]

    def _input(self, change: Change) -> dict[str, Any]:
        fields = self.portal.schema(change.object).fields
        kinds = {name: fields[name].type for name in change.values}
        zone = self.portal.identity().zone if "datetime" in kinds.values() else UTC
        values = {name: spell(value, kinds[name], zone) for name, value in change.values.items()}
        if change.action is Action.CREATE and change.key_field:
            values.setdefault(change.key_field, str(change.key))
        return {"properties": values, TRACE: change.id}

    def _links(self, change: Change) -> list[dict[str, Any]]:
        return [
            {"to": {"id": id}, "types": self._types(change.object, other)} for other, id in sorted(change.links.items())
        ]

    def _types(self, origin: str, to: str) -> list[dict[str, Any]]:
        known = self._link_types.get((origin, to))
        if known is None:
            known = self._link_types[origin, to] = link_types(self.portal, origin, to)
        return known


def not_unique(object: str) -> MissingFieldError:
    return MissingFieldError(
        f"{object} have no unique property {KEY}, without which nothing can be created safely",
        remedy="Run csconnect provision; if the property exists but is not unique, archive it in HubSpot first",
    )
