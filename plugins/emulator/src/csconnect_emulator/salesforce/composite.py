"""``composite`` and ``composite/batch``: several requests in one, answered by the very same code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csconnect_emulator.salesforce.errors import ApiError
from csconnect_emulator.salesforce.wire import Answer, Call
from csconnect_emulator.store import RecordStore

MAX_REQUESTS = 25
MAX_QUERIES = 5
_REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
Dispatch = Callable[[Call], Answer]


class Halted(Exception):
    """A request of an all-or-none composite failed."""


class Composite:
    """Handlers of the composite resources."""

    def __init__(self, store: RecordStore, dispatch: Dispatch) -> None:
        self._store = store
        self._dispatch = dispatch

    def composite(self, call: Call) -> Answer:
        """Requests in order, later ones may name results of earlier ones: ``@{reference.id}``."""
        body = call.object()
        requests = _limited(body.get("compositeRequest"))
        if sum(bool(re.search(r"/(query|queryAll|composite/sobjects)\b", r["url"])) for r in requests) > MAX_QUERIES:
            raise ApiError("LIMIT_EXCEEDED", f"No more than {MAX_QUERIES} query or collections requests")
        answers: list[dict[str, Any]] = []
        try:
            with self._store.transaction():
                self._run(call, requests, answers, all_or_none=bool(body.get("allOrNone")))
        except Halted:
            text = "The transaction was rolled back since another operation in the same transaction failed."
            halted = [{"errorCode": "PROCESSING_HALTED", "message": text}]
            answers = [
                a if a["httpStatusCode"] >= 400 else {**a, "body": halted, "httpStatusCode": 400} for a in answers
            ]
            for request in requests[len(answers) :]:
                answers.append(_shown(request["referenceId"], Answer(400, halted)))
        return Answer(200, {"compositeResponse": answers})

    def batch(self, call: Call) -> Answer:
        """Requests that know nothing of each other."""
        body = call.object()
        results: list[dict[str, Any]] = []
        for request in _limited(body.get("batchRequests")):
            if body.get("haltOnError") and any(r["statusCode"] >= 400 for r in results):
                error = {"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}
                results.append({"statusCode": 412, "result": [error]})
                continue
            url = "/services/data/" + request["url"].lstrip("/").removeprefix("services/data/")
            answer = self._dispatch(_sub(call, request["method"], url, request.get("richInput")))
            results.append({"statusCode": answer.status, "result": answer.body})
        return Answer(200, {"hasErrors": any(r["statusCode"] >= 400 for r in results), "results": results})

    def _run(
        self, call: Call, requests: list[dict[str, Any]], answers: list[dict[str, Any]], *, all_or_none: bool
    ) -> None:
        known: dict[str, Any] = {}
        for request in requests:
            name = request.get("referenceId", "")
            try:
                url, body = _filled(request["url"], known), _filled(request.get("body"), known)
                answer = self._dispatch(_sub(call, request["method"], url, body))
            except ApiError as error:
                answer = Answer(400, error.answer())
            known[name] = answer.body
            answers.append(_shown(name, answer))
            if all_or_none and answer.status >= 400:
                raise Halted


def _limited(requests: Any) -> list[dict[str, Any]]:
    if not isinstance(requests, list) or not requests:
        raise ApiError("JSON_PARSER_ERROR", "A list of requests is required")
    if len(requests) > MAX_REQUESTS:
        raise ApiError("LIMIT_EXCEEDED", f"No more than {MAX_REQUESTS} requests")
    return requests


def _sub(call: Call, method: str, url: str, body: Any) -> Call:
    parts = urlsplit(url)
    match = re.match(r"/services/data/v(\d+\.\d)/(.*)", parts.path)
    if match is None:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
    path = tuple(unquote(segment) for segment in match[2].split("/") if segment)
    text = b"" if body is None else json.dumps(body).encode()
    return Call(method.upper(), path, dict(parse_qsl(parts.query)), text, call.headers, match[1])


def _shown(name: str, answer: Answer) -> dict[str, Any]:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": name,
    }


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    """``value`` with every ``@{name.path}`` replaced by what that earlier answer holds."""
    if isinstance(value, dict):
        return {k: _filled(v, known) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, known) for v in value]
    if not isinstance(value, str):
        return value
    return _REFERENCE.sub(lambda match: str(_found(match, known)), value)


def _found(match: re.Match[str], known: Mapping[str, Any]) -> Any:
    here = known.get(match[1])
    for name, index in _STEP.findall(match[2]):
        try:
            here = here[int(index)] if index else here[name]  # type: ignore[index]
        except (KeyError, IndexError, TypeError) as error:
            raise ApiError(
                "PROCESSING_HALTED", f"Invalid reference specified. No value for {match[0]} found"
            ) from error
    return here
