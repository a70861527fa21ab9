"""Refusals of the Salesforce API, with the codes of the vendor page "Status Codes and Error Responses"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A refusal. For one record of a collection it is that record's result; else it is the whole answer."""

    def __init__(self, code: str, message: str, fields: Sequence[str] = (), *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status

    def answer(self) -> list[dict[str, Any]]:
        """The body of a refused request: always an array."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            body["fields"] = self.fields
        return [body]

    def result(self) -> dict[str, Any]:
        """One row's result in a collection: ``statusCode``, and no ``id`` (recorded traffic)."""
        error = {"statusCode": self.code, "message": self.message, "fields": self.fields}
        return {"success": False, "errors": [error]}


NOT_FOUND = "The requested resource does not exist"
HINT = "Please reference your WSDL or the describe call for the appropriate names."


def not_found(message: str = NOT_FOUND) -> ApiError:
    return ApiError("NOT_FOUND", message, status=404)


def no_column_in_write(name: str, object: str) -> ApiError:
    return ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {object}")
