"""The ASGI layer under both dialects: reads the body once, plays faults, writes the log."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csconnect_emulator.faults import Fault
from csconnect_emulator.state import State

ABORT = "emulator.abort"
"""Extension of the scope under which the server offers to cut the connection."""
ADMIN = "/_emulator/"


class Wire:
    """Wraps a dialect's application. Requests to the admin endpoints pass untouched and unlogged."""

    def __init__(self, app: ASGIApp, system: str, state: State) -> None:
        self._app = app
        self._system = system
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        scope["emulator.body"] = body
        path = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        if path.startswith(ADMIN):
            await self._app(scope, _replay(body, receive), send)
            return
        started, fault = time.perf_counter(), self._state.faults.strike(scope["method"], path, body)

        async def noting(message: Message) -> None:
            # Before the answer leaves, so that whoever has it finds it in the log.
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], fault, started)
            await send(message)

        if fault is not None and fault.action in ("hang", "drop"):
            self._note(scope, 0, fault, started)
        await self._answer(scope, body, receive, noting, fault)

    async def _answer(self, scope: Scope, body: bytes, receive: Receive, send: Send, fault: Fault | None) -> None:
        if fault is None:
            await self._app(scope, _replay(body, receive), send)
            return
        kept: list[Message] = []
        if fault.action == "delay" and fault.when == "before":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, _replay(body, receive), send)
            return
        if fault.when == "after":
            await self._app(scope, _replay(body, receive), _keep(kept))
        if fault.action == "delay":
            await asyncio.sleep(fault.seconds)
            for message in kept:
                await send(message)
        elif fault.action == "status":
            await _play(fault, send)
        else:
            if fault.action == "drop":
                scope["extensions"][ABORT]()
            await _gone(receive)

    def _note(self, scope: Scope, status: int, fault: Fault | None, started: float) -> None:
        self._state.log.add(
            {
                "method": scope["method"],
                "path": scope["path"],
                "query": scope["query_string"].decode("latin-1"),
                "status": status,
                "system": self._system,
                "at": self._state.clock.now().isoformat(),
                "ms": round((time.perf_counter() - started) * 1000, 1),
                "fault": fault.action if fault else None,
            }
        )


async def _play(fault: Fault, send: Send) -> None:
    """Send the rule's own answer: its JSON, else its text, else nothing."""
    if fault.json is not None:
        kind, text = "application/json;charset=UTF-8", json.dumps(fault.json)
    else:
        kind, text = "text/html;charset=UTF-8", fault.text or ""
    headers = {"content-type": kind, **{k.lower(): v for k, v in fault.headers.items()}, "content-length": ""}
    headers["content-length"] = str(len(text.encode()))
    raw = [(k.encode(), str(v).encode()) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": fault.status, "headers": raw})
    await send({"type": "http.response.body", "body": text.encode()})


async def _read(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A receive that hands out the body that was read already, then the real events."""
    pending: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


def _keep(messages: list[Message]) -> Send:
    """A send that holds the answer back."""

    async def keep(message: Message) -> None:
        messages.append(message)

    return keep


async def _gone(receive: Receive) -> None:
    """Wait until the client has given up."""
    while (await receive())["type"] != "http.disconnect":
        pass
