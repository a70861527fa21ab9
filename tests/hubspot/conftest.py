"""A portal played by a script of the test, for what an emulator does not do on its own; and the emulator for the rest."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from csconnect.connectors.protocols import Context, PullRequest
from csconnect.model.values import Page
from csconnect_emulator.associations import Link
from csconnect_emulator.store import RecordStore
from csconnect_emulator.testing import RunningEmulator, launch
from csconnect_hubspot.connection import HubSpot
from csconnect_hubspot.settings import HubSpotSettings

TOKEN = "pat-na1-0123456789-secret"


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


Reply = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Responder = Callable[[Request], Reply]


@dataclass
class Script:
    """What the played portal answers: the newest rule that matches wins; everything asked is kept in ``asked``."""

    url: str = ""
    rules: list[tuple[str, re.Pattern[str], Responder]] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)

    def on(self, method: str, path: str, answer: Reply | Responder) -> None:
        responder: Responder = answer if callable(answer) else lambda _: answer
        self.rules.insert(0, (method, re.compile(path), responder))

    def properties(self, object: str, *names: str, **marks: dict[str, Any]) -> None:
        """The object's properties: text ones by name, others with marks (``type``, ``hasUniqueValue``)."""
        listed = [{"name": name, "label": name, "type": "string"} for name in names]
        listed += [{"name": name, "label": name, "type": "string", **mark} for name, mark in marks.items()]
        self.on("GET", rf"/crm/properties/[^/]+/{object}$", (200, {"results": listed}))

    def reply(self, request: Request) -> Reply:
        self.asked.append(request)
        for method, path, responder in self.rules:
            if method == request.method and path.search(request.path):
                return responder(request)
        return 404, {"status": "error", "message": f"not scripted: {request.path}", "category": "OBJECT_NOT_FOUND"}

    def paths(self, method: str = "") -> list[str]:
        return [request.path for request in self.asked if not method or request.method == method]


@pytest.fixture
def script() -> Iterator[Script]:
    played = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet an answer, else each costs 40 ms

        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            is_json = "json" in (self.headers.get("Content-Type") or "")
            body = json.loads(raw) if raw and is_json else raw.decode()
            status, answer, *more = played.reply(Request(self.command, parts.path, query, dict(self.headers), body))
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response_only(status)  # without a Date of its own
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    played.url = f"http://127.0.0.1:{server.server_port}"
    played.on("GET", r"/account-info/.*/details$", (200, {"portalId": 4711, "accountType": "STANDARD"}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield played
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class FakeTime:
    """A clock that only moves when somebody sleeps."""

    at: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


Opener = Callable[..., HubSpot]


@pytest.fixture
def open_portal(script: Script, clock: FakeTime) -> Iterator[Opener]:
    """Opens a connection to the played portal; keyword arguments are settings, ``org`` is the pinned portal."""
    opened: list[HubSpot] = []

    def open_it(org: str = "", **settings: Any) -> HubSpot:
        given = {"base_url": script.url, **settings}
        if "client_id" not in given:
            given.setdefault("token", TOKEN)
        context = Context(connection="hub", org=org, now=clock.now, sleep=clock.sleep)
        opened.append(HubSpot(HubSpotSettings(**given), context))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


@dataclass
class Emulated:
    """An emulated portal, and a connection to it that lives by the portal's clock."""

    emulator: RunningEmulator
    org: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hub = self.connect()

    @property
    def store(self) -> RecordStore:
        return self.emulator.store

    @property
    def limits(self) -> dict[str, int]:
        return self.emulator.state.limits["hubspot"]

    def connect(self, **settings: Any) -> HubSpot:
        clock = self.emulator.state.clock
        context = Context(connection="hub", org=self.org, now=clock.now, sleep=clock.advance)
        given = {"base_url": self.emulator.hubspot_url, "overlap_minutes": 10, **settings}
        if "client_id" not in given:
            given["token"] = self.emulator.credentials["hubspot"]["token"]
        return HubSpot(HubSpotSettings(**given), context)

    def wait(self, **span: float) -> None:
        self.emulator.state.clock.advance(timedelta(**span).total_seconds())

    def load(self, object: str, *rows: dict[str, Any]) -> None:
        self.store.load("hubspot", object, rows)

    def link(self, origin: str, id: str, to: str, other: str, label: str = "") -> None:
        self.store.associations.add("hubspot", [Link(origin, id, to, other, label)])

    def pull(self, object: str, *fields: str, cursor: str | None = None, where: str = "") -> Pulled:
        pulled = Pulled()
        for page in self.hub.pull(PullRequest(object, fields, cursor=cursor, where=where)):
            pulled.add(page)
        return pulled

    def searches(self) -> int:
        return sum(entry["path"].endswith("/search") for entry in self.emulator.state.log.entries())


@dataclass
class Pulled:
    rows: list[dict[str, Any]] = field(default_factory=list)
    gone: dict[str, str | None] = field(default_factory=dict)
    cursors: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def add(self, page: Page) -> None:
        assert isinstance(page.rows, (list, tuple))
        self.pages.append(page)
        self.rows += page.rows
        self.gone |= {stone.id: stone.merged_into for stone in page.tombstones}
        self.cursors += [page.cursor] if page.cursor else []

    @property
    def ids(self) -> list[str]:
        return [row["hs_object_id"] for row in self.rows]

    @property
    def cursor(self) -> str:
        return self.cursors[-1]


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[Emulated]:
    with launch(tmp_path, systems=("hubspot",), tls=frozenset()) as emulator:
        # In the past of this machine's own clock, which the answers' Date header tells.
        emulator.state.clock.set(datetime(2024, 1, 15, 12, tzinfo=UTC), frozen=True)
        portal = Emulated(emulator)
        yield portal
        portal.hub.close()
    emulator.store.close()
