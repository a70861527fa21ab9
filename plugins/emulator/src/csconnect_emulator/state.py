"""What the running emulator shares between its servers: the store, the faults to play, the log of requests, the limits."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from csconnect_emulator.clock import Clock
from csconnect_emulator.faults import Faults
from csconnect_emulator.store import RecordStore

Derive = Callable[[str, dict[str, Any], dict[str, Any]], dict[str, Any]]
"""(object, fields as they stand, fields being written) -> fields to store, with what the vendor would set beside them."""
Merge = Callable[[str, str, str], None]
"""(object, loser id, winner id): do what the vendor does when a person merges two records."""


class RequestLog:
    """The requests that reached the emulator, oldest first, at most ``size`` of them."""

    def __init__(self, size: int = 100_000) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=size)
        self._lock = threading.Lock()

    def add(self, entry: dict[str, Any]) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[dict[str, Any]]:
        """``{method, path, query, status, system, at, ms, fault}`` each; status 0 = no answer was given."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


@dataclass
class State:
    """One running emulator. A dialect puts its defaults into ``limits`` and its hands into ``derive`` and ``merge`` when
    its routes are built."""

    store: RecordStore
    faults: Faults = field(default_factory=Faults)
    log: RequestLog = field(default_factory=RequestLog)
    limits: dict[str, dict[str, int]] = field(default_factory=dict)
    """Per system: the numbers that rate and quota accounting go by, changed through ``/_emulator/quota``."""
    derive: dict[str, Derive] = field(default_factory=dict)
    merge: dict[str, Merge] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    """System -> base address, once the servers run."""

    @property
    def clock(self) -> Clock:
        return self.store.clock


def body_of(request: Request) -> bytes:
    """The request's body, which the middleware has read already: endpoints are plain functions."""
    body: bytes = request.scope["emulator.body"]
    return body


def json_of(request: Request) -> Any:
    """The request's body as JSON; `ValueError` when it is not."""
    return json.loads(body_of(request))
