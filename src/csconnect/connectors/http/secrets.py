"""Secrets: given by reference, never by value, and taken out of every text that leaves the program."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from csconnect.errors import CsconnectError, SecretError

MASK = "***"
SHORTEST = 4
"""Shorter texts are not scrubbed: masking every "a" hides the message, not the secret."""


def resolve_secret(reference: str, *, environ: Mapping[str, str], root: Path, where: str = "") -> SecretStr:
    """The secret that ``env:NAME`` or ``file:PATH`` stands for; a relative path is looked up from ``root``.

    Raises `SecretError` for anything else (without repeating it: it may be the secret itself) and for empty secrets.
    """
    scheme, _, name = reference.partition(":")
    if scheme == "env" and name:
        value = environ.get(name, "")
        missing = f"the environment variable {name} is not set"
    elif scheme == "file" and name:
        value, missing = _read(root / Path(name).expanduser()), f"the file {name} cannot be read or is empty"
    else:
        raise SecretError(
            "a secret stands here in the clear",
            where=where,
            remedy="Write env:NAME or file:PATH and keep the secret there",
        )
    if not value.strip():
        raise SecretError(missing, where=where, remedy="Provide the secret there")
    return SecretStr(value.strip())


def scrub(text: str, secrets: Iterable[str]) -> str:
    """``text`` with every secret masked, also where it stands URL-quoted, JSON-escaped or in base64."""
    for shape in sorted({shape for secret in secrets for shape in _shapes(secret)}, key=len, reverse=True):
        text = text.replace(shape, MASK)
    return text


def scrubbed(error: CsconnectError, secrets: Iterable[str]) -> CsconnectError:
    """The same error with its sentences scrubbed; a system may repeat in its answer what we sent."""
    known = list(secrets)
    error.__init__(  # type: ignore[misc]
        scrub(error.what, known),
        where=scrub(error.where, known),
        remedy=scrub(error.remedy, known),
        code=error.error_code,
    )
    return error


class Scrubber:
    """A structlog processor that masks the secrets it was told of in everything that is logged."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._secrets = frozenset(secrets)

    def add(self, secret: str) -> None:
        with self._lock:
            self._secrets = self._secrets | {secret}

    def __call__(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for name, value in event.items():
            event[name] = self._clean(value)
        return event

    def __repr__(self) -> str:
        return f"Scrubber({len(self._secrets)} secrets)"

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return scrub(value, self._secrets)
        if isinstance(value, Mapping):
            return {name: self._clean(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._clean(part) for part in value]
        if value is None or isinstance(value, (bool, int, float)):
            return value
        return scrub(str(value), self._secrets)


def _shapes(secret: str) -> set[str]:
    # A PEM key is repeated by servers without its line ends, so its lines are secrets too.
    parts = {part for part in (secret, *secret.splitlines()) if len(part) >= SHORTEST and not part.startswith("-----")}
    shapes = set(parts)
    for part in parts:
        shapes |= {quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1]}
        shapes.add(base64.b64encode(part.encode()).decode().rstrip("="))
    return {shape for shape in shapes if len(shape) >= SHORTEST}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
