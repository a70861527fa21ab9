"""Builds each dialect's application and runs both servers in a thread of this process, on loopback.

A dialect is a package with two functions: ``install(store)`` defines its objects and puts its default org and credentials
into the store when they are not there yet, and ``routes(store, state)`` gives its routes. Default credentials live in
the store's meta under ``<system>.credentials``.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from csconnect.errors import ConfigError, UnreachableError
from csconnect_emulator.admin import Admin
from csconnect_emulator.middleware import ABORT, Wire
from csconnect_emulator.state import State
from csconnect_emulator.store import RecordStore
from csconnect_emulator.tls import Certificates, certificates

SYSTEMS = ("salesforce", "hubspot")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class AbortableProtocol(H11Protocol):
    """Lets the application cut its connection, as a lost network does: ASGI itself has no word for that."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        app = self.app

        async def with_abort(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[ABORT] = transport.abort
            await app(scope, receive, send)

        self.app = with_abort


class QuickServer(uvicorn.Server):
    """Stops at once: clients of a local server need no grace, and tests start and stop it hundreds of times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._end = asyncio.Event()

    def end(self) -> None:
        """Stop; to be called in the loop of the server."""
        self.should_exit = True
        self._end.set()

    async def main_loop(self) -> None:
        tick = 0
        while not await self.on_tick(tick):
            tick = (tick + 1) % 864_000
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        # A closed TLS connection would wait long for its peer's goodbye.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.01)


def build_app(system: str, state: State) -> ASGIApp:
    """The application of one system: its dialect's routes and the admin endpoints, behind the wire."""
    dialect = importlib.import_module(f"csconnect_emulator.{system}")
    dialect.install(state.store)
    routes = [*Admin(state).routes(), *dialect.routes(state.store, state)]
    return Wire(Starlette(routes=routes), system, state)


@dataclass
class RunningEmulator:
    """The emulator, started by `start` or ``with``. ``ports``: system -> port, 0 or absent = any free one.

    ``tls`` names the systems that speak https. Salesforce does by default, since its client library knows nothing else.
    """

    store: RecordStore
    folder: Path
    host: str = "127.0.0.1"
    ports: dict[str, int] = field(default_factory=dict)
    systems: tuple[str, ...] = SYSTEMS
    tls: frozenset[str] = frozenset({"salesforce"})
    state: State = field(init=False)

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK:
            raise ConfigError(f"will not listen on {self.host}", where="emulator", remedy="Use 127.0.0.1")
        self.state = State(self.store)
        self._servers: list[QuickServer] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._certificates: Certificates | None = certificates(self.folder / "tls") if self.tls else None

    @property
    def salesforce_url(self) -> str:
        return self.state.urls["salesforce"]

    @property
    def hubspot_url(self) -> str:
        return self.state.urls["hubspot"]

    @property
    def ca(self) -> Path:
        """The PEM file a client must trust."""
        if self._certificates is None:
            raise ConfigError("no system speaks https", where="emulator", remedy="Name one in tls")
        return self._certificates.ca

    @property
    def credentials(self) -> dict[str, dict[str, Any]]:
        """Per system, what a client needs to log in."""
        return {system: self.store.get_meta(f"{system}.credentials", {}) for system in self.systems}

    def start(self) -> RunningEmulator:
        """Listen; returns when both servers answer. `ConfigError` when a port is taken."""
        sockets = [self._listen(system) for system in self.systems]
        for system, sock in zip(self.systems, sockets, strict=True):
            scheme = "https" if system in self.tls else "http"
            self.state.urls[system] = f"{scheme}://{self.host}:{sock.getsockname()[1]}"
        configs = [self._config(system) for system in self.systems]
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(configs, sockets, ready)), daemon=True)
        self._thread.start()
        if not ready.wait(30):
            raise UnreachableError("the servers did not start", where="emulator")
        return self

    def stop(self) -> None:
        """Close the servers; requests that hang are cut. The store stays open."""
        if self._thread is not None and self._loop is not None:
            for server in self._servers:
                self._loop.call_soon_threadsafe(server.end)
            self._thread.join(20)
            self._thread = None

    def __enter__(self) -> RunningEmulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _listen(self, system: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # The protocol must be named: asyncio turns Nagle's delay off only for sockets that say they are TCP.
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port = self.ports.get(system, 0)
        try:
            sock.bind((self.host, port))
        except OSError as error:
            sock.close()
            raise ConfigError(f"port {port} is taken", where=f"emulator {system}", remedy="Choose another") from error
        return sock

    def _config(self, system: str) -> uvicorn.Config:
        files = self._certificates if system in self.tls else None
        return uvicorn.Config(
            build_app(system, self.state),
            http=AbortableProtocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            server_header=False,
            ssl_certfile=str(files.cert) if files else None,
            ssl_keyfile=str(files.key) if files else None,
        )

    async def _serve(self, configs: list[uvicorn.Config], sockets: list[socket.socket], ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._servers = [QuickServer(config) for config in configs]
        serving = [
            asyncio.create_task(server.serve(sockets=[sock]))
            for server, sock in zip(self._servers, sockets, strict=True)
        ]
        while not all(server.started for server in self._servers) and not any(task.done() for task in serving):
            await asyncio.sleep(0.002)
        ready.set()
        await asyncio.gather(*serving)
