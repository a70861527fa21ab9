"""One answer of a system, as the policy and the judges see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csconnect.errors import DataError

REQUEST_ID_HEADERS = (
    "X-Request-Id",
    "Sfdc-Request-Id",
    "X-SFDC-Request-Id",
    "X-HubSpot-Correlation-Id",
    "X-Correlation-Id",
)


@dataclass(frozen=True)
class Answer:
    """``headers`` are looked up without regard to case; ``elapsed`` is in seconds; ``body`` is undecoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    request_id: str = ""
    elapsed: float = 0.0
    method: str = ""
    path: str = ""
    family: str = "default"
    """The endpoint family, so that a judge knows which budget the headers speak of."""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body read as JSON; `DataError` when it is something else, such as a maintenance page."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise DataError(
                f"the answer (status {self.status}) is not JSON",
                where=f"{self.method} {self.path.split('?', 1)[0]}".strip(),
                remedy="Something between us and the system may have answered in its place (proxy, maintenance page)",
            ) from None

    def data(self) -> Any:
        """The body read as JSON, or None when it is empty or something else; for judges, who must never fail."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def request_id(headers: Mapping[str, str]) -> str:
    """The id under which the system's support finds this call, or an empty text."""
    return next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), "")
