"""The emulator's own endpoints, under ``/_emulator/``: faults, log, clock, quota, and a person's hands on records.

They are for tests and demonstrations and no part of any vendor's API; the servers listen on loopback only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from csconnect.errors import CsconnectError
from csconnect_emulator.clock import from_micros
from csconnect_emulator.faults import Fault
from csconnect_emulator.state import State, json_of
from csconnect_emulator.store import Record


class Admin:
    """Handlers of the admin endpoints."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        table: list[tuple[str, str, Callable[[Request], Any]]] = [
            ("POST", "/_emulator/faults", self._add_fault),
            ("GET", "/_emulator/faults", self._list_faults),
            ("DELETE", "/_emulator/faults", self._clear_faults),
            ("GET", "/_emulator/log", lambda _: self._state.log.entries()),
            ("DELETE", "/_emulator/log", lambda _: self._state.log.clear()),
            ("GET", "/_emulator/clock", lambda _: {"now": self._state.clock.now().isoformat()}),
            ("POST", "/_emulator/clock", self._set_clock),
            ("GET", "/_emulator/quota", lambda _: self._state.limits),
            ("POST", "/_emulator/quota", self._set_quota),
            ("GET", "/_emulator/record/{system}/{object}/{id}", self._record),
            ("POST", "/_emulator/edit", self._edit),
            ("GET", "/_emulator/count", self._count),
        ]
        return [Route(path, _json(handler), methods=[method]) for method, path, handler in table]

    def _add_fault(self, request: Request) -> None:
        self._state.faults.add(Fault.read(json_of(request)))

    def _list_faults(self, request: Request) -> list[dict[str, Any]]:
        return [vars(rule) for rule in self._state.faults.rules()]

    def _clear_faults(self, request: Request) -> None:
        self._state.faults.clear()

    def _set_clock(self, request: Request) -> dict[str, str]:
        raw, clock = json_of(request), self._state.clock
        if "set" in raw:
            clock.set(datetime.fromisoformat(raw["set"]), frozen=bool(raw.get("frozen")))
        clock.advance(raw.get("advance_seconds", 0))
        return {"now": clock.now().isoformat()}

    def _set_quota(self, request: Request) -> dict[str, int]:
        raw = json_of(request)
        limits = self._state.limits.setdefault(raw.pop("system"), {})
        limits.update(raw)
        return limits

    def _record(self, request: Request) -> dict[str, Any] | None:
        path = request.path_params
        return _shown(self._state.store.get(path["system"], path["object"], path["id"], include_deleted=True))

    def _edit(self, request: Request) -> dict[str, Any] | None:
        """A person's edit: ``action`` update (default), delete, restore, or merge of ``loser`` into ``id``."""
        raw, store = json_of(request), self._state.store
        system, name, id = raw["system"], raw["object"], raw["id"]
        action, values = raw.get("action", "update"), raw.get("fields", {})
        if action == "delete":
            store.delete(system, name, id)
        elif action == "restore":
            store.restore(system, name, id)
        elif action == "merge":
            self._merge(system, name, raw["loser"], id)
        else:
            record = store.get(system, name, id)
            if record is None:
                return None
            derive = self._state.derive.get(system)
            store.update(system, name, id, derive(name, record.data, values) if derive else values)
        return _shown(store.get(system, name, id, include_deleted=True))

    def _merge(self, system: str, name: str, loser: str, winner: str) -> None:
        merge = self._state.merge.get(system)
        if merge:
            merge(name, loser, winner)
        else:
            self._state.store.merge(system, name, loser, winner)

    def _count(self, request: Request) -> dict[str, dict[str, int]]:
        store = self._state.store
        return {
            system: {name: store.count(system, name) for name in store.objects(system)}
            for system in ("salesforce", "hubspot")
        }


def _shown(record: Record | None) -> dict[str, Any] | None:
    if record is None:
        return None
    return {
        "id": record.id,
        "fields": record.data,
        "created": from_micros(record.created).isoformat(),
        "modified": from_micros(record.modified).isoformat(),
        "deleted": record.deleted,
    }


def _json(handler: Callable[[Request], Any]) -> Callable[[Request], JSONResponse]:
    def endpoint(request: Request) -> JSONResponse:
        try:
            answer = handler(request)
        except (CsconnectError, KeyError, ValueError, TypeError, re.error) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        missing = answer is None and request.url.path.startswith(("/_emulator/record", "/_emulator/edit"))
        return (
            JSONResponse({"error": "no such record"}, 404)
            if missing
            else JSONResponse({"ok": True} if answer is None else answer)
        )

    return endpoint
