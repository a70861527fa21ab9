"""From HTTP to a handler and back: who is calling, may they, is there quota left, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from csconnect_emulator.hubspot import access
from csconnect_emulator.hubspot.errors import ApiError, invalid
from csconnect_emulator.hubspot.portal import Portal
from csconnect_emulator.hubspot.rates import RateBook
from csconnect_emulator.hubspot.schema import ObjectType
from csconnect_emulator.state import body_of

URL_LIMIT = 15_000
"""About what the vendor takes before it answers 414 (trap: very long property lists)."""


@dataclass(frozen=True)
class Call:
    """One request as a handler sees it."""

    portal: Portal
    path: Mapping[str, str]
    query: QueryParams
    body: Any
    url: str
    token: str = ""

    @property
    def kind(self) -> ObjectType:
        """The object named in the path."""
        return self.portal.kind(self.path["type"])

    def names(self, key: str) -> list[str]:
        """A query parameter that lists names: divided by commas, or given several times."""
        return [name for part in self.query.getlist(key) for name in part.split(",") if name]

    def flag(self, key: str) -> bool:
        return self.query.get(key, "").lower() == "true"

    def number(self, key: str, default: int, most: int) -> int:
        """A whole number from the query between 1 and ``most``; 400 otherwise."""
        text = self.query.get(key) or str(default)
        if not text.isdigit() or not 0 < int(text) <= most:
            raise invalid(f"{key} must be between 1 and {most}", context={key: [text]})
        return int(text)

    def cursor(self) -> int:
        """``after`` of the query, 0 at the start; 400 when it is none of ours."""
        text = self.query.get("after") or "0"
        if not text.isdigit():
            raise invalid("after is not a cursor of this endpoint", context={"after": [text]})
        return int(text)

    def object(self) -> dict[str, Any]:
        """The body as a JSON object; 400 when it is something else."""
        if not isinstance(self.body, dict):
            raise invalid("Invalid input JSON: an object was expected")
        return self.body


@dataclass(frozen=True)
class Answer:
    """What a handler gives back. A body of None sends none."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Answer]
Scopes = Callable[[Call], tuple[tuple[str, ...], ...]]
"""The scopes a call needs: one of each group."""


@dataclass(frozen=True)
class Gate:
    """What stands before every handler."""

    portal: Portal
    rates: RateBook

    def endpoint(
        self, handler: Handler, scopes: Scopes | None, *, search: bool = False
    ) -> Callable[[Request], Response]:
        """A Starlette endpoint. ``scopes`` None = open to anybody (OAuth)."""

        def respond(request: Request) -> Response:
            headers: dict[str, str] = {}
            try:
                if len(str(request.url)) > URL_LIMIT:
                    raise ApiError(414, "", "Request-URI Too Long")
                who = access.identify(self.portal, request.headers.get("authorization", "")) if scopes else None
                if who is not None:
                    headers = self.rates.take(who.token, search=search, oauth=who.oauth)
                call = self._call(request, who.token if who else "")
                if who is not None and scopes is not None:
                    access.require(who, scopes(call))
                answer = handler(call)
            except ApiError as error:
                answer = Answer(error.to_body(), error.status, {**headers, **error.headers})
            return _send(answer, headers)

        return respond

    def _call(self, request: Request, token: str) -> Call:
        raw = body_of(request)
        body: Any = None
        if raw and not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            try:
                body = json.loads(raw)
            except ValueError:
                raise invalid("Invalid input JSON on line 1, column 1: not JSON") from None
        elif raw:
            body = access.form(raw)
        return Call(self.portal, request.path_params, request.query_params, body, str(request.url), token)


def _send(answer: Answer, headers: Mapping[str, str]) -> Response:
    content = b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()
    kind = {} if answer.body is None else {"content-type": "application/json;charset=utf-8"}
    return Response(content, answer.status, {**headers, **answer.headers, **kind})
