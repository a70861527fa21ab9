"""The REST API: which request is answered by whom, behind authentication, quota and version checks."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from csconnect_emulator.salesforce.access import Access
from csconnect_emulator.salesforce.auth import Tokens
from csconnect_emulator.salesforce.collections import Collections
from csconnect_emulator.salesforce.composite import Composite
from csconnect_emulator.salesforce.derive import Derived
from csconnect_emulator.salesforce.dml import Ambiguous, Writer
from csconnect_emulator.salesforce.errors import ApiError, not_found
from csconnect_emulator.salesforce.people import merge
from csconnect_emulator.salesforce.records import Records
from csconnect_emulator.salesforce.soql.query import Queries
from csconnect_emulator.salesforce.soql.shape import PAGE
from csconnect_emulator.salesforce.tooling import Tooling
from csconnect_emulator.salesforce.wire import Answer, Call, refused
from csconnect_emulator.state import State
from csconnect_emulator.store import RecordStore

LIMITS = {"used": 0, "max": 1_000_000, "token_seconds": 7_200, "activity_unique": 1, "archive_days": 365}
"""``used`` and ``max`` calls a day; life of a token; whether fields of Activity may be unique (nobody here knows); after how
many days old activities answer to queryAll only (0 = never)."""
VERSIONS = range(31, 68)
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)
Handler = Callable[..., Answer]
Routes = list[tuple[str, re.Pattern[str], Handler]]


class Api:
    """Everything under ``/services/data/vNN.0/``."""

    def __init__(self, store: RecordStore, state: State) -> None:
        self._counting = threading.Lock()
        self._limits = state.limits.setdefault("salesforce", {})
        for name, value in LIMITS.items():
            self._limits.setdefault(name, value)
        access = Access(store)
        writer = Writer(store, access)
        derived = Derived(store)
        state.derive["salesforce"] = derived.by_person
        state.merge["salesforce"] = lambda object, loser, winner: merge(store, object, loser, winner)
        self.tokens = Tokens(store, state)
        self._queries = Queries(store, access, self._limits)
        records = Records(store, access, writer)
        collections = Collections(store, access, writer, records)
        composite = Composite(store, self.dispatch)
        tooling = Tooling(store, access, state)
        self._routes = [*self._own(), *_record_routes(records), *_many_routes(collections, composite), *_tools(tooling)]

    def handle(self, call: Call) -> Answer:
        """One request from outside: authenticated, counted, answered."""
        if self.tokens.user(call) is None:
            return refused(ApiError("INVALID_SESSION_ID", "Session expired or invalid", status=401))
        if self._limits["used"] >= self._limits["max"]:
            return self._counted(
                refused(ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403))
            )
        self._limits["used"] += 1
        if float(call.version) < VERSIONS.start:
            message = f"API version {call.version} has been retired"
            return self._counted(refused(ApiError("GONE", message, status=410)))
        return self._counted(self.dispatch(call))

    def dispatch(self, call: Call) -> Answer:
        """One request, also those inside a composite."""
        path, methods = "/".join(segment.replace("/", "%2F") for segment in call.path), set()
        try:
            for method, pattern, handler in self._routes:
                match = pattern.fullmatch(path)
                if match and method == call.method:
                    return handler(call, *(part.replace("%2F", "/") for part in match.groups()))
                methods |= {method} if match else set()
            if methods:
                allowed = ",".join(sorted(methods))
                message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
                raise ApiError("METHOD_NOT_ALLOWED", message, status=405)
            raise not_found()
        except ApiError as error:
            return refused(error)
        except Ambiguous as error:
            return Records.several(call, error)

    def _counted(self, answer: Answer) -> Answer:
        usage = f"api-usage={self._limits['used']}/{self._limits['max']}"
        return Answer(answer.status, answer.body, {**answer.headers, "Sforce-Limit-Info": usage})

    def _own(self) -> Routes:
        return _table(
            ("GET", "", self._resources),
            ("GET", "limits", self._limit_list),
            ("GET", "query", lambda call: self._query(call, deleted=False)),
            ("GET", "queryAll", lambda call: self._query(call, deleted=True)),
            ("GET", "tooling/query", lambda call: self._query(call, deleted=False, tooling=True)),
            ("GET", "(?:query|queryAll)/([^/]+)", lambda call, key: self._more(call, key)),
            ("GET", "tooling/query/([^/]+)", lambda call, key: self._more(call, key, tooling=True)),
        )

    def _resources(self, call: Call) -> Answer:
        base = f"/services/data/v{call.version}"
        names = ("sobjects", "query", "queryAll", "limits", "composite", "tooling")
        return Answer(200, {name: f"{base}/{name}" for name in names} | {"identity": self.tokens.who()["sub"]})

    def _limit_list(self, call: Call) -> Answer:
        left = max(0, self._limits["max"] - self._limits["used"])
        storage = {"Max": 20_480, "Remaining": 20_000}
        return Answer(
            200,
            {"DailyApiRequests": {"Max": self._limits["max"], "Remaining": left}, "DataStorageMB": storage},
        )

    def _query(self, call: Call, *, deleted: bool, tooling: bool = False) -> Answer:
        text = call.query.get("q")
        if not text:
            raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
        match = _BATCH.search(call.headers.get("sforce-query-options", ""))
        size = int(match[1]) if match else PAGE
        if not 200 <= size <= PAGE:
            raise ApiError("INVALID_QUERY_OPTIONS", f"batchSize must be between 200 and {PAGE}")
        return Answer(200, self._queries.run(text, call.version, deleted=deleted, tooling=tooling, size=size))

    def _more(self, call: Call, key: str, *, tooling: bool = False) -> Answer:
        return Answer(200, self._queries.more(key, call.version, tooling=tooling))


def _table(*rows: tuple[str, str, Handler]) -> Routes:
    return [(method, re.compile(path), handler) for method, path, handler in rows]


def _record_routes(records: Records) -> Routes:
    one, three = "sobjects/([^/]+)", "sobjects/([^/]+)/([^/]+)/([^/]+)"
    return _table(
        ("GET", "sobjects", records.all_objects),
        ("GET", one, records.about),
        ("POST", one, records.create),
        ("GET", f"{one}/describe", records.describe),
        ("GET", f"{one}/deleted", records.deleted),
        ("GET", f"{one}/updated", records.updated),
        ("GET", f"{one}/([^/]+)", records.read),
        ("PATCH", f"{one}/([^/]+)", records.update),
        ("DELETE", f"{one}/([^/]+)", records.delete),
        ("GET", three, records.read_by_key),
        ("PATCH", three, records.upsert),
        ("DELETE", three, records.delete_by_key),
    )


def _many_routes(collections: Collections, composite: Composite) -> Routes:
    return _table(
        ("POST", "composite", composite.composite),
        ("POST", "composite/batch", composite.batch),
        ("POST", "composite/sobjects", collections.create),
        ("PATCH", "composite/sobjects", collections.update),
        ("DELETE", "composite/sobjects", collections.delete),
        ("GET", "composite/sobjects/([^/]+)", collections.read),
        ("POST", "composite/sobjects/([^/]+)", collections.read),
        ("PATCH", "composite/sobjects/([^/]+)/([^/]+)", collections.upsert),
    )


def _tools(tooling: Tooling) -> Routes:
    return _table(
        ("POST", "tooling/sobjects/CustomField", tooling.create_field),
        ("GET", "tooling/sobjects/CustomField/([^/]+)", tooling.read_field),
        ("DELETE", "tooling/sobjects/CustomField/([^/]+)", tooling.delete_field),
    )
