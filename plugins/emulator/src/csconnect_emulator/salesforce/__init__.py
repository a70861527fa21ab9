"""The Salesforce REST dialect: OAuth, SOQL, sObjects, collections, composite, the field-making part of Tooling."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from csconnect_emulator.salesforce.api import VERSIONS, Api
from csconnect_emulator.salesforce.auth import register_key
from csconnect_emulator.salesforce.errors import not_found
from csconnect_emulator.salesforce.org import grant, hide_field, install, set_org
from csconnect_emulator.salesforce.wire import Answer, Call, refused
from csconnect_emulator.state import State, body_of
from csconnect_emulator.store import RecordStore

__all__ = ["grant", "hide_field", "install", "register_key", "routes", "set_org"]

MAX_URL = 16_384
_DATA = re.compile(r"/services/data/v(\d+\.\d)(/.*)?")
_EVERY = ["GET", "POST", "PATCH", "PUT", "DELETE"]


def routes(store: RecordStore, state: State) -> list[Route]:
    """The dialect's routes over a store."""
    api = Api(store, state)

    def answer(request: Request) -> Response:
        return _response(_answered(api, request))

    return [Route(path, answer, methods=_EVERY) for path in ("/services/{rest:path}", "/id/{rest:path}")]


def _answered(api: Api, request: Request) -> Answer:
    path = request.scope["raw_path"].decode("ascii").partition("?")[0].rstrip("/")
    if len(str(request.url)) > MAX_URL:
        return Answer(414, [{"message": "URI Too Long", "errorCode": "URI_TOO_LONG"}])
    match = _DATA.fullmatch(path)
    headers = {name.lower(): value for name, value in request.headers.items()}
    segments = tuple(unquote(part) for part in ((match and match[2]) or "").split("/") if part)
    version = match[1] if match else "59.0"
    call = Call(request.method, segments, dict(request.query_params), body_of(request), headers, version)
    return api.handle(call) if match else _outside(api, call, path)


def _outside(api: Api, call: Call, path: str) -> Answer:
    """What is not part of a version of the REST API."""
    if path == "/services/data" and call.method == "GET":
        found = [{"label": f"API {n}", "url": f"/services/data/v{n}.0", "version": f"{n}.0"} for n in VERSIONS]
        return Answer(200, found)
    if path == "/services/oauth2/token" and call.method == "POST":
        return api.tokens.token(call)
    if path == "/services/oauth2/revoke":
        return api.tokens.revoke(call)
    if path == "/services/oauth2/userinfo" or path.startswith("/id/"):
        return Answer(200, api.tokens.who()) if api.tokens.user(call) else Answer(403, "Bad_OAuth_Token")
    return refused(not_found())


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.body is None:
        return Response(status_code=answer.status, headers=headers)
    return JSONResponse(answer.body, answer.status, {**headers, "content-type": "application/json;charset=UTF-8"})
