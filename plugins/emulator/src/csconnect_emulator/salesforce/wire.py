"""A request and an answer of the REST API, apart from the web framework: composite requests are answered by the same code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csconnect_emulator.salesforce.errors import ApiError


@dataclass(frozen=True)
class Call:
    """One request. ``path`` holds the decoded segments after ``/services/data/vNN.0/``; header names are lower case."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    version: str = "59.0"

    def json(self) -> Any:
        """The body; JSON_PARSER_ERROR when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ApiError("JSON_PARSER_ERROR", f"Unexpected character in the body: {error}") from error

    def object(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        body = self.json()
        if not isinstance(body, dict):
            raise ApiError("JSON_PARSER_ERROR", "Can not deserialize SObject out of START_ARRAY token")
        return body


@dataclass(frozen=True)
class Answer:
    """One answer; ``body`` None sends none."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(error: ApiError) -> Answer:
    return Answer(error.status, error.answer())
