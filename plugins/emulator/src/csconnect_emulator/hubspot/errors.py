"""HubSpot's error answers (vendor page "Error handling"), as one exception that a handler raises."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Refusal:
    """Why one property value was not accepted: the vendor's code, its sentence, and the property."""

    name: str
    code: str
    message: str


class ApiError(Exception):
    """An answer that is not a success. ``body`` is complete but for ``correlationId``, which `to_body` adds."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        context: Context | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = tuple(errors)
        self.context = dict(context or {})
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def to_body(self) -> dict[str, Any]:
        """The JSON body of a whole refused request."""
        body: dict[str, Any] = {"status": "error", "message": self.message, "correlationId": str(uuid.uuid4())}
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        if self.context:
            body["context"] = {name: list(values) for name, values in self.context.items()}
        if self.category:
            body["category"] = self.category
        return {**body, **self.extra}

    def to_part(self, context: Context) -> dict[str, Any]:
        """The same inside a 207 answer; ``context`` says which inputs it is about."""
        return {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": {name: list(values) for name, values in {**self.context, **context}.items()},
            "errors": [dict(error) for error in self.errors],
            "links": {},
        }


@dataclass
class Multi:
    """What went wrong for some inputs of a batch, collected for a 207 answer (status, category, message, context)."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def body(self, type_name: str) -> list[dict[str, Any]]:
        """Unknown ids are reported together in one error, as recorded traffic does; all else one by one."""
        if not self.missing:
            return self.parts
        text = f"Could not get some {type_name} objects, they may be deleted or not exist. Check that ids are valid."
        return [*self.parts, ApiError(404, "OBJECT_NOT_FOUND", text).to_part({"ids": self.missing})]


def invalid(message: str, *, context: Context | None = None, code: str = "") -> ApiError:
    """400 for a request that is wrong as such, not one of its property values."""
    errors = [{"message": message, "code": code}] if code else []
    return ApiError(400, "VALIDATION_ERROR", message, context=context, errors=errors)


def invalid_values(refusals: Iterable[Refusal]) -> ApiError:
    """400 for property values; the message embeds a JSON list, as the vendor's does (recorded)."""
    found = list(refusals)
    listed = [{"isValid": False, "message": r.message, "error": r.code, "name": r.name} for r in found]
    text = json.dumps(listed, ensure_ascii=False, separators=(",", ":"))
    errors = [{"message": r.message, "code": r.code, "context": {"propertyName": [r.name]}} for r in found]
    return ApiError(400, "VALIDATION_ERROR", f"Property values were not valid: {text}", errors=errors)


def not_found(what: str = "Object not found.  objectId are usually numeric.") -> ApiError:
    """404 for a record, property, pipeline or path that is not there."""
    return ApiError(404, "OBJECT_NOT_FOUND", what)


def conflict(message: str) -> ApiError:
    """409: it exists already."""
    return ApiError(409, "CONFLICT", message)


def unauthorized() -> ApiError:
    """401 without a token, or with one that nobody issued."""
    return ApiError(
        401,
        "INVALID_AUTHENTICATION",
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details"
        " at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    )


def expired(seconds: int, when: str) -> ApiError:
    """401 for an access token older than thirty minutes."""
    message = f"The OAuth token used to make this call expired {seconds} second(s) ago."
    return ApiError(401, "EXPIRED_AUTHENTICATION", message, context={"expire time": [when]})


def missing_scopes(needed: Iterable[str]) -> ApiError:
    """403 that names the scopes, of which one is enough (recorded: ``requiredGranularScopes``)."""
    detail = {
        "message": "One or more of the following scopes are required.",
        "context": {"requiredGranularScopes": sorted(needed)},
    }
    return ApiError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call."
        " Read more about required scopes here: https://developers.hubspot.com/scopes.",
        errors=[detail],
        extra={"links": {"scopes": "https://developers.hubspot.com/scopes"}},
    )


def rate_limited(policy: str, headers: Mapping[str, str]) -> ApiError:
    """429 in the documented shape; ``policy`` is TEN_SECONDLY_ROLLING or DAILY."""
    word = {"DAILY": "daily", "TEN_SECONDLY_ROLLING": "ten_secondly_rolling"}[policy]
    extra = {"errorType": "RATE_LIMIT", "policyName": policy, "requestId": str(uuid.uuid4())}
    return ApiError(429, "", f"You have reached your {word} limit.", extra=extra, headers=headers)


def search_limited(headers: Mapping[str, str]) -> ApiError:
    """429 of the search endpoints in the recorded shape, which names no policy."""
    return ApiError(429, "RATE_LIMITS", "You have reached your secondly limit.", headers=headers)
