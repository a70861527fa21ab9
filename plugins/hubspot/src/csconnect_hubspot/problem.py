"""What a HubSpot error body says, read leniently: every part of it is optional (vendor page "Error handling")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from csconnect.errors import ExternalError

SCOPE_CONTEXTS = ("requiredGranularScopes", "missingScopes", "requiredScopes")
LONGEST = 300


@dataclass(frozen=True)
class Problem:
    """One error: of a whole call, or of one input of a batch.

    ``code`` is the most precise word there is (``PROPERTY_DOESNT_EXIST``, else the category). ``context`` holds lists of
    text by name, for instance the ``ids`` it is about.
    """

    category: str = ""
    code: str = ""
    message: str = ""
    policy: str = ""
    scopes: tuple[str, ...] = ()
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, body: Any) -> Problem:
        """Never fails, whatever ``body`` is."""
        if not isinstance(body, dict):
            return cls()
        details = [detail for detail in _list(body.get("errors")) if isinstance(detail, dict)]
        contexts = [_context(part.get("context")) for part in (body, *details)]
        category = _text(body.get("category")) or _text(body.get("errorType"))
        codes = [code for code in (_text(detail.get("code")) for detail in details) if code]
        return cls(
            category=category,
            code=codes[0] if codes else _text(body.get("subCategory")) or category,
            message=_text(body.get("message"))[:LONGEST],
            policy=_text(body.get("policyName")),
            scopes=tuple(
                sorted({scope for part in contexts for name in SCOPE_CONTEXTS for scope in part.get(name, ())})
            ),
            context=contexts[0],
        )

    def about(self, *names: str) -> frozenset[str]:
        """The ids or keys that ``context`` lists under any of ``names``."""
        return frozenset(value for name in names for value in self.context.get(name, ()))


class Refused(ExternalError):
    """HubSpot said no to a whole call because of what was in it; nothing of it was done (statuses 400, 404, 409, 414)."""

    code = "E-REFUSED"
    # Not arguments of the constructor: the HTTP policy calls that again when it adds the place and masks secrets.
    status: int = 0
    problem: Problem = Problem()
    request_id: str = ""

    @classmethod
    def of(cls, status: int, problem: Problem, request_id: str = "") -> Refused:
        error = cls(
            f"HubSpot refused the call (status {status}, {problem.code or 'no code'}): {problem.message or 'no reason given'}",
            remedy="Mend what the message names",
        )
        error.status, error.problem, error.request_id = status, problem, request_id
        return error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _context(value: Any) -> dict[str, tuple[str, ...]]:
    """Lists of text by name; the documentation also shows a context that is one text with a list in it."""
    if isinstance(value, str):
        return {name: tuple(re.findall(r"[\w.\-]+", rest)) for name, rest in re.findall(r"(\w+)\W+\[([^\]]*)\]", value)}
    if not isinstance(value, dict):
        return {}
    return {
        str(name): tuple(str(one) for one in (many if isinstance(many, list) else [many]))
        for name, many in value.items()
    }
