"""``sobjects/...``: one record at a time, describe, and what was deleted or updated."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from csconnect_emulator.clock import to_micros
from csconnect_emulator.ids import is_id, to_18
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.describe import brief, describe, global_describe
from csconnect_emulator.salesforce.dml import Ambiguous, Writer
from csconnect_emulator.salesforce.errors import ApiError, not_found
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.salesforce.soql.filters import instant
from csconnect_emulator.salesforce.soql.shape import Renderer, Shape, stamp_text
from csconnect_emulator.salesforce.wire import Answer, Call
from csconnect_emulator.store import Record, RecordStore

CREATED_KEY_SINCE = 46.0
"""From this version on an upsert that updates answers with a body."""
REACH = {"deleted": timedelta(days=15), "updated": timedelta(days=30)}


class Records:
    """Handlers of the ``sobjects`` resources."""

    def __init__(self, store: RecordStore, access: Access, writer: Writer) -> None:
        self._store = store
        self._access = access
        self._writer = writer

    def all_objects(self, call: Call) -> Answer:
        return Answer(200, global_describe(self._store, call.version))

    def about(self, call: Call, name: str) -> Answer:
        return Answer(200, {"objectDescribe": brief(self.object(name), call.version), "recentItems": []})

    def describe(self, call: Call, name: str) -> Answer:
        return Answer(200, describe(self._store, self._access, self.object(name), call.version))

    def create(self, call: Call, name: str) -> Answer:
        id = self._writer.insert(self.object(name), call.object())
        headers = {"Location": f"/services/data/v{call.version}/sobjects/{self.object(name)}/{id}"}
        return Answer(201, {"id": id, "success": True, "errors": []}, headers)

    def read(self, call: Call, name: str, id: str) -> Answer:
        object = self.object(name)
        record = self._store.get(SYSTEM, object, to_18(id), include_deleted=True) if is_id(id) else None
        if record is None:
            raise not_found(f"Provided external ID field does not exist or is not accessible: {id}")
        if record.deleted:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        return Answer(200, self.shown(call, object, [record])[0])

    def update(self, call: Call, name: str, id: str) -> Answer:
        self._writer.update(self.object(name), id, call.object())
        return Answer(204)

    def delete(self, call: Call, name: str, id: str) -> Answer:
        self._writer.delete(self.object(name), id)
        return Answer(204)

    def read_by_key(self, call: Call, name: str, field: str, key: str) -> Answer:
        object = self.object(name)
        return Answer(200, self.shown(call, object, [self._one(call, object, field, key)])[0])

    def delete_by_key(self, call: Call, name: str, field: str, key: str) -> Answer:
        object = self.object(name)
        self._writer.delete(object, self._one(call, object, field, key).id)
        return Answer(204)

    def upsert(self, call: Call, name: str, field: str, key: str) -> Answer:
        object = self.object(name)
        definition = self._writer.key_field(object, field)
        if definition.name == "Id":
            return self.update(call, name, key)
        id, created = self._writer.upsert(object, definition, key, call.object())
        body = {"id": id, "success": True, "errors": []}
        if float(call.version) < CREATED_KEY_SINCE:
            return Answer(201, body) if created else Answer(204)
        return Answer(201 if created else 200, {**body, "created": created})

    def deleted(self, call: Call, name: str) -> Answer:
        start, end = self._window(call, "deleted")
        found = self._changed(name, start, end, deleted=True)
        earliest = self._store.clock.now() - REACH["deleted"]
        rows = [{"id": record.id, "deletedDate": stamp_text(record.modified)} for record in found]
        return Answer(
            200,
            {
                "deletedRecords": rows,
                "earliestDateAvailable": stamp_text(to_micros(earliest)),
                "latestDateCovered": stamp_text(to_micros(end)),
            },
        )

    def updated(self, call: Call, name: str) -> Answer:
        start, end = self._window(call, "updated")
        ids = [record.id for record in self._changed(name, start, end, deleted=False)]
        return Answer(200, {"ids": ids, "latestDateCovered": stamp_text(to_micros(end))})

    def object(self, name: str) -> str:
        """The proper name of an object; 404 for one there is not."""
        found = self._access.object(name)
        if found is None:
            raise not_found()
        return found

    def shown(self, call: Call, object: str, records: list[Record], names: list[str] | None = None) -> list[Any]:
        """Records with the fields asked for: ``fields=a,b``, ``names``, or all that the user can see."""
        asked = names or [name for name in call.query.get("fields", "").split(",") if name]
        visible = self._access.visible(object)
        fields = [self._access.field(object, name) for name in asked] if asked else list(visible.values())
        if names is None and asked and "id" not in {name.lower() for name in asked}:
            fields.append(visible["id"])
        shape = Shape(object, {f.name: f for f in fields}, order=[f.name for f in fields])
        return Renderer(self._store, call.version).render(shape, records)

    def _one(self, call: Call, object: str, field: str, key: str) -> Record:
        found = self._writer.by_key(object, self._writer.key_field(object, field), key)
        if not found:
            raise not_found()
        if len(found) > 1:
            raise Ambiguous(object, [record.id for record in found])
        return found[0]

    @staticmethod
    def several(call: Call, error: Ambiguous) -> Answer:
        """The answer to a key that several records carry: their addresses."""
        base = f"/services/data/v{call.version}/sobjects/{error.object}"
        return Answer(300, [f"{base}/{id}" for id in error.ids])

    def _window(self, call: Call, kind: str) -> tuple[datetime, datetime]:
        """The stretch asked for, seconds dropped, as the vendor does; INVALID_REPLICATION_DATE when out of reach."""
        try:
            asked = [instant(call.query[name].replace(" ", "+")) for name in ("start", "end")]
        except KeyError as error:
            raise ApiError("MISSING_ARGUMENT", f"Missing required parameter: {error.args[0]}") from error
        start, end = (moment.replace(second=0, microsecond=0) for moment in asked)
        now = self._store.clock.now()
        if start < now - REACH[kind] or start >= end:
            days = REACH[kind].days
            message = f"startDate must be before endDate by at least a minute and within the last {days} days"
            raise ApiError("INVALID_REPLICATION_DATE", message)
        return start, min(end, now)

    def _changed(self, name: str, start: datetime, end: datetime, *, deleted: bool) -> list[Record]:
        where = "deleted = ? AND modified >= ? AND modified < ?"
        span = [int(deleted), to_micros(start), to_micros(end)]
        return self._store.query(SYSTEM, self.object(name), where, span, order="modified", include_deleted=True)
