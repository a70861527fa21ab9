"""``composite/sobjects``: up to 200 records in one request, each with its own result in the order of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from csconnect_emulator.ids import SF_PREFIXES, is_id, to_18
from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.dml import Ambiguous, Writer
from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.records import Records
from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.salesforce.wire import Answer, Call
from csconnect_emulator.store import RecordStore

MAX_WRITE = 200
MAX_READ = 2_000
Result = dict[str, Any]


class RolledBack(Exception):
    """One record of an all-or-none request failed."""


class Collections:
    """Handlers of the sObject collections (vendor page "sObject Collections")."""

    def __init__(self, store: RecordStore, access: Access, writer: Writer, records: Records) -> None:
        self._store = store
        self._access = access
        self._writer = writer
        self._records = records

    def create(self, call: Call) -> Answer:
        return self._many(call, self._create)

    def update(self, call: Call) -> Answer:
        return self._many(call, self._update)

    def upsert(self, call: Call, name: str, key: str) -> Answer:
        object = self._records.object(name)
        field = self._writer.key_field(object, key)

        def one(row: Mapping[str, Any]) -> Result:
            if self._type(row) != object:
                raise ApiError("INVALID_TYPE", f"The type of a record must be {object}")
            given = {k.lower(): v for k, v in row.items()}.get(field.name.lower())
            if field.name == "Id" and not given:
                return _done(self._writer.insert(object, row), created=True)
            if given in (None, ""):
                raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified")
            rest = {k: v for k, v in row.items() if k.lower() != field.name.lower()}
            if field.name == "Id":
                self._writer.update(object, given, rest)
                return _done(to_18(given), created=False)
            id, created = self._writer.upsert(object, field, given, rest)
            return _done(id, created=created)

        return self._many(call, one)

    def delete(self, call: Call) -> Answer:
        ids = [id for id in call.query.get("ids", "").split(",") if id]
        _at_most(ids, MAX_WRITE)
        none = call.query.get("allOrNone", "false").lower() == "true"
        return self._results(ids, none, self._delete)

    def read(self, call: Call, name: str) -> Answer:
        """Records by id in the order asked for; null for one that is not there."""
        object = self._records.object(name)
        body = call.object() if call.method == "POST" else {k: v.split(",") for k, v in call.query.items()}
        ids, names = body.get("ids"), body.get("fields")
        if not ids or not names:
            raise ApiError("MISSING_ARGUMENT", "Both ids and fields must be given")
        _at_most(ids, MAX_READ)
        wanted = [to_18(id) if is_id(id) else _malformed(id) for id in ids]
        found = self._store.get_many(SYSTEM, object, wanted)
        rows = dict(zip(found, self._records.shown(call, object, list(found.values()), names), strict=True))
        return Answer(200, [rows.get(id) for id in wanted])

    def _many(self, call: Call, one: Callable[[Any], Result]) -> Answer:
        body = call.object()
        rows = body.get("records")
        if not isinstance(rows, list):
            raise ApiError("JSON_PARSER_ERROR", "The records property is required")
        _at_most(rows, MAX_WRITE)
        return self._results(rows, bool(body.get("allOrNone")), one)

    def _results(self, rows: Sequence[Any], all_or_none: bool, one: Callable[[Any], Result]) -> Answer:
        results: list[Result] = []
        try:
            with self._store.transaction():
                results = [self._tried(row, one) for row in rows]
                if all_or_none and not all(result["success"] for result in results):
                    raise RolledBack
        except RolledBack:
            message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
            undone = ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).result()
            results = [undone if result["success"] else result for result in results]
        return Answer(200, results)

    def _tried(self, row: Any, one: Callable[[Any], Result]) -> Result:
        try:
            return one(row)
        except ApiError as error:
            return error.result()
        except Ambiguous as error:
            message = f"duplicate external id specified; records {', '.join(error.ids)}"
            return ApiError("DUPLICATE_EXTERNAL_ID", message).result()

    def _create(self, row: Mapping[str, Any]) -> Result:
        return _done(self._writer.insert(self._type(row), row))

    def _update(self, row: Mapping[str, Any]) -> Result:
        id = next((value for name, value in row.items() if name.lower() == "id"), None)
        if not id:
            raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call")
        self._writer.update(self._type(row), id, row)
        return _done(to_18(id))

    def _delete(self, id: str) -> Result:
        object = next((o for o, prefix in SF_PREFIXES.items() if id.startswith(prefix)), None)
        if object is None or not is_id(id):
            _malformed(id)
        self._writer.delete(str(object), id)
        return _done(to_18(id))

    def _type(self, row: Mapping[str, Any]) -> str:
        """The object of a row, which its attributes must name."""
        name = (row.get("attributes") or {}).get("type") if isinstance(row, Mapping) else None
        object = self._access.object(name) if isinstance(name, str) else None
        if object is None:
            raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return object


def _done(id: str, created: bool | None = None) -> Result:
    result: Result = {"id": id, "success": True, "errors": []}
    return result if created is None else {**result, "created": created}


def _at_most(rows: Sequence[Any], most: int) -> None:
    if len(rows) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise ApiError("EXCEEDED_ID_LIMIT", message)


def _malformed(id: object) -> str:
    raise ApiError("MALFORMED_ID", f"malformed id {id}")
